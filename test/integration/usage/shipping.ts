import { join } from 'node:path';
import { Shipper } from '../../../src/usage/shipper';
import type { LedgerFile } from '../../../src/usage/ledger-file';
import { createPostgresStore } from '../../../src/usage/postgres/postgres-store';
import { createSqliteUsage } from '../../../src/usage/sqlite/create';
import { temporaryDirectory } from '../../support/coturn';
import type { Postgres } from '../../support/postgres';
import { recordingLogger } from '../../unit/collectors/recording-logger';
import { hastyClock } from './kept-relay';
import { usageRecord } from './store-contract';

const A_COMMIT = 250;

/** An agent's file, and what brings its records to PostgreSQL. */
export class Shipping {
  readonly log = recordingLogger();
  /** The ids of all records that were committed. */
  readonly ids: string[] = [];
  shipper: Shipper;
  private readonly folder = temporaryDirectory();
  private commits = 0;
  private isStopped = false;
  readonly path = join(this.folder.path, 'usage.db');
  readonly file: LedgerFile = createSqliteUsage({ file: this.path, logger: this.log.logger }).ledger;

  private constructor(
    private readonly name: string,
    private readonly url: string,
  ) {
    this.shipper = this.create();
  }

  static async begin(name: string, { url }: Pick<Postgres, 'url'>): Promise<Shipping> {
    const shipping = new Shipping(name, url);
    await shipping.file.open();
    return shipping;
  }

  /** Puts so many more records into the file. */
  async commit(count: number): Promise<void> {
    for (let left = count; left > 0; left -= A_COMMIT) {
      const ids = Array.from({ length: Math.min(left, A_COMMIT) }, (_, i) => `${this.name}-${this.ids.length + i}`);
      const records = ids.map((id) => usageRecord(id, { server: this.name }));
      await this.file.commit({ number: ++this.commits, records, blocks: [], obsolete: [] });
      this.ids.push(...ids);
    }
  }

  /** As another run of the agent does. */
  async startAgain(): Promise<void> {
    await this.shipper.stop();
    this.shipper = this.create();
    await this.shipper.start();
  }

  async stop(): Promise<void> {
    if (!this.isStopped) await this.shipper.stop();
    this.isStopped = true;
  }

  async remove(): Promise<void> {
    await this.stop();
    await this.file.close();
    this.folder.remove();
  }

  private create(): Shipper {
    const { logger } = this.log;
    const store = createPostgresStore({ url: this.url, logger });
    return new Shipper({ file: this.file, store, clock: hastyClock, logger });
  }
}

/** The ids of an agent's records in the database, in the order in which they arrived. */
export async function arrived(postgres: Postgres, name: string): Promise<unknown[]> {
  const rows = await postgres.query(`SELECT id FROM turnkeeper_usage WHERE server = '${name}' ORDER BY place`);
  return rows.map(({ id }) => id);
}

export async function countIn(postgres: Postgres): Promise<number> {
  const [row] = await postgres.query('SELECT count(*) AS count FROM turnkeeper_usage');
  return Number(row?.['count']);
}
