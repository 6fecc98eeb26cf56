import { join } from 'node:path';
import { createPostgresStore } from '../../../src/usage/postgres/postgres-store';
import { Retention } from '../../../src/usage/retention';
import { createSqliteUsage } from '../../../src/usage/sqlite/create';
import type { UsageStore } from '../../../src/usage/usage-store';
import { temporaryDirectory } from '../../support/coturn';
import { eventually } from '../../support/eventually';
import { Postgres } from '../../support/postgres';
import { ManualClock } from '../../unit/collectors/manual-clock';
import { recordingLogger } from '../../unit/collectors/recording-logger';
import { usageRecord } from './store-contract';

const DAY_MS = 86_400_000;
const KEEP_DAYS = 400;
const MINUTE_MS = 60_000;
const BETWEEN_STEPS_MS = 100;
/** The agent's clock shows another time than the machine's: 2001. */
const NOW = Date.parse('2001-09-09T01:46:40Z');

const { logger, lines } = recordingLogger();
const folder = temporaryDirectory();
let postgres: Postgres;
let number = 0;

beforeAll(async () => {
  postgres = await Postgres.start();
});
afterAll(async () => {
  await postgres.remove();
  folder.remove();
});

const sqlite = (): UsageStore => createSqliteUsage({ file: join(folder.path, `${++number}.db`), logger }).store;
const inPostgres = (): UsageStore => createPostgresStore({ url: postgres.url, logger });

async function idsIn(store: UsageStore): Promise<string[]> {
  const ids: string[] = [];
  for await (const batch of store.records({})) ids.push(...batch.map(({ id }) => id));
  return ids;
}

describe.each([
  ['SQLite', sqlite],
  ['PostgreSQL', inPostgres],
])('in %s', (_, create) => {
  let store: UsageStore;
  let clock: ManualClock;
  let retention: Retention;

  beforeEach(async () => {
    await postgres.empty();
    lines.length = 0;
    store = create();
    await store.open();
    clock = new ManualClock();
    await clock.advance(NOW);
    retention = new Retention({ store, keepSeconds: (KEEP_DAYS * DAY_MS) / 1000, clock, logger });
    await retention.start();
  });
  afterEach(async () => {
    await retention.stop();
    await store.close();
  });

  const append = (prefix: string, count: number, endedAt: number): Promise<void> =>
    store.append(Array.from({ length: count }, (_, i) => usageRecord(`${prefix}-${i}`, { endedAt })));
  /** It has done what it could, and waits for the next step or the next minute. */
  const waits = (): Promise<void> => eventually('it waits', () => clock.waiting === 1);
  const oldest = NOW + MINUTE_MS - KEEP_DAYS * DAY_MS;

  test("what ended longer ago than it is to be kept is deleted, by the agent's clock, and nothing else", async () => {
    await append('old', 3, oldest - 1);
    await append('young', 2, oldest);
    await append('now', 1, NOW);
    await clock.advance(MINUTE_MS - 1);
    await waits();
    expect(await idsIn(store)).toHaveLength(6);
    await clock.advance(1);
    await waits();
    expect(await idsIn(store)).toEqual(['young-0', 'young-1', 'now-0']);
    await clock.advance(MINUTE_MS);
    await waits();
    expect(await idsIn(store)).toEqual(['now-0']);
  });

  test('much is deleted in steps of at most 500, with a pause after each, in which the store is free', async () => {
    await append('old', 1300, oldest - DAY_MS);
    await append('young', 1, NOW);
    const left: number[] = [];
    await clock.advance(MINUTE_MS);
    for (let step = 0; step < 3; step++) {
      await waits();
      left.push((await idsIn(store)).length);
      await append(`new-${step}`, 1, NOW);
      await clock.advance(BETWEEN_STEPS_MS);
    }
    expect(left).toEqual([801, 302, 3]);
  });

  test('a stop in the middle ends it after the step, and the next run goes on', async () => {
    await append('old', 1200, oldest - DAY_MS);
    await clock.advance(MINUTE_MS);
    await waits();
    await retention.stop();
    expect([(await idsIn(store)).length, clock.waiting]).toEqual([700, 0]);
    retention = new Retention({ store, keepSeconds: (KEEP_DAYS * DAY_MS) / 1000, clock, logger });
    await retention.start();
    await clock.advance(MINUTE_MS);
    await waits();
    await clock.advance(BETWEEN_STEPS_MS);
    await waits();
    expect(await idsIn(store)).toEqual([]);
  });
});

test('a store that is away is said to be, and what is old is deleted when it is back', async () => {
  await postgres.empty();
  const store = inPostgres();
  await store.open();
  await store.append([usageRecord('old', { endedAt: 0 })]);
  const clock = new ManualClock();
  await clock.advance(NOW);
  const retention = new Retention({ store, keepSeconds: 60, clock, logger });
  await retention.start();
  await postgres.stop();
  await clock.advance(MINUTE_MS);
  await eventually('it is said', () => lines.some(({ msg }) => msg.includes('could not be deleted')));
  await postgres.startAgain();
  await clock.advance(MINUTE_MS);
  await eventually('it is deleted', async () => (await idsIn(store)).length === 0);
  await retention.stop();
  await store.close();
});
