import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { AgentHome, isAlive } from '../support/agent';
import { loggedUsage, type LoggedUsage } from '../support/coturn-usage';
import { eventually } from '../support/eventually';
import { UCLIENT_FLAGS, uclient } from '../support/uclient';
import { relayedCall } from '../support/webrtc-call';

interface Record {
  readonly user_id: string;
  readonly settled: string;
  readonly end_reason: string;
  readonly allocations: number;
  readonly [column: string]: string | number;
}

let home: AgentHome;

beforeEach(async () => {
  home = await AgentHome.create();
});
afterEach(async () => {
  await home.remove();
});

function records(): Record[] {
  const file = join(home.dataDir, 'usage.db');
  if (!existsSync(file)) return [];
  const db = new Database(file, { readonly: true });
  try {
    return db.prepare('SELECT * FROM usage ORDER BY place').all() as Record[];
  } finally {
    db.close();
  }
}

async function recordOf(user: string): Promise<Record> {
  await eventually(`the session of ${user} has its record`, () => records().some(({ user_id: id }) => id === user));
  const found = records().filter(({ user_id: id }) => id === user);
  expect(found).toHaveLength(1);
  return found[0] as Record;
}

function countsOf(record: Record): LoggedUsage {
  const leg = (name: string): LoggedUsage['client'] => ({
    receivedPackets: Number(record[`${name}_received_packets`]),
    receivedBytes: Number(record[`${name}_received_bytes`]),
    sentPackets: Number(record[`${name}_sent_packets`]),
    sentBytes: Number(record[`${name}_sent_bytes`]),
  });
  return { client: leg('client'), peer: leg('peer') };
}

/** The same of a sum of the API. */
function sumCounts(sum: Record): LoggedUsage {
  const leg = (name: string): LoggedUsage['client'] => ({
    receivedPackets: Number(sum[`${name}ReceivedPackets`]),
    receivedBytes: Number(sum[`${name}ReceivedBytes`]),
    sentPackets: Number(sum[`${name}SentPackets`]),
    sentBytes: Number(sum[`${name}SentBytes`]),
  });
  return { client: leg('client'), peer: leg('peer') };
}

/** What the built program prints. */
function turnkeeper(...args: string[]): string {
  return execFileSync(process.execPath, [resolve('dist/main.js'), ...args], { encoding: 'utf8' });
}

/**
 * A run of uclient with a credential that was got before, so that no agent is needed for it. Over TCP: uclient leaves
 * its allocations to expire, but the end of its connection is theirs.
 */
async function prepared(user: string): Promise<{ start(messages: number): ReturnType<AgentHome['spawnClient']> }> {
  const { username, password } = await home.credential(user);
  return {
    start: (messages) => {
      const numbers = ['-m', 2, '-n', messages, '-l', 200, '-z', 5, '-p', home.ports.turn].map(String);
      const flags = ['-y', '-c', ...UCLIENT_FLAGS.tcp, ...numbers, '-u', username, '-w', password, '127.0.0.1'];
      return home.spawnClient('turnutils_uclient', flags);
    },
  };
}

const openings = (user: string): number => home.coturnLog().match(new RegExp(`new, .*:${user}>`, 'g'))?.length ?? 0;

/** Whether the log says that all of the user's allocations are gone. */
const isOver = (user: string): boolean => {
  const log = home.coturnLog();
  const deleted = log.match(new RegExp(`delete: .*:${user}>`, 'g'))?.length ?? 0;
  return openings(user) > 0 && deleted === openings(user);
};

test('a session that coturn ended by itself has one exact record, equal to what its log says', async () => {
  await home.start();
  await (
    await uclient(home, 'alice', { transport: 'tcp' })
  ).done;
  const record = await recordOf('alice');
  expect(record).toMatchObject({ settled: 'exact', relayed: 1, transports: 'tcp', realm: 'localhost' });
  expect(countsOf(record)).toEqual(loggedUsage(home.coturnLog(), 'alice'));
});

test('after a libwebrtc call and a run of uclient, turnkeeper usage says what coturn logged of each', async () => {
  await home.start();
  const { iceServers } = await home.credential('alice');
  const overUdp = iceServers.map((server) => ({ ...server, urls: server.urls.slice(0, 1) }));
  expect(await relayedCall(overUdp, 2_000_000)).toBe(2_000_000);
  await (
    await uclient(home, 'bob', { transport: 'tcp', messages: 200 })
  ).done;
  await recordOf('alice');
  await recordOf('bob');
  const usage = (...flags: string[]): string => turnkeeper('usage', '--group-by', 'user', '--url', home.url, ...flags);
  const sums = JSON.parse(`[${usage('--json').trim().split('\n').join(',')}]`) as Record[];
  expect(sums.map(({ user, sessions }) => [user, sessions])).toEqual([
    ['alice', 1],
    ['bob', 1],
  ]);
  for (const sum of sums) expect(sumCounts(sum)).toEqual(loggedUsage(home.coturnLog(), String(sum['user'])));
  expect(usage()).toMatch(/alice .*MB.*\n.*bob /);
});

test('a session that ended while no agent ran is recovered from the log, to the byte', async () => {
  const agent = await home.start();
  (await prepared('alice')).start(400);
  await eventually('the session is under way', () => openings('alice') > 0);
  await eventually('it is kept', () => keptRows() > 0);
  await agent.kill('SIGKILL');
  await eventually('it is over', () => isOver('alice'), 60_000);
  await home.start();
  const record = await recordOf('alice');
  expect(record.settled).toBe('recovered');
  expect(countsOf(record)).toEqual(loggedUsage(home.coturnLog(), 'alice'));
});

test('a session that began and ended while no agent ran is found in the log', async () => {
  const agent = await home.start();
  const alice = await prepared('alice');
  await agent.kill('SIGKILL');
  alice.start(20);
  await eventually('it is over', () => isOver('alice'), 60_000);
  await home.start();
  const record = await recordOf('alice');
  expect(record).toMatchObject({ settled: 'recovered', relayed: 1 });
  expect(countsOf(record)).toEqual(loggedUsage(home.coturnLog(), 'alice'));
});

test('a session that goes on while no agent runs, and ends afterwards, is filled from the totals', async () => {
  const agent = await home.start();
  (await prepared('alice')).start(1500);
  await eventually('it is kept', () => keptRows() > 0);
  await agent.kill('SIGKILL');
  await new Promise((resolve) => setTimeout(resolve, 2000));
  await home.start();
  await eventually('it is over', () => isOver('alice'), 60_000);
  const record = await recordOf('alice');
  expect(countsOf(record)).toEqual(loggedUsage(home.coturnLog(), 'alice'));
});

test('sessions that were open when coturn died are estimated, from all that it had told anyone', async () => {
  await home.start();
  (await prepared('alice')).start(100_000);
  const isCounted = (): boolean => loggedUsage(home.coturnLog(), 'alice').client.receivedPackets > 0;
  await eventually('coturn has told something of it', () => openings('alice') > 0);
  process.kill(home.coturnPid(), 'SIGKILL');
  const record = await recordOf('alice');
  expect(record).toMatchObject({ settled: 'estimated', end_reason: 'lost' });
  expect(countsOf(record)).toEqual(loggedUsage(home.coturnLog(), 'alice'));
  expect(isCounted()).toBe(record['client_received_packets'] !== 0);
});

test('agent and coturn may both die: what was open is estimated, what had ended is recovered', async () => {
  const agent = await home.start();
  const [alice, bob, carol] = [await prepared('alice'), await prepared('bob'), await prepared('carol')];
  alice.start(100_000);
  await eventually('it is kept', () => keptRows() > 0);
  const pid = home.coturnPid();
  await agent.kill('SIGKILL');
  bob.start(20);
  await eventually('the second is over', () => isOver('bob'), 60_000);
  carol.start(100_000);
  await eventually('the third is under way', () => openings('carol') > 0);
  process.kill(pid, 'SIGKILL');
  await eventually('coturn is gone', () => !isAlive(pid));
  await home.start();
  const log = home.coturnLog();
  for (const [user, settled] of [
    ['alice', 'estimated'],
    ['bob', 'recovered'],
    ['carol', 'estimated'],
  ] as const) {
    const record = await recordOf(user);
    expect([user, record.settled]).toEqual([user, settled]);
    expect([user, countsOf(record)]).toEqual([user, loggedUsage(log, user)]);
  }
});

test('a planned stop gives every session that is under way an exact record', async () => {
  const agent = await home.start();
  (await prepared('alice')).start(100_000);
  await eventually('it is under way', () => openings('alice') > 1);
  await agent.kill('SIGTERM');
  const record = await recordOf('alice');
  expect(record).toMatchObject({ settled: 'exact', end_reason: 'forced' });
  expect(countsOf(record)).toEqual(loggedUsage(home.coturnLog(), 'alice'));
});

/** Rows of open sessions and allocations that another run of the agent would begin with. */
function keptRows(): number {
  const file = join(home.dataDir, 'usage.db');
  if (!existsSync(file)) return 0;
  const db = new Database(file, { readonly: true });
  try {
    const blocks = db.prepare('SELECT text FROM blocks').all() as { text: string }[];
    return blocks.filter(({ text }) => text.includes('["a",')).length;
  } finally {
    db.close();
  }
}
