import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { eventually } from './eventually';
import { freePorts } from './free-ports';

const VERSIONS = '/usr/lib/postgresql';
const USER = 'turnkeeper';
const PASSWORD = 'password-of-the-tests';

/** Debian's binaries are not on the PATH. */
function binary(name: string): string {
  const newest =
    readdirSync(VERSIONS)
      .sort((a, b) => Number(a) - Number(b))
      .at(-1) ?? '';
  return join(VERSIONS, newest, 'bin', name);
}

/** Who runs it: PostgreSQL refuses root, and Debian's package made a user for it. */
function runner(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

/** A real PostgreSQL on a free loopback port, with an empty database; it may be stopped and started again. */
export class Postgres {
  readonly url: string;
  /** All that it logged. */
  log = '';
  private server: ChildProcess | undefined;

  private constructor(
    private readonly folder: string,
    private readonly port: number,
  ) {
    this.url = `postgres://${USER}:${PASSWORD}@127.0.0.1:${port}/postgres`;
  }

  static async start(): Promise<Postgres> {
    const [port = 0] = await freePorts(1);
    // Its user must reach the folder through every one above it.
    const folder = mkdtempSync('/tmp/turnkeeper-postgres-');
    const who = runner();
    if (who.uid !== undefined && who.gid !== undefined) chownSync(folder, who.uid, who.gid);
    const postgres = new Postgres(folder, port);
    const options = ['--auth=trust', '--no-sync', '--no-instructions', `--username=${USER}`, '--encoding=UTF8'];
    try {
      execFileSync(binary('initdb'), [...options, `--pgdata=${folder}/data`], { ...who, cwd: folder, stdio: 'pipe' });
      await postgres.startAgain();
    } catch (error) {
      await postgres.remove();
      throw error;
    }
    return postgres;
  }

  /** Resolves when it answers. */
  async startAgain(): Promise<void> {
    const settings = ['fsync=off', 'listen_addresses=127.0.0.1', `unix_socket_directories=${this.folder}`];
    const flags = settings.flatMap((setting) => ['-c', setting]);
    const server = spawn(binary('postgres'), ['-D', `${this.folder}/data`, '-p', String(this.port), ...flags], {
      ...runner(),
      cwd: this.folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    server.stderr.on('data', (data: Buffer) => (this.log += data.toString()));
    this.server = server;
    await eventually('PostgreSQL answers', () => this.query('SELECT 1').then(Boolean, () => false), 30_000);
  }

  /** The rows of a query on a connection of its own. */
  async query(sql: string): Promise<Record<string, unknown>[]> {
    const client = new Client({ connectionString: this.url });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  /** As it was at its start, for the next test. */
  async empty(): Promise<void> {
    await this.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
  }

  /** `SIGINT` breaks its connections and closes its files (fast shutdown), `SIGQUIT` breaks off. Resolves when it is gone. */
  async stop(signal: 'SIGINT' | 'SIGQUIT' = 'SIGINT'): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const gone = once(server, 'exit');
    server.kill(signal);
    await gone;
  }

  async remove(): Promise<void> {
    await this.stop('SIGQUIT');
    rmSync(this.folder, { recursive: true, force: true });
  }
}
