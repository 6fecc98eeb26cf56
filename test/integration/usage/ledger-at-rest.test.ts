import { join } from 'node:path';
import Database from 'better-sqlite3';
import { Relay } from '../../../src/turn/relay';
import { readKept } from '../../../src/usage/kept-state';
import { Ledger } from '../../../src/usage/ledger';
import { createSqliteUsage } from '../../../src/usage/sqlite/create';
import { temporaryDirectory } from '../../support/coturn';
import { eventually } from '../../support/eventually';
import { ManualClock } from '../../unit/collectors/manual-clock';
import { recordingLogger } from '../../unit/collectors/recording-logger';

const folder = temporaryDirectory();
const path = join(folder.path, 'usage.db');
const { logger } = recordingLogger();
const { ledger: file } = createSqliteUsage({ file: path, logger });
afterAll(async () => {
  await file.close();
  folder.remove();
});

test('where nothing happens nothing is written, whatever was written last', async () => {
  const clock = new ManualClock();
  const opened = await file.open();
  const kept = readKept([], { bootId: 'a', monotonic: 0, wall: 0 });
  const relay = new Relay({ lingerMs: 0, separator: ':', maxAllocations: 10, realms: ['r'] }, {});
  const ledger = new Ledger({ file, opened, kept, relay, clock, logger, bootId: 'a', witness: () => ({}) });
  const origin = relay.origins.add('here', 'here', 0);
  const second = async (): Promise<void> => {
    await eventually('the ledger waits', () => clock.waiting > 0);
    await clock.advance(1000);
  };
  const lastCommit = (): unknown => {
    const db = new Database(path, { readonly: true });
    const [last] = db.prepare('SELECT last_commit FROM ledger').pluck().all();
    db.close();
    return last;
  };
  await ledger.start();
  const endpoint = { transport: 'udp', remote: '192.0.2.1:1' } as const;
  const principal = (): { realm: string; username: string } => ({ realm: 'r', username: 'u' });
  relay.apply({ kind: 'new', origin, high: 0, low: 1, principal, lifetimeSeconds: 600, endpoint }, 0);
  await second();
  await eventually('the ledger waits', () => clock.waiting > 0);
  const after = lastCommit();
  for (let seconds = 0; seconds < 3; seconds++) await second();
  expect(after).toBeGreaterThan(0);
  expect(lastCommit()).toBe(after);
  relay.endOrigin(origin, 1);
  relay.advance(2);
  for (let seconds = 0; seconds < 2; seconds++) await second();
  await eventually('the ledger waits', () => clock.waiting > 0);
  const closed = lastCommit();
  for (let seconds = 0; seconds < 3; seconds++) await second();
  expect(closed).toBeGreaterThan(Number(after));
  expect(lastCommit()).toBe(closed);
  await ledger.stop();
});
