import { statusKey } from '../../../src/coturn/stats-channel';
import { serverKey } from '../../../src/sources/statsdb/servers';
import { StatsHarness, type Line } from '../../support/stats-harness';

const ID = '000000000000000001';
const DETAILS = 'type=UDP, local=127.0.0.1:3478, remote=192.0.2.1:1, ssl=NONE, cipher=NONE';

let harness: StatsHarness;
let line: Line;
const say = (kind: string, text: string): void => {
  line.publish(statusKey({ realm: 'example.org', username: 'u' }, ID).replace(/status$/, kind), text);
};
const totals = (): void => {
  say('total_traffic', 'rcvp=1, rcvb=100, sentp=0, sentb=0');
  say('total_traffic/peer', 'rcvp=0, rcvb=0, sentp=0, sentb=0');
};

beforeEach(() => {
  harness = new StatsHarness();
  line = harness.line();
});

test.each([
  [
    'client',
    (): void => {
      say('status', `refreshed lifetime=0, ${DETAILS}`);
    },
  ],
  [
    'expired',
    (): void => {
      harness.pass(600);
    },
  ],
  [
    'closed',
    (): void => {
      harness.pass(5);
    },
  ],
  [
    'forced',
    (): void => {
      harness.relay.forceAll();
    },
  ],
])('the reason of an end is told from what came before it: %s', (reason, before) => {
  say('status', `new lifetime=600, ${DETAILS}`);
  before();
  say('status', 'deleted');
  totals();
  expect(harness.allocations()).toMatchObject([{ reason, settled: 'exact' }]);
  expect(harness.relay.totals.cell(0).closed).toMatchObject({ [reason]: 1 });
});

test('an allocation that sent to a peer and heard nothing is unanswered; one without a peer packet is unused', () => {
  say('status', `new lifetime=600, ${DETAILS}`);
  say('traffic/peer', 'rcvp=0, rcvb=0, sentp=3, sentb=300');
  harness.servers.ended(serverKey('127.0.0.1', 0), harness.now);
  line.close();
  line = harness.line();
  say('status', `new lifetime=600, ${DETAILS}`);
  harness.servers.ended(serverKey('127.0.0.1', 0), harness.now);
  line.close();
  const cell = harness.relay.totals.cell(0);
  expect([cell.unanswered, cell.unused]).toEqual([1, 1]);
});

test('an allocation whose totals do not come ends all the same, estimated, at the time it was deleted', () => {
  say('status', `new lifetime=600, ${DETAILS}`);
  harness.pass(3);
  say('status', 'deleted');
  harness.pass(10);
  expect(harness.allocations()).toMatchObject([{ settled: 'estimated', endedAt: 3000 }]);
});

test('clients without an allocation are not taken for one, whatever user name they gave (coturn 4.17.1)', () => {
  for (let i = 0; i < 3; i++) {
    say('traffic', 'rcvp=1, rcvb=144, sentp=1, sentb=80');
    say('traffic/peer', 'rcvp=0, rcvb=0, sentp=0, sentb=0');
  }
  expect(harness.relay.openAllocations).toBe(0);
  expect(harness.counted()).toEqual(new Array(8).fill(0));
});

test('an allocation that began before the agent is taken up at its first peer traffic, client leg included', () => {
  say('traffic', 'rcvp=2, rcvb=200, sentp=1, sentb=80');
  say('traffic/peer', 'rcvp=1, rcvb=50, sentp=2, sentb=150');
  expect(harness.relay.openAllocations).toBe(1);
  expect(harness.counted()).toEqual([2, 200, 1, 80, 1, 50, 2, 150]);
  say('status', `refreshed lifetime=600, ${DETAILS}`);
  expect(harness.relay.totals.cells.filter(({ open }) => open === 1)).toMatchObject([{ transport: 'udp' }]);
});

test('what such an allocation carried before the agent is in its session, not in the counters', () => {
  say('traffic/peer', 'rcvp=1, rcvb=50, sentp=0, sentb=0');
  say('status', 'deleted');
  say('total_traffic', 'rcvp=9, rcvb=900, sentp=9, sentb=900');
  say('total_traffic/peer', 'rcvp=8, rcvb=800, sentp=8, sentb=800');
  harness.pass(10);
  expect(harness.counted()).toEqual([0, 0, 0, 0, 1, 50, 0, 0]);
  expect(harness.sessions()).toMatchObject([{ client: { receivedBytes: 900 }, peer: { receivedBytes: 800 } }]);
});

test('beyond the limit allocations are refused and counted, and the others go on', () => {
  for (let i = 0; i < 10_100; i++) {
    const key = statusKey({ realm: 'example.org', username: 'u' }, String(i).padStart(18, '0'));
    line.publish(key, `new lifetime=600, ${DETAILS.replace(':1,', `:${i},`)}`);
  }
  expect(harness.relay.openAllocations).toBe(10_000);
  expect(harness.counters.rejected.full).toBe(100);
});

test('realms beyond the limit share the label "other", so that series stay bounded', () => {
  for (let i = 0; i < 200; i++) {
    const key = statusKey({ realm: `realm${i}`, username: 'u' }, String(i).padStart(18, '0'));
    line.publish(key, `new lifetime=600, ${DETAILS}`);
  }
  const labels = harness.relay.totals.realms.map(({ realm }) => realm);
  expect(labels).toHaveLength(101);
  expect(labels).toContain('other');
  expect(harness.relay.openAllocations).toBe(200);
});
