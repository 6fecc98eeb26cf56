import { join } from 'node:path';
import { pino } from 'pino';
import { abnormalEnd } from '../../../src/turn/abnormal-end';
import { CLOSE_REASONS } from '../../../src/turn/fact';
import type { UsageRecord } from '../../../src/turn/usage-record';
import { createPostgresStore } from '../../../src/usage/postgres/postgres-store';
import { createSqliteUsage } from '../../../src/usage/sqlite/create';
import type { UsageStore } from '../../../src/usage/usage-store';
import { temporaryDirectory } from '../../support/coturn';
import { Postgres } from '../../support/postgres';
import { turnkeeper } from '../cli/turnkeeper';
import { closeAll, startServer } from '../http/harness';
import { usageRecord } from '../usage/store-contract';

const logger = pino({ enabled: false });
/** Every reason, with and without an answer, and with nothing sent. */
const RECORDS: readonly UsageRecord[] = CLOSE_REASONS.flatMap((endReason) => [
  usageRecord(`${endReason}-answered`, { endReason }),
  usageRecord(`${endReason}-unanswered`, { endReason, peerReceivedPackets: 0, peerReceivedBytes: 0 }),
  usageRecord(`${endReason}-unused`, { endReason, peerReceivedPackets: 0, peerSentPackets: 0 }),
]);
const ABNORMAL = RECORDS.filter((record) => abnormalEnd(record) !== undefined).map(({ id }) => id);

const folder = temporaryDirectory();
let postgres: Postgres;
let sqlite: UsageStore;
let shared: UsageStore;

beforeAll(async () => {
  postgres = await Postgres.start();
  sqlite = createSqliteUsage({ file: join(folder.path, 'usage.db'), logger }).store;
  shared = createPostgresStore({ url: postgres.url, logger });
  for (const store of [sqlite, shared]) {
    await store.open();
    await store.append(RECORDS);
  }
});

afterAll(async () => {
  await sqlite.close();
  await shared.close();
  await postgres.remove();
  folder.remove();
});
afterEach(closeAll);

test('lost, killed and unanswered are abnormal, each session one of them, and nothing else is', () => {
  const ends = Object.fromEntries(RECORDS.map((record) => [record.id, abnormalEnd(record)]));
  expect(ends).toMatchObject({
    'lost-answered': 'lost',
    'stale-unused': 'lost',
    'superseded-unanswered': 'lost',
    'forced-unanswered': 'killed',
    'client-unanswered': 'unanswered',
    'expired-unanswered': 'unanswered',
    'closed-unanswered': 'unanswered',
    'client-answered': undefined,
    'client-unused': undefined,
    'expired-unused': undefined,
  });
  expect(ABNORMAL).toHaveLength(4 * 3 + 3);
});

test('SQLite and PostgreSQL find the same records as the rule, and sum those up', async () => {
  for (const store of [sqlite, shared]) {
    const ids: string[] = [];
    for await (const batch of store.records({ abnormal: true })) ids.push(...batch.map(({ id }) => id));
    expect(ids).toEqual(ABNORMAL);
    for await (const [sum] of store.sums({ abnormal: true, groupBy: ['user'], timeZone: 'UTC' })) {
      expect(sum?.sessions).toBe(ABNORMAL.length);
    }
  }
});

test('GET /v1/usage?abnormal=true gives them, false gives all, and anything else is refused', async () => {
  const url = (await startServer({ usage: sqlite })).url();
  const ask = async (abnormal: string): Promise<unknown> =>
    (await fetch(`${url}/v1/usage?abnormal=${abnormal}`)).json();
  const idsOf = async (abnormal: string): Promise<string[]> =>
    ((await ask(abnormal)) as { records: { id: string }[] }).records.map(({ id }) => id);
  expect(await idsOf('true')).toEqual(ABNORMAL);
  expect(await idsOf('false')).toHaveLength(RECORDS.length);
  expect(await ask('yes')).toHaveProperty('error.message', expect.stringContaining('abnormal'));
});

test('turnkeeper usage --abnormal lists them by id, and says how they ended', async () => {
  const url = (await startServer({ usage: sqlite })).url();
  const { stdout, status } = await turnkeeper(['usage', '--abnormal', '--url', url], { columns: 200 });
  const [header = '', ...rows] = stdout.trimEnd().split('\n');
  expect(status).toBe(0);
  expect(header).toMatch(/^ENDED +ID +HOW +USER /);
  expect(rows.map((row) => row.split(/ {2,}/)[1])).toEqual(ABNORMAL);
  expect(stdout).toMatch(/client-unanswered +unanswered +alice/);
  expect(stdout).toMatch(/forced-answered +killed +alice/);
});
