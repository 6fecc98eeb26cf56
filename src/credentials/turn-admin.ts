import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf, systemCode, UserError } from '../lib/errors';
import type { Logger } from '../lib/logger';
import type { UserDatabase } from './user-database';
import { useWriteAhead } from './write-ahead';

const run = promisify(execFile);

const LIMIT_MS = 10_000;
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;
/** Only such a file is deleted: what turnadmin logs about a run nobody reads, and it leaves one behind each time. */
const OWN_LOG = /^turn_\d+_[\d-]+\.log$/;

export interface TurnAdminOptions {
  /** coturn's program; turnadmin stands beside it, or in the search path. */
  readonly coturn: string;
  readonly database: UserDatabase;
  readonly realm: string;
  readonly logger: Logger;
}

/**
 * coturn's user database, through turnadmin: coturn reads it at each authentication, so what changes counts at once. Each
 * call rejects with a UserError `unavailable` where the database can't be used. turnadmin ends with 0 even then (4.6.1):
 * its output is what is checked, and whoever adds or removes something looks afterwards whether it is there. It takes
 * secrets as arguments, which other users of the machine can see for the milliseconds that it runs.
 */
export class TurnAdmin {
  private readonly program: string;
  private prepared: Promise<void> | undefined;

  constructor(private readonly options: TurnAdminOptions) {
    const beside = join(dirname(options.coturn), 'turnadmin');
    this.program = basename(options.coturn) !== options.coturn && existsSync(beside) ? beside : 'turnadmin';
  }

  async secrets(): Promise<readonly string[]> {
    return await this.list(['-S']);
  }

  async addSecret(secret: string): Promise<void> {
    await this.call(['-s', secret]);
  }

  async removeSecret(secret: string): Promise<void> {
    await this.call(['-X', secret]);
  }

  async users(): Promise<readonly string[]> {
    return await this.list(['-l']);
  }

  async addUser(name: string, password: string): Promise<void> {
    await this.call(['-a', '-u', name, '-p', password]);
  }

  async removeUser(name: string): Promise<void> {
    await this.call(['-d', '-u', name]);
  }

  /** Lines such as `alice[turn.example.org]`. */
  private async list(command: readonly string[]): Promise<string[]> {
    const end = `[${this.options.realm}]`;
    const lines = (await this.call(command)).split('\n');
    return lines.filter((line) => line.endsWith(end)).map((line) => line.slice(0, -end.length));
  }

  private async call(command: readonly string[]): Promise<string> {
    const { database, realm } = this.options;
    this.prepared ??= this.prepare();
    await this.prepared;
    const output = await this.output([...command, '-r', realm, ...database.flag]);
    await deleteLogs(output);
    const fault = /ERROR: (.*)/.exec(output)?.[1];
    if (fault === undefined) return output;
    throw new UserError(
      'unavailable',
      `coturn's user database can't be used (${fault}): see coturn.extra and dataDir.`,
    );
  }

  private async prepare(): Promise<void> {
    const { file } = this.options.database;
    if (file === undefined) return;
    await useWriteAhead(file).catch((error: unknown) => {
      this.prepared = undefined; // With the next call again.
      this.options.logger.warn({ file, why: messageOf(error) }, "coturn's user database could not be prepared");
    });
  }

  private async output(args: readonly string[]): Promise<string> {
    try {
      const { stdout, stderr } = await run(this.program, [...args], { timeout: LIMIT_MS, maxBuffer: MAX_OUTPUT_BYTES });
      return stdout + stderr;
    } catch (error) {
      // The message of a failed run quotes the arguments.
      const why =
        systemCode(error) === 'ENOENT' ? 'it is not installed' : `it failed, ${systemCode(error) ?? 'unknown'}`;
      throw new UserError('unavailable', `turnadmin, a part of coturn, can't be run: ${why}.`);
    }
  }
}

/** One that can't be deleted stays. */
async function deleteLogs(output: string): Promise<void> {
  const paths = Array.from(output.matchAll(/log file opened: (\/.*)/g), ([, path = '']) => path);
  const own = paths.filter((path) => OWN_LOG.test(basename(path)));
  await Promise.allSettled(own.map((path) => rm(path, { force: true })));
}
