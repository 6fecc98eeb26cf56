import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { UsageStore } from '../../../src/usage/usage-store';
import { createSqliteUsage } from '../../../src/usage/sqlite/create';
import { UsageToday } from '../../../src/usage/usage-today';
import { temporaryDirectory } from '../../support/coturn';
import { eventually } from '../../support/eventually';
import { recordingLogger } from '../../unit/collectors/recording-logger';
import { hastyClock } from './kept-relay';
import { usageRecord } from './store-contract';

const DAY = 86_400_000;
const NOON = Date.parse('2026-11-21T12:00:00Z');
/** On both legs of one of these records. */
const BYTES = 16;

const folder = temporaryDirectory();
const file = join(folder.path, 'usage.db');
const { logger } = recordingLogger();
let store: UsageStore;
let today: UsageToday;
let now: number;

beforeEach(async () => {
  now = NOON;
  ({ store } = createSqliteUsage({ file, logger }));
  await store.open();
  today = new UsageToday({ store, ownerOf: (user) => user, clock: { ...hastyClock, now: () => now }, logger });
  await today.start();
});
afterEach(async () => {
  await today.stop();
  await store.close();
  removeFile();
});
afterAll(() => {
  folder.remove();
});

function removeFile(): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
}

async function append(...ids: readonly string[]): Promise<void> {
  await store.append(ids.map((id) => usageRecord(id, { endedAt: now })));
}

const counts = (records: number): Promise<void> =>
  eventually(`${records} records of today are counted`, () => today.of('alice') === records * BYTES);

test('a day counts what ended in it, and midnight begins the next', async () => {
  await append('a', 'b');
  await counts(2);
  now += DAY / 2;
  await counts(0);
  await append('c');
  await counts(1);
});

test('a clock that is set forward by a day and back gives nobody the quota of the day once more', async () => {
  await append('a', 'b');
  await counts(2);
  now += DAY;
  await append('c');
  await counts(1);
  now -= DAY;
  await counts(2);
});

test('a machine that boots with the clock of yesterday has counted its day once the clock is right', async () => {
  await append('a', 'b');
  now -= DAY;
  await append('before');
  await counts(1);
  now += DAY;
  await counts(2);
});

test('a ledger that was begun anew is counted from its first record on', async () => {
  await append('a', 'b', 'c');
  await counts(3);
  await store.close();
  removeFile();
  await store.open();
  await append('d');
  await counts(1);
});
