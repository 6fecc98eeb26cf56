import type { PoolClient } from 'pg';
import type { UsageRecord } from '../../turn/usage-record';
import type { AgentName, Beat, SharedSessions } from '../open-sessions/shared-sessions';
import { OPEN } from './open-sessions-sql';
import { PostgresPool, type PostgresPoolOptions } from './postgres-pool';
import { arraysOf, FORGET_OPEN, GIVE_WAY, LOCK } from './postgres-schema';

/** Apart from the store's: who reads much usage keeps no sign of life back. One beats, one settles. */
const CONNECTIONS = 2;
const BATCH = 500;

/** The tables are made by the usage store. Throws nothing: the database may be away. */
export function createSharedSessions(options: Omit<PostgresPoolOptions, 'connections'>): SharedSessions {
  return new PostgresSharedSessions(new PostgresPool({ ...options, connections: CONNECTIONS }));
}

class PostgresSharedSessions implements SharedSessions {
  constructor(private readonly pool: PostgresPool) {}

  beat({ agent, server, registryId }: AgentName): Promise<'known' | 'new'> {
    const name = [agent, server, registryId];
    return this.pool.transaction(async (client) => {
      const { rowCount } = await client.query(OPEN.beat, name);
      if (rowCount === 1) return 'known';
      await client.query(OPEN.dropFormer, name);
      await client.query(OPEN.introduce, name);
      return 'new';
    });
  }

  async publish(agent: string, records: readonly UsageRecord[]): Promise<void> {
    await this.pool.transaction(async (client) => {
      // While no record is appended: one that comes meanwhile would leave its session open here.
      await client.query('SELECT pg_advisory_xact_lock_shared($1)', [LOCK.append]);
      await client.query(OPEN.publish, [...arraysOf(records), agent]);
    });
  }

  async beats(): Promise<readonly Beat[]> {
    const { rows } = await this.pool.query<Record<'agent' | 'server' | 'registry_id' | 'beat', string>>(OPEN.beats);
    return rows.map(({ registry_id: registryId, ...row }) => ({ ...row, registryId }));
  }

  settleSome({ agent, beat }: Beat, by: string): Promise<{ settled: number; isOver: boolean }> {
    return this.pool.transaction(async (client) => {
      await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK.append]);
      // Held until the end: a sign of life comes before or after.
      const { rowCount: isGone } = await client.query(OPEN.lockSilent, [agent, beat]);
      if (isGone !== 1) return { settled: 0, isOver: true };
      const { rows } = await client.query<{ id: string }>(OPEN.someOf, [agent, BATCH]);
      if (rows.length > 0) return { settled: await settle(client, rows, by), isOver: false };
      await client.query(OPEN.forget, [agent]);
      return { settled: 0, isOver: true };
    });
  }

  async leave(agent: string): Promise<void> {
    await this.pool.query(OPEN.leave, [agent]);
  }

  async close(): Promise<void> {
    await this.pool.close();
  }
}

/** Gives how many records that made. */
async function settle(client: PoolClient, rows: readonly { readonly id: string }[], by: string): Promise<number> {
  const ids = rows.map(({ id }) => id);
  await client.query(GIVE_WAY, [ids]);
  const { rowCount } = await client.query(OPEN.settle, [ids, by]);
  await client.query(FORGET_OPEN, [ids]);
  return rowCount ?? 0;
}
