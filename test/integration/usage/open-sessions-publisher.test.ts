import { join } from 'node:path';
import { Publisher } from '../../../src/usage/open-sessions/publisher';
import { createSharedSessions } from '../../../src/usage/postgres/open-sessions';
import { createPostgresStore } from '../../../src/usage/postgres/postgres-store';
import { Shipper } from '../../../src/usage/shipper';
import { temporaryDirectory } from '../../support/coturn';
import { eventually } from '../../support/eventually';
import { Postgres } from '../../support/postgres';
import { recordingLogger } from '../../unit/collectors/recording-logger';
import { hastyClock, KeptRelay } from './kept-relay';

const AWAY = 'the fleet does not see the open sessions of this agent now';
let postgres: Postgres;
let folder: ReturnType<typeof temporaryDirectory>;
const publishing: Publishing[] = [];

/** An agent's ledger, what ships its records, and what shows its open sessions. */
interface Publishing {
  readonly kept: KeptRelay;
  readonly log: ReturnType<typeof recordingLogger>;
  stop(): Promise<void>;
}

beforeAll(async () => {
  postgres = await Postgres.start();
});
afterAll(async () => {
  await postgres.remove();
});
beforeEach(async () => {
  await postgres.empty();
  folder = temporaryDirectory();
});
afterEach(async () => {
  for (const one of publishing.splice(0)) await one.stop();
  folder.remove();
});

async function begin(): Promise<Publishing> {
  const kept = await KeptRelay.open(join(folder.path, 'usage.db'));
  const log = recordingLogger();
  const { logger } = log;
  const { url } = postgres;
  const clock = hastyClock;
  const shipper = new Shipper({ file: kept.file, store: createPostgresStore({ url, logger }), clock, logger });
  const place = { server: 'turn1', registryId: 'id1' };
  const shared = createSharedSessions({ url, logger });
  const { relay, ledger } = kept;
  const publisher = new Publisher({ shared, relay, ledger, place, everyMs: 1000, clock, logger });
  await publisher.start();
  await shipper.start();
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await kept.ledger.stop();
    await shipper.stop();
    await publisher.stop();
    await kept.file.close();
  };
  const one = { kept, log, stop: () => (stopped ??= stop()) };
  publishing.push(one);
  return one;
}

/** What the fleet sees: users, and what each has sent. */
async function seen(): Promise<Record<string, number>> {
  const rows = await postgres.query('SELECT user_id, client_received_bytes AS bytes FROM turnkeeper_open ORDER BY 1');
  return Object.fromEntries(rows.map(({ user_id, bytes }) => [String(user_id), Number(bytes)]));
}

async function isSeen(expected: Record<string, number>): Promise<void> {
  const text = JSON.stringify(expected);
  await eventually(`the fleet sees ${text}`, async () => JSON.stringify(await seen()) === text);
}

test('what is open is seen as it goes, and no more when its record has arrived', async () => {
  const { kept } = await begin();
  const alice = kept.open('alice', 100);
  kept.open('bob', 200);
  await isSeen({ alice: 100, bob: 200 });
  kept.open('bob', 50);
  kept.close(alice);
  await isSeen({ bob: 250 });
  expect(await postgres.query('SELECT user_id FROM turnkeeper_usage')).toEqual([{ user_id: 'alice' }]);
});

test('a session that nothing changes in is not written again', async () => {
  const { kept } = await begin();
  kept.open('alice', 100);
  await isSeen({ alice: 100 });
  const version = async (): Promise<unknown> => (await postgres.query('SELECT xmin, ctid FROM turnkeeper_open'))[0];
  const beat = async (): Promise<number> =>
    Number((await postgres.query('SELECT beat FROM turnkeeper_agent'))[0]?.['beat']);
  const [before, last] = [await version(), await beat()];
  await eventually('it has shown that it lives some times', async () => (await beat()) > last + 3);
  expect(await version()).toEqual(before);
});

test('while PostgreSQL is stopped the ledger goes on, and then the fleet sees all that is open, and nothing else', async () => {
  const { kept, log } = await begin();
  const alice = kept.open('alice', 100);
  await isSeen({ alice: 100 });
  log.lines.length = 0; // at the very first the tables were not there
  await postgres.stop();
  kept.close(alice);
  for (let i = 0; i < 1200; i++) kept.open(`u${i}`, 1);
  kept.open('bob', 300);
  await eventually('it is said', () => log.lines.some(({ msg }) => msg === AWAY));
  await kept.written();
  await postgres.startAgain();
  await eventually('all are seen', async () => Object.keys(await seen()).length === 1201, 30_000);
  expect(await seen()).toMatchObject({ bob: 300, u1199: 1 });
  expect(log.lines.filter(({ msg }) => msg === AWAY)).toHaveLength(1);
  expect(JSON.stringify(log.lines)).not.toContain('password-of-the-tests');
});

test('what was open before a restart of the agent is seen after it, also where the fleet had forgotten it', async () => {
  const first = await begin();
  first.kept.open('alice', 100);
  await isSeen({ alice: 100 });
  await first.stop();
  await isSeen({ alice: 100 });
  await postgres.query('DELETE FROM turnkeeper_agent');
  await begin();
  await isSeen({ alice: 100 });
});

test('an agent that was taken for gone shows all that is open again with its next sign of life', async () => {
  const { kept } = await begin();
  kept.open('alice', 100);
  await isSeen({ alice: 100 });
  await postgres.query('DELETE FROM turnkeeper_agent');
  await isSeen({ alice: 100 });
});
