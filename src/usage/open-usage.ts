import { join } from 'node:path';
import type { Config } from '../config/schema';
import type { Clock } from '../lib/clock';
import { UserError } from '../lib/errors';
import type { Logger } from '../lib/logger';
import type { Service } from '../lib/services';
import type { Tracer } from '../lib/tracer';
import { readKept, type Kept, type Stamp } from './kept-state';
import type { LedgerFile, OpenedLedger } from './ledger-file';
import { Shipper } from './shipper';
import { createSqliteUsage } from './sqlite/create';
import { tracedLedgerFile, tracedStore } from './traced-usage';
import type { UsageStore } from './usage-store';

/** Where usage is kept, opened, with what another run of the agent left there. */
export interface OpenUsage {
  readonly file: LedgerFile;
  /** The file itself, or a database elsewhere. */
  readonly store: UsageStore;
  /** Brings records from the file to the store; undefined where they are one. */
  readonly shipper: Shipper | undefined;
  readonly opened: OpenedLedger;
  readonly kept: Kept;
}

export interface OpenUsageOptions {
  readonly config: Pick<Config, 'dataDir' | 'usage'>;
  readonly stamp: Stamp;
  readonly tracer: Tracer;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Throws UserError when the data directory's file can't be used. A database elsewhere may be away. */
export async function openUsage({ config, stamp, tracer, clock, logger }: OpenUsageOptions): Promise<OpenUsage> {
  const { dataDir, usage } = config;
  const path = join(dataDir, 'usage.db');
  const { ledger, store: local } = createSqliteUsage({ file: path, logger });
  const file = tracedLedgerFile(ledger, tracer);
  const opened = await file.open();
  const kept = await keptIn(path, file, opened, stamp);
  if (usage.store === 'sqlite') return { file, store: local, shipper: undefined, opened, kept };
  // Loaded only where it is used: that is a tenth of the start.
  const { createPostgresStore } = await import('./postgres/postgres-store.js');
  const store = tracedStore(createPostgresStore({ url: usage.store, logger }), tracer);
  return { file, store, shipper: new Shipper({ file, store, clock, logger }), opened, kept };
}

/**
 * Where the file is well and its blocks are not, neither SQLite nor the disk has lost anything: that is for somebody to
 * look at, and nothing is put aside. Rejects with a UserError then.
 */
async function keptIn(path: string, file: LedgerFile, { blocks }: OpenedLedger, stamp: Stamp): Promise<Kept> {
  try {
    return readKept(blocks, stamp);
  } catch (error) {
    await file.close();
    const advice =
      'move it away, with its -wal and -shm, and another one is begun; its records can be read where it is then';
    throw new UserError('bad_config', `What ${path} says of the open sessions is damaged: ${advice}.`, {
      cause: error,
    });
  }
}

/** Closes the file when everything that writes to it has stopped. */
export function fileService({ file }: OpenUsage): Service {
  return { name: 'usage', start: () => Promise.resolve(), stop: () => file.close() };
}
