import { cursorAt } from '../../../src/http/cursor';
import { recordJson } from '../../../src/http/serialize/json';
import type { RecordAnswer } from '../../../src/http/usage-schema';
import type { UsageRecord } from '../../../src/turn/usage-record';
import type { UsageSum } from '../../../src/usage/usage-store';
import { usageRecord } from '../usage/store-contract';
import { ask, closeAll, startServer, type Answer } from './harness';
import { usageFile, type UsageFile } from './usage-file';

const HOUR = 3_600_000;
const START = Date.parse('2026-03-28T01:00:00Z');
/** More than the store gives at once. */
const COUNT = 1203;

/** One an hour, from a Saturday on; the clocks of Berlin go forward on the 29th. */
function hourly(index: number): UsageRecord {
  return usageRecord(`turn1-1-${index}`, {
    endedAt: START + index * HOUR,
    userId: `user${index % 3}`,
    realm: index % 2 === 0 ? 'even' : '',
    server: index < 24 ? 'turn1' : 'turn2',
    clientReceivedBytes: index,
    relayed: index % 3 !== 0,
    durationSeconds: index / 1000,
  });
}
const RECORDS = Array.from({ length: COUNT }, (_, index) => hourly(index));

let file: UsageFile;
beforeAll(async () => {
  file = await usageFile(COUNT, hourly);
});
afterAll(() => file.remove());
afterEach(closeAll);

async function get(query: string, headers: Record<string, string> = {}): Promise<Answer> {
  return ask(`${(await startServer({ usage: file.store })).url()}/v1/usage${query}`, { headers });
}

interface Page {
  readonly records: readonly RecordAnswer[];
  readonly next?: string;
}

const recordsOf = async (query: string): Promise<readonly RecordAnswer[]> =>
  (JSON.parse((await get(query)).text) as Page).records;
const idsOf = async (query: string): Promise<string[]> => (await recordsOf(query)).map(({ id }) => id);
const sumsOf = async (query: string): Promise<readonly UsageSum[]> =>
  (JSON.parse((await get(query)).text) as { sums: readonly UsageSum[] }).sums;
const ids = (from: number, to: number): string[] => RECORDS.slice(from, to).map(({ id }) => id);

describe('records as JSON', () => {
  test('have the fields of the store, times as texts, and nothing that the store adds', async () => {
    const answer = await get('?limit=1');
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      vary: 'Accept',
    });
    const [record] = (JSON.parse(answer.text) as Page).records;
    expect(record).toEqual({
      ...RECORDS[0],
      startedAt: '2026-03-28T00:59:49.500Z',
      endedAt: '2026-03-28T01:00:00.000Z',
    });
  });

  test.each([1, 100, 401, 500, 501, 1202, 1203, 1204])('come each once over pages of %d', async (limit) => {
    const url = (await startServer({ usage: file.store })).url();
    const seen: string[] = [];
    let pages = 0;
    // Pages of one would be a thousand requests.
    const end = limit === 1 ? 20 : COUNT;
    for (let after = ''; seen.length < end; pages++) {
      const page = JSON.parse((await ask(`${url}/v1/usage?limit=${limit}${after}`)).text) as Page;
      expect(page.records.length).toBeLessThanOrEqual(limit);
      seen.push(...page.records.map(({ id }) => id));
      expect(page.next === undefined).toBe(seen.length === COUNT);
      after = `&after=${page.next ?? ''}`;
    }
    expect(seen).toEqual(ids(0, end));
    expect(pages).toBe(Math.ceil(end / limit));
  });

  test('are 1000 where no limit is said, and none is an empty page without a next', async () => {
    const page = JSON.parse((await get('')).text) as Page;
    expect([page.records.length, typeof page.next]).toEqual([1000, 'string']);
    expect((await get('?user=nobody')).text).toBe('{"records":[]}\n');
    expect((await get(`?after=${cursorAt('usage', 10 ** 9)}`)).text).toBe('{"records":[]}\n');
  });

  test('a page goes on also where records arrived and the filter leaves few', async () => {
    const url = (await startServer({ usage: file.store })).url();
    const page = async (query: string): Promise<Page> =>
      JSON.parse((await ask(`${url}/v1/usage?${query}`)).text) as Page;
    const first = await page('user=user2&limit=2');
    const second = await page(`user=user2&limit=2&after=${first.next ?? ''}`);
    expect([...first.records, ...second.records].map(({ id }) => id)).toEqual([2, 5, 8, 11].map((i) => `turn1-1-${i}`));
  });
});

describe('filters', () => {
  test.each([
    ['user=user1&limit=2', [1, 4]],
    ['realm=&limit=2', [1, 3]],
    ['server=turn2&limit=2', [24, 25]],
    ['user=user0&realm=even&limit=2', [0, 6]],
  ])('%s', async (query, expected) => {
    expect(await idsOf(`?${query}`)).toEqual(expected.map((i) => `turn1-1-${i}`));
  });

  test.each([
    ['from=2026-03-29&to=2026-03-30', 23, 47],
    // Midnight there is 23:00 UTC on the 28th, and 22:00 UTC on the 29th: a day of 23 hours.
    ['from=2026-03-29&to=2026-03-30&timeZone=Europe/Berlin', 22, 45],
    ['from=2026-03-29T00:00:00%2B05:45&to=2026-03-29T00:00:00Z', 18, 23],
    ['from=2026-03-29T00:00:00+05:45&to=2026-03-29T00:00:00Z', 18, 23],
    ['from=2026-03-28T19:00:00-05:00&to=2026-03-29T02:00Z&timeZone=Asia/Tokyo', 23, 25],
    ['from=2026-03-28T01:00:00.001Z&to=2026-03-28T03:00:00.001Z', 1, 3],
    ['to=1971-01-01', 0, 0],
    ['from=9999-12-31', 0, 0],
    ['from=2026-03-29&to=2026-03-29', 0, 0],
  ])('%s gives the records that ended from the one moment to before the other', async (query, from, to) => {
    expect(await idsOf(`?${query}`)).toEqual(ids(from, to));
  });
});

describe('sums', () => {
  const total = (records: readonly UsageRecord[], value: (record: UsageRecord) => number): number =>
    records.reduce((sum, record) => sum + value(record), 0);

  /** As an independent hand adds them up. */
  function sumOf(records: readonly UsageRecord[]): Partial<UsageSum> {
    return {
      sessions: records.length,
      relayedSessions: records.filter(({ relayed }) => relayed).length,
      allocations: 3 * records.length,
      durationSeconds: Math.round(total(records, ({ durationSeconds }) => durationSeconds * 1000)) / 1000,
      clientReceivedBytes: total(records, ({ clientReceivedBytes }) => clientReceivedBytes),
      peerSentPackets: 8 * records.length,
    };
  }

  test('by user equal the records', async () => {
    const expected = ['user0', 'user1', 'user2'].map((user) => ({
      user,
      ...sumOf(RECORDS.filter(({ userId }) => userId === user)),
    }));
    expect(await sumsOf('?groupBy=user')).toMatchObject(expected);
  });

  test('by day of Berlin have 23 hours on the day when the clocks go forward, and all of their zone otherwise', async () => {
    const days = await sumsOf('?groupBy=day&timeZone=Europe/Berlin');
    expect(days.slice(0, 3)).toMatchObject([
      { day: '2026-03-28', ...sumOf(RECORDS.slice(0, 22)) },
      { day: '2026-03-29', ...sumOf(RECORDS.slice(22, 45)) },
      { day: '2026-03-30', ...sumOf(RECORDS.slice(45, 69)) },
    ]);
    expect(days.reduce((sum, { sessions }) => sum + sessions, 0)).toBe(COUNT);
    const inUtc = await sumsOf('?groupBy=day');
    expect(inUtc[1]).toMatchObject({ day: '2026-03-29', ...sumOf(RECORDS.slice(23, 47)) });
  });

  test('by several keys have them in their order, and only what the filter leaves', async () => {
    const sums = await sumsOf('?groupBy=server,realm&to=2026-03-29T03:00:00Z');
    const keys = ['server', 'realm'] as const;
    expect(sums.map((sum) => [...keys.map((key) => sum[key]), sum.sessions])).toEqual([
      ['turn1', '', 12],
      ['turn1', 'even', 12],
      ['turn2', '', 1],
      ['turn2', 'even', 1],
    ]);
    expect(Object.keys(sums[0] ?? {}).slice(0, 3)).toEqual(['server', 'realm', 'sessions']);
    expect((await get('?groupBy=user&user=nobody')).text).toBe('{"sums":[]}\n');
  });

  test('of a day from a date to a date in one zone are the records between the two', async () => {
    const query = 'from=2026-03-29&to=2026-03-30&timeZone=Europe/Berlin';
    expect(await sumsOf(`?groupBy=day&${query}`)).toMatchObject([{ day: '2026-03-29', sessions: 23 }]);
  });
});

describe('the format', () => {
  test.each([
    ['', '*/*', 'application/json'],
    ['', 'application/x-ndjson', 'application/x-ndjson'],
    ['', 'text/csv', 'text/csv'],
    ['', 'text/csv;q=0.5, application/x-ndjson', 'application/x-ndjson'],
    ['', 'text/html', 'application/json'],
    ['', 'text/csv;q=0', 'application/json'],
    ['&format=csv', 'application/json', 'text/csv'],
    ['&format=ndjson', 'text/csv', 'application/x-ndjson'],
    ['&format=json', 'text/csv', 'application/json'],
  ])('of %j with Accept: %s is %s', async (query, accept, type) => {
    const { headers } = await get(`?limit=1${query}`, { accept });
    expect(headers['content-type']).toMatch(new RegExp(`^${type}; charset=utf-8`));
    expect(headers['content-disposition'] !== undefined).toBe(type === 'text/csv');
  });

  test('is the same for HEAD, without a body', async () => {
    const url = (await startServer({ usage: file.store })).url();
    for (const format of ['json', 'ndjson', 'csv']) {
      const path = `${url}/v1/usage?limit=5&format=${format}`;
      const [head, whole] = [await ask(path, { method: 'HEAD' }), await ask(path)];
      expect([head.status, head.text]).toEqual([200, '']);
      expect(head.headers['content-type']).toBe(whole.headers['content-type']);
      expect(whole.text).not.toBe('');
    }
  });
});

test('a record as JSON is what the stream of events and the table show', async () => {
  const [record] = await recordsOf('?limit=1');
  expect(record).toEqual(recordJson(hourly(0)));
});
