import type { Request } from 'express';
import type { AuditEntry } from '../credentials/audit-entry';
import type { AuditLog } from '../credentials/audit-log';
import { UserError } from '../lib/errors';
import type { Guard } from './guard';
import { RequestError } from './http-error';

/** What is asked for, without what became of it. */
export type Asked = Pick<AuditEntry, 'what' | 'user' | 'label' | 'ttlSeconds' | 'rotate'>;

/** Notes who asked for what about credentials, and what became of it. */
export class Audit {
  constructor(
    private readonly log: Pick<AuditLog, 'record'>,
    private readonly guard: Pick<Guard, 'ownerOf'>,
  ) {}

  /** For a request that the guard let pass. Gives what `work` gives, and throws what it throws. */
  async note<T>(request: Request, asked: Asked, work: () => T | Promise<T>): Promise<T> {
    const by = this.guard.ownerOf(request)?.name ?? 'local';
    const from = request.socket.remoteAddress;
    try {
      const result = await work();
      this.log.record({ ...asked, by, from, outcome: 'done' });
      return result;
    } catch (error) {
      this.log.record({ ...asked, by, from, outcome: 'refused', reason: reasonOf(error) });
      throw error;
    }
  }

  /** For a request that the guard turns away. */
  refused(request: Request, asked: Asked, error: unknown): void {
    const by = this.guard.ownerOf(request)?.name;
    const from = request.socket.remoteAddress;
    this.log.record({ ...asked, by, from, outcome: 'refused', reason: reasonOf(error) });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof UserError || error instanceof RequestError ? error.message : 'internal error';
}
