import { Pool, type PoolClient, type QueryResult, type QueryResultRow } from 'pg';
import { messageOf, systemCode, UserError } from '../../lib/errors';
import type { Logger } from '../../lib/logger';

export interface PostgresPoolOptions {
  /** `postgres://user:password@host:5432/database` */
  readonly url: string;
  /** At most so many at once. */
  readonly connections: number;
  /** How long PostgreSQL may take for one statement; a minute unless told otherwise. */
  readonly statementMs?: number;
  readonly logger: Logger;
}

const CONNECT_MS = 5_000;
const STATEMENT_MS = 60_000;
/** PostgreSQL ends a statement in time, and says so: who hears nothing by then is cut off from it. */
const SILENCE_MS = 5_000;

/**
 * Connections to PostgreSQL, made when they are needed. Whatever goes wrong with it is a UserError `unavailable`, which
 * does not hold the URL: that has a password.
 */
export class PostgresPool {
  private readonly pool: Pool;

  /** Throws nothing: the database may be away. */
  constructor({ url, connections, statementMs = STATEMENT_MS, logger }: PostgresPoolOptions) {
    this.pool = new Pool({
      connectionString: url,
      max: connections,
      connectionTimeoutMillis: CONNECT_MS,
      statement_timeout: statementMs,
      query_timeout: statementMs + SILENCE_MS,
      idle_in_transaction_session_timeout: STATEMENT_MS,
      application_name: 'turnkeeper',
    });
    // A connection that breaks would otherwise end the process: one that is in use tells its query as well.
    const onError = (error: unknown): void => {
      logger.debug({ why: messageOf(error) }, 'a connection to PostgreSQL broke');
    };
    this.pool.on('error', onError);
    this.pool.on('connect', (client) => {
      client.on('error', onError);
    });
  }

  /** To be released by who asks for it. */
  connect(): Promise<PoolClient> {
    return explained(() => this.pool.connect());
  }

  query<Row extends QueryResultRow>(sql: string, values: readonly unknown[] = []): Promise<QueryResult<Row>> {
    return explained(() => this.pool.query<Row>(sql, [...values]));
  }

  async transaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    return await explained(async () => {
      const client = await this.pool.connect();
      try {
        await client.query('BEGIN');
        const value = await work(client);
        await client.query('COMMIT');
        client.release();
        return value;
      } catch (error) {
        // Its transaction goes with it.
        client.release(true);
        throw error;
      }
    });
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}

export async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UserError) throw error;
    const what = [messageOf(error), systemCode(error)].filter((text) => text !== undefined && text !== '').join(', ');
    throw new UserError(
      'unavailable',
      `PostgreSQL (usage.store) can't be used now (${what}): start it, or correct it.`,
      {
        cause: error,
      },
    );
  }
}
