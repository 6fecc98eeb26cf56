import { createLogger } from '../../../src/lib/logger';
import type { Beat, SharedSessions } from '../../../src/usage/open-sessions/shared-sessions';
import { createSharedSessions } from '../../../src/usage/postgres/open-sessions';
import { createPostgresStore } from '../../../src/usage/postgres/postgres-store';
import type { UsageStore } from '../../../src/usage/usage-store';
import { Postgres } from '../../support/postgres';
import { usageRecord } from './store-contract';

const logger = createLogger('error', 'logfmt');
const GONE = { agent: 'gone', server: 'turn1', registryId: 'id1' };
const ESTIMATED = { endReason: 'lost', settled: 'estimated' } as const;
let postgres: Postgres;
let store: UsageStore;
let shared: SharedSessions;
const others: SharedSessions[] = [];

beforeAll(async () => {
  postgres = await Postgres.start();
});
afterAll(async () => {
  await postgres.remove();
});
beforeEach(async () => {
  await postgres.empty();
  store = createPostgresStore({ url: postgres.url, logger });
  await store.open();
  shared = another();
});
afterEach(async () => {
  await store.close();
  for (const one of others.splice(0)) await one.close();
});

function another(): SharedSessions {
  const one = createSharedSessions({ url: postgres.url, logger });
  others.push(one);
  return one;
}

const open = (count: number, bytes = 100): ReturnType<typeof usageRecord>[] =>
  Array.from({ length: count }, (_, i) => usageRecord(`gone-${i}`, { ...ESTIMATED, clientReceivedBytes: bytes }));

async function beatOf(agent: string): Promise<Beat> {
  const beat = (await shared.beats()).find((one) => one.agent === agent);
  if (!beat) throw new Error(`nothing is known of ${agent}`);
  return beat;
}

/** As a settler does; gives how many it settled. */
async function settle(by: string, gone: Beat, through = shared): Promise<number> {
  let settled = 0;
  for (let isOver = false; !isOver;) {
    const some = await through.settleSome(gone, by);
    settled += some.settled;
    ({ isOver } = some);
  }
  return settled;
}

const COLUMNS = 'id, settled, settled_by, client_received_bytes AS bytes';
const records = (): Promise<unknown[]> => postgres.query(`SELECT ${COLUMNS} FROM turnkeeper_usage ORDER BY place`);
const stillOpen = async (): Promise<unknown[]> => {
  const rows = await postgres.query('SELECT id FROM turnkeeper_open ORDER BY id');
  return rows.map(({ id }) => id);
};
const estimate = (i: number, bytes = 100, by = 'b'): object => ({
  id: `gone-${i}`,
  settled: 'estimated',
  settled_by: by,
  bytes: String(bytes),
});

test('open sessions are kept as they were last published, with every field of the record they become', async () => {
  expect(await shared.beat(GONE)).toBe('new');
  await shared.publish('gone', open(1, 7));
  await shared.publish('gone', [usageRecord('gone-0', { ...ESTIMATED, username: 'a\0b', clientReceivedBytes: 9 })]);
  expect(await shared.beat(GONE)).toBe('known');
  expect(await settle('b', await beatOf('gone'))).toBe(1);
  for await (const [record] of store.records({})) {
    const expected = usageRecord('gone-0', { ...ESTIMATED, username: 'a\ufffdb', clientReceivedBytes: 9 });
    expect(record).toEqual({ ...expected, place: 1 });
  }
  expect(await stillOpen()).toEqual([]);
  expect(await shared.beats()).toEqual([]);
});

test('five agents that settle the same thousands of sessions at once make one record of each', async () => {
  await shared.beat(GONE);
  for (let i = 0; i < 3; i++) await shared.publish('gone', open(3000).slice(i * 1000, (i + 1) * 1000));
  const gone = await beatOf('gone');
  const counts = await Promise.all(['b', 'c', 'd', 'e', 'f'].map((by) => settle(by, gone, another())));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(3000);
  expect(await postgres.query('SELECT count(*), count(DISTINCT id) AS ids FROM turnkeeper_usage')).toEqual([
    { count: '3000', ids: '3000' },
  ]);
});

test('an agent that has given a sign of life meanwhile keeps its sessions', async () => {
  await shared.beat(GONE);
  await shared.publish('gone', open(2));
  const before = await beatOf('gone');
  await shared.beat(GONE);
  expect(await settle('b', before)).toBe(0);
  expect(await stillOpen()).toEqual(['gone-0', 'gone-1']);
});

test('a session whose record has arrived is open no more, and does not become open again', async () => {
  await shared.beat(GONE);
  await shared.publish('gone', open(3));
  await store.append([usageRecord('gone-1', { clientReceivedBytes: 500 })]);
  expect(await stillOpen()).toEqual(['gone-0', 'gone-2']);
  await shared.publish('gone', open(3));
  expect(await stillOpen()).toEqual(['gone-0', 'gone-2']);
  expect(await settle('b', await beatOf('gone'))).toBe(2);
  expect(await records()).toContainEqual({ id: 'gone-1', settled: 'exact', settled_by: null, bytes: '500' });
});

test('publishing and records that arrive at the same time leave nothing open that has its record', async () => {
  await shared.beat(GONE);
  const publishing = (async (): Promise<void> => {
    for (let i = 0; i < 60; i++) await shared.publish('gone', open(60));
  })();
  for (let i = 0; i < 60; i++) await store.append([usageRecord(`gone-${i}`)]);
  await publishing;
  expect(await stillOpen()).toEqual([]);
});

test('the record of an agent that returns takes the place of what another made of it, once, and is read anew', async () => {
  await shared.beat(GONE);
  await shared.publish('gone', open(2));
  await settle('b', await beatOf('gone'));
  await store.append([usageRecord('gone-0', { settled: 'recovered', clientReceivedBytes: 123 })]);
  const own = { id: 'gone-0', settled: 'recovered', settled_by: null, bytes: '123' };
  expect(await records()).toEqual([estimate(1), own]);
  // From here on it never changes.
  await store.append([usageRecord('gone-0', { clientReceivedBytes: 4 })]);
  expect(await records()).toEqual([estimate(1), own]);
});

test('a session that goes on after it was settled, and is settled again, has one record, the later one', async () => {
  await shared.beat(GONE);
  await shared.publish('gone', open(1, 100));
  await settle('b', await beatOf('gone'));
  expect(await shared.beat(GONE)).toBe('new');
  await shared.publish('gone', open(1, 900));
  expect(await records()).toEqual([estimate(0, 100)]);
  expect(await settle('c', await beatOf('gone'))).toBe(1);
  expect(await records()).toEqual([estimate(0, 900, 'c')]);
});

test('what the ledger before left is dropped when an agent begins another, and nothing of anybody else', async () => {
  await shared.beat(GONE);
  await shared.publish('gone', open(2));
  const namesake = { ...GONE, agent: 'namesake', registryId: 'id2' };
  const twin = { ...GONE, agent: 'twin', server: 'turn2' };
  for (const one of [namesake, twin]) {
    await shared.beat(one);
    await shared.publish(one.agent, [usageRecord(`${one.agent}-0`, ESTIMATED)]);
  }
  expect(await shared.beat({ ...GONE, agent: 'renewed' })).toBe('new');
  expect(await stillOpen()).toEqual(['namesake-0', 'twin-0']);
  expect((await shared.beats()).map(({ agent }) => agent).sort()).toEqual(['namesake', 'renewed', 'twin']);
});

test('an agent that leaves with nothing open is forgotten; one that leaves sessions to its coturn is not', async () => {
  await shared.beat(GONE);
  await shared.publish('gone', open(1));
  await shared.leave('gone');
  expect(await shared.beats()).toMatchObject([GONE]);
  await store.append([usageRecord('gone-0')]);
  await shared.leave('gone');
  expect(await shared.beats()).toEqual([]);
});

test('tables of the first version get what is new, and their records stay', async () => {
  await store.append([usageRecord('a-1')]);
  await postgres.query(`DROP TABLE turnkeeper_open, turnkeeper_agent; ALTER TABLE turnkeeper_usage DROP settled_by;
    UPDATE turnkeeper_version SET version = 1`);
  await store.open();
  expect(await records()).toMatchObject([{ id: 'a-1', settled_by: null }]);
  expect(await shared.beat(GONE)).toBe('new');
});
