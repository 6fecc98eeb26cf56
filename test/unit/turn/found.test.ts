import { statusKey } from '../../../src/coturn/stats-channel';
import type { FoundEvent, Outcome } from '../../../src/turn/event';
import { StatsHarness, type Line } from '../../support/stats-harness';

const ID = '000000000000000001';
const DETAILS = 'type=TCP, local=127.0.0.1:3478, remote=192.0.2.1:1, ssl=NONE, cipher=NONE';
const PRINCIPAL = { realm: 'example.org', username: 'u' };
const ENDPOINT = { transport: 'tcp', remote: '192.0.2.1:1' } as const;

let harness: StatsHarness;
let line: Line;
const say = (kind: string, text: string): void => {
  line.publish(statusKey(PRINCIPAL, ID).replace(/status$/, kind), text);
};
const end = (): void => {
  say('status', 'deleted');
  say('total_traffic', 'rcvp=9, rcvb=900, sentp=0, sentb=0');
  say('total_traffic/peer', 'rcvp=0, rcvb=0, sentp=9, sentb=800');
};

/** The server, listed, has the allocation under way. */
function find(change: Partial<FoundEvent> = {}): Outcome {
  const { relay, servers, now } = harness;
  const origin = servers.originOfOnlyLife('127.0.0.1', 0, now);
  const id = { origin, high: 0, low: 1, principal: () => PRINCIPAL };
  return relay.apply(
    { kind: 'found', ...id, endpoint: ENDPOINT, ageSeconds: 100, lifetimeSeconds: 500, ...change },
    now,
  );
}

/** What of the totals moved, in its transport. */
function moved(): object {
  const { cells, realms } = harness.relay.totals;
  const [{ created, refreshed, open } = { created: -1, refreshed: -1, open: -1 }, ...others] = cells.filter(
    ({ realm, transport }) => realm === PRINCIPAL.realm && transport === 'tcp',
  );
  expect(others).toEqual([]);
  expect(open).toBe(harness.relay.openAllocations);
  return { created, refreshed, open, sessions: realms[0]?.sessions, users: realms[0]?.users };
}

beforeEach(() => {
  harness = new StatsHarness();
  harness.now = 1000;
  line = harness.line();
});

test('what is found is open in its transport, with its user and session, and neither created nor refreshed', () => {
  expect(find()).toBe('applied');
  expect(moved()).toEqual({ created: 0, refreshed: 0, open: 1, sessions: 1, users: 1 });
  expect(harness.relay.view.allocation(0, harness.now)).toMatchObject({ ...ENDPOINT, lifetimeSeconds: 500 });
});

test('it goes on when its server speaks, and ends with the duration of its whole life', () => {
  find();
  harness.pass(10);
  say('traffic', 'rcvp=1, rcvb=100, sentp=0, sentb=0');
  say('traffic/peer', 'rcvp=0, rcvb=0, sentp=1, sentb=90');
  end();
  harness.pass(11);
  expect(harness.counted()).toEqual([1, 100, 0, 0, 0, 0, 1, 90]);
  expect(harness.allocations()).toMatchObject([{ startedAt: -99_000, endedAt: 11_000, settled: 'exact' }]);
  expect(harness.sessions()).toMatchObject([{ startedAt: -99_000, allocations: 1, client: { receivedBytes: 900 } }]);
});

test('a session begins with the oldest of what is found of it, in whatever order', () => {
  for (const [low, ageSeconds] of [20, 300, 5].entries()) find({ low, ageSeconds });
  harness.servers.ended('127.0.0.1/0', harness.now);
  line.close();
  harness.pass(11);
  expect(harness.sessions()).toMatchObject([{ allocations: 3, startedAt: 1000 - 300_000 }]);
});

test.each([
  ['expired', 499],
  ['closed', 490],
])('the listed lifetime tells whether it %s', (reason, seconds) => {
  find();
  harness.pass(seconds);
  end();
  expect(harness.allocations()).toMatchObject([{ reason }]);
});

test('what a message told of before is not there twice, and gets the transport and age of the listing', () => {
  say('traffic', 'rcvp=1, rcvb=100, sentp=0, sentb=0');
  say('traffic/peer', 'rcvp=0, rcvb=0, sentp=1, sentb=90');
  harness.pass(1);
  find();
  expect(moved()).toEqual({ created: 0, refreshed: 0, open: 1, sessions: 1, users: 1 });
  end();
  expect(harness.counted()).toEqual([1, 100, 0, 0, 0, 0, 1, 90]);
  expect(harness.allocations()).toMatchObject([{ transport: 'tcp', startedAt: 2000 - 100_000 }]);
});

test('what began before our eyes is left as it is', () => {
  say('status', `new lifetime=600, ${DETAILS}`);
  find();
  expect(moved()).toEqual({ created: 1, refreshed: 0, open: 1, sessions: 1, users: 1 });
  expect(harness.relay.view.allocation(0, harness.now).lifetimeSeconds).toBe(600);
});

test('a listing that overtakes the word of its beginning makes no second one of it, and it counts as created once', () => {
  find({ ageSeconds: 0 });
  for (let i = 0; i < 2; i++) say('status', `new lifetime=600, ${DETAILS}`);
  expect(moved()).toEqual({ created: 1, refreshed: 0, open: 1, sessions: 1, users: 1 });
  end();
  expect(harness.counted()).toEqual([9, 900, 0, 0, 0, 0, 9, 800]);
});

test('what has ended since it was listed does not come back', () => {
  end();
  harness.pass(4);
  expect(find()).toBe('applied');
  expect(moved()).toMatchObject({ open: 0, users: 0 });
  expect(harness.allocations()).toHaveLength(1);
});

test('what is ending while it is found ends', () => {
  say('status', 'deleted');
  find();
  say('total_traffic', 'rcvp=9, rcvb=900, sentp=0, sentb=0');
  say('total_traffic/peer', 'rcvp=0, rcvb=0, sentp=9, sentb=800');
  expect(moved()).toMatchObject({ open: 0, users: 0 });
  expect(harness.allocations()).toMatchObject([{ settled: 'exact' }]);
});

test('beyond the limit nothing is taken up', () => {
  for (let low = 0; low < 10_000; low++) find({ low });
  expect(find({ low: 10_000 })).toBe('full');
  expect(harness.relay.openAllocations).toBe(10_000);
});
