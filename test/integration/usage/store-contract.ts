import type { UsageRecord } from '../../../src/turn/usage-record';
import type { PlacedRecord, UsageStore, UsageSum } from '../../../src/usage/usage-store';

const HOUR = 3_600_000;
/** Saturday in UTC, 01:00. */
const START = Date.parse('2026-03-28T01:00:00Z');

export function usageRecord(id: string, changes: Partial<UsageRecord> = {}): UsageRecord {
  return {
    id,
    server: 'turn1',
    realm: 'example.org',
    userId: 'alice',
    username: '1795238008:alice',
    startedAt: START - 10_500,
    endedAt: START,
    durationSeconds: 10.5,
    allocations: 3,
    relayed: true,
    clientReceivedBytes: 1,
    clientReceivedPackets: 2,
    clientSentBytes: 3,
    clientSentPackets: 4,
    peerReceivedBytes: 5,
    peerReceivedPackets: 6,
    peerSentBytes: 7,
    peerSentPackets: 8,
    transports: ['udp', 'tls'],
    endReason: 'client',
    settled: 'exact',
    ...changes,
  };
}

async function all<T>(batches: AsyncIterable<readonly T[]>): Promise<T[]> {
  const found: T[] = [];
  for await (const batch of batches) found.push(...batch);
  return found;
}

/** The first batch, with the read ended: it would hold its connection. */
export async function firstOf<T>(batches: AsyncIterable<readonly T[]>): Promise<readonly T[]> {
  for await (const batch of batches) return batch;
  return [];
}

const ids = (records: readonly PlacedRecord[]): string[] => records.map(({ id }) => id);
const idsOf = async (store: UsageStore, query: Parameters<UsageStore['records']>[0]): Promise<string[]> =>
  ids(await all(store.records(query)));
const brief = (sums: readonly UsageSum[]): unknown[] =>
  sums.map(({ user, realm, server, day, sessions }) => [user ?? realm ?? server, day, sessions].filter(Boolean));

/** What every store of usage must do; `open` gives an empty one. */
export function testStoreContract(open: () => Promise<UsageStore>): void {
  let store: UsageStore;
  beforeEach(async () => {
    store = await open();
  });
  afterEach(async () => {
    await store.close();
  });

  test('gives back every field of a record as it was', async () => {
    const record = usageRecord('a-1', {
      userId: 'Jürgen 🦊 <"\'>',
      username: '=1+1:\u0001"; DROP TABLE usage; --',
      clientReceivedBytes: Number.MAX_SAFE_INTEGER,
      durationSeconds: 0.001,
      relayed: false,
      transports: [],
      endReason: 'lost',
      settled: 'estimated',
    });
    await store.append([record]);
    const [{ place, ...found } = { place: 0 }] = await all(store.records({}));
    expect(found).toEqual(record);
    expect(place).toBeGreaterThan(0);
  });

  test('keeps a record once, however often it comes, and as it came first', async () => {
    await store.append([usageRecord('a-1'), usageRecord('a-2')]);
    await store.append([usageRecord('a-2', { realm: 'other' }), usageRecord('a-3'), usageRecord('a-3')]);
    const records = await all(store.records({}));
    expect(ids(records)).toEqual(['a-1', 'a-2', 'a-3']);
    expect(records[1]?.realm).toBe('example.org');
  });

  test('gives records in the order in which they arrived, from a place on, as many as are asked for', async () => {
    const many = Array.from({ length: 1203 }, (_, i) => usageRecord(`a-${i}`, { endedAt: START - i }));
    await store.append(many);
    const batches: number[] = [];
    for await (const batch of store.records({})) batches.push(batch.length);
    expect(Math.max(...batches)).toBeLessThan(1000);
    const records = await all(store.records({}));
    expect(ids(records)).toEqual(ids(many.map((record) => ({ ...record, place: 0 }))));
    expect(await idsOf(store, { after: records[1199]?.place, limit: 2 })).toEqual(['a-1200', 'a-1201']);
    expect(await idsOf(store, { after: records.at(-1)?.place })).toEqual([]);
  });

  test('filters by time (the end counts, its last moment does not), user, realm and server', async () => {
    await store.append([
      usageRecord('a-1', { endedAt: START, userId: 'bob' }),
      usageRecord('a-2', { endedAt: START + HOUR, realm: 'r2' }),
      usageRecord('a-3', { endedAt: START + 2 * HOUR, server: 'turn2' }),
    ]);
    expect(await idsOf(store, { from: START, to: START + HOUR })).toEqual(['a-1']);
    expect(await idsOf(store, { from: START + 1 })).toEqual(['a-2', 'a-3']);
    expect(await idsOf(store, { to: START + 2 * HOUR })).toEqual(['a-1', 'a-2']);
    expect(await idsOf(store, { user: 'bob' })).toEqual(['a-1']);
    expect(await idsOf(store, { realm: 'r2' })).toEqual(['a-2']);
    expect(await idsOf(store, { server: 'turn2', user: 'alice' })).toEqual(['a-3']);
    expect(await idsOf(store, { from: START + 9 * HOUR })).toEqual([]);
  });

  test('adds up by user, in the order of names, exactly', async () => {
    const large = 2 ** 52;
    await store.append([
      usageRecord('a-1', { userId: 'Zoë', clientReceivedBytes: large, relayed: false }),
      usageRecord('a-2', { userId: 'alice', durationSeconds: 0.25 }),
      usageRecord('a-3', { userId: 'Zoë', clientReceivedBytes: large - 1, durationSeconds: 0.5 }),
    ]);
    const sums = await all(store.sums({ groupBy: ['user'], timeZone: 'UTC' }));
    expect(sums.map(({ user }) => user)).toEqual(['Zoë', 'alice']);
    expect(sums[0]).toEqual({
      user: 'Zoë',
      sessions: 2,
      relayedSessions: 1,
      allocations: 6,
      durationSeconds: 11,
      clientReceivedBytes: 2 * large - 1,
      clientReceivedPackets: 4,
      clientSentBytes: 6,
      clientSentPackets: 8,
      peerReceivedBytes: 10,
      peerReceivedPackets: 12,
      peerSentBytes: 14,
      peerSentPackets: 16,
    });
  });

  test('adds up by realm, by server, by several keys, and what a filter leaves', async () => {
    await store.append([
      usageRecord('a-1', { realm: 'r1', server: 's1' }),
      usageRecord('a-2', { realm: 'r1', server: 's2' }),
      usageRecord('a-3', { realm: 'r2', server: 's1', userId: 'bob' }),
    ]);
    const sums = async (query: Partial<Parameters<UsageStore['sums']>[0]>): Promise<UsageSum[]> =>
      all(store.sums({ groupBy: ['realm'], timeZone: 'UTC', ...query }));
    expect(brief(await sums({}))).toEqual([
      ['r1', 2],
      ['r2', 1],
    ]);
    expect(brief(await sums({ groupBy: ['server'] }))).toEqual([
      ['s1', 2],
      ['s2', 1],
    ]);
    expect(await sums({ groupBy: ['server', 'realm'] })).toMatchObject([
      { server: 's1', realm: 'r1', sessions: 1 },
      { server: 's1', realm: 'r2', sessions: 1 },
      { server: 's2', realm: 'r1', sessions: 1 },
    ]);
    expect(brief(await sums({ user: 'alice' }))).toEqual([['r1', 2]]);
    expect(await sums({ user: 'nobody' })).toEqual([]);
  });

  test('adds up by the label that rides in a user id, of all users', async () => {
    const users = ['alice#room-1', 'bob#room-1', 'alice#room-2', 'alice', 'eve#a#b'];
    await store.append(users.map((userId, i) => usageRecord(`label-${i}`, { userId })));
    const sums = await all(store.sums({ groupBy: ['label'], timeZone: 'UTC' }));
    expect(sums.map(({ label, sessions }) => [label, sessions])).toEqual([
      ['', 1],
      ['a#b', 1],
      ['room-1', 2],
      ['room-2', 1],
    ]);
  });

  test('adds up by the days of a time zone, also where one has 23 hours', async () => {
    const hours = Array.from({ length: 72 }, (_, hour) => usageRecord(`a-${hour}`, { endedAt: START + hour * HOUR }));
    await store.append(hours);
    const days = async (timeZone: string): Promise<unknown[]> =>
      brief(await all(store.sums({ groupBy: ['day'], timeZone })));
    expect(await days('UTC')).toEqual([
      ['2026-03-28', 23],
      ['2026-03-29', 24],
      ['2026-03-30', 24],
      ['2026-03-31', 1],
    ]);
    // The clocks go forward on the 29th.
    expect(await days('Europe/Berlin')).toEqual([
      ['2026-03-28', 22],
      ['2026-03-29', 23],
      ['2026-03-30', 24],
      ['2026-03-31', 3],
    ]);
    expect(await days('Asia/Kathmandu')).toEqual([
      ['2026-03-28', 18],
      ['2026-03-29', 24],
      ['2026-03-30', 24],
      ['2026-03-31', 6],
    ]);
  });

  test('adds up by the days of a zone that PostgreSQL knows as an abbreviation too, which has no summer', async () => {
    const ends = ['2026-01-10T22:30:00Z', '2026-01-10T23:30:00Z', '2026-07-11T21:30:00Z', '2026-07-11T22:30:00Z'];
    await store.append(ends.map((end, i) => usageRecord(`a-${i}`, { endedAt: Date.parse(end) })));
    expect(brief(await all(store.sums({ groupBy: ['day'], timeZone: 'CET' })))).toEqual([
      ['2026-01-10', 1],
      ['2026-01-11', 1],
      ['2026-07-11', 1],
      ['2026-07-12', 1],
    ]);
  });

  test('adds up thousands of groups in batches, none twice', async () => {
    const many = Array.from({ length: 4000 }, (_, i) => usageRecord(`a-${i}`, { userId: `u${i % 1700}` }));
    for (let at = 0; at < many.length; at += 500) await store.append(many.slice(at, at + 500));
    const sums = await all(store.sums({ groupBy: ['user'], timeZone: 'UTC' }));
    expect(sums).toHaveLength(1700);
    expect(new Set(sums.map(({ user }) => user)).size).toBe(1700);
    expect(sums.reduce((sum, { sessions }) => sum + sessions, 0)).toBe(4000);
  });

  test('can be read any number of times by consumers that stop early', async () => {
    await store.append(Array.from({ length: 1500 }, (_, i) => usageRecord(`a-${i}`, { userId: `u${i}` })));
    for (let i = 0; i < 20; i++) {
      for await (const batch of store.records({})) {
        expect(batch.length).toBeGreaterThan(0);
        break;
      }
      for await (const batch of store.sums({ groupBy: ['user'], timeZone: 'UTC' })) {
        expect(batch.length).toBeGreaterThan(0);
        break;
      }
    }
  });

  test('is read while it is written, and a follower that goes on after the last place misses nothing', async () => {
    const progress = { isDone: false };
    const write = (async (): Promise<void> => {
      for (let i = 0; i < 60; i++) await store.append([usageRecord(`a-${i}`), usageRecord(`b-${i}`)]);
      progress.isDone = true;
    })();
    const seen: PlacedRecord[] = [];
    for (let isLast = false; !isLast;) {
      isLast = progress.isDone;
      seen.push(...(await all(store.records({ after: seen.at(-1)?.place }))));
    }
    await write;
    expect(new Set(ids(seen)).size).toBe(120);
    expect(seen).toHaveLength(120);
  });

  test('deletes what ended before a time, in steps, and gives no place twice', async () => {
    const many = Array.from({ length: 10 }, (_, i) => usageRecord(`a-${i}`, { endedAt: START + i }));
    await store.append(many);
    const last = (await all(store.records({}))).at(-1)?.place ?? 0;
    expect(await store.deleteBefore(START + 7, 5)).toBe(5);
    expect(await store.deleteBefore(START + 7, 5)).toBe(2);
    expect(await store.deleteBefore(START + 7, 5)).toBe(0);
    expect(await store.deleteBefore(START + 10, 5)).toBe(3);
    await store.append([usageRecord('b-1')]);
    expect((await all(store.records({})))[0]?.place).toBeGreaterThan(last);
  });

  test('is empty at first', async () => {
    expect(await all(store.records({}))).toEqual([]);
    expect(await all(store.sums({ groupBy: ['user', 'day'], timeZone: 'Europe/Berlin' }))).toEqual([]);
  });
}
