import { StatsHarness, type Line } from '../../support/stats-harness';
import { statusKey } from '../../../src/coturn/stats-channel';

const LINGER = 10;

/** A user's allocation on one line, told in a word or two. */
class Client {
  private static next = 1;
  private readonly id = String(Client.next++).padStart(18, '0');

  constructor(
    private readonly line: Line,
    private readonly username = '99:alice',
    private readonly type = 'UDP',
  ) {
    const remote = `192.0.2.1:${1000 + Client.next}`;
    this.say('status', `new lifetime=600, type=${type}, local=127.0.0.1:3478, remote=${remote}, ssl=NONE, cipher=NONE`);
  }

  relay(bytes: number): void {
    this.say('traffic', `rcvp=1, rcvb=${bytes}, sentp=0, sentb=0`);
    this.say('traffic/peer', `rcvp=0, rcvb=0, sentp=1, sentb=${bytes}`);
  }

  /** Client traffic alone: STUN requests. */
  knock(bytes: number): void {
    this.say('traffic', `rcvp=1, rcvb=${bytes}, sentp=0, sentb=0`);
    this.say('traffic/peer', 'rcvp=0, rcvb=0, sentp=0, sentb=0');
  }

  delete(client: number, peer: number): void {
    this.say('status', `refreshed lifetime=0, type=${this.type}, local=127.0.0.1:3478, remote=192.0.2.1:1`);
    this.end(client, peer);
  }

  end(client: number, peer: number): void {
    this.say('status', 'deleted');
    this.say('total_traffic', `rcvp=${client === 0 ? 0 : 1}, rcvb=${client}, sentp=0, sentb=0`);
    this.say('total_traffic/peer', `rcvp=0, rcvb=0, sentp=${peer === 0 ? 0 : 1}, sentb=${peer}`);
  }

  private say(kind: string, text: string): void {
    const key = statusKey({ realm: 'example.org', username: this.username }, this.id);
    this.line.publish(key.replace(/status$/, kind), text);
  }
}

let harness: StatsHarness;
let line: Line;

beforeEach(() => {
  harness = new StatsHarness();
  line = harness.line();
});

test('allocations of one user make one session, which closes when none is open for the linger', () => {
  const [a, b] = [new Client(line), new Client(line, '100:alice', 'TCP')];
  a.relay(500);
  harness.pass(20);
  a.delete(500, 500);
  b.delete(0, 0);
  harness.pass(LINGER - 1);
  expect(harness.sessions()).toEqual([]);
  harness.pass(1);
  expect(harness.sessions()).toMatchObject([
    {
      userId: 'alice',
      allocations: 2,
      relayed: true,
      startedAt: 0,
      endedAt: 20_000,
      transports: ['udp', 'tcp'],
      endReason: 'client',
      settled: 'exact',
      peer: { sentBytes: 500 },
    },
  ]);
});

test('an allocation within the linger goes on with the session', () => {
  new Client(line).delete(0, 0);
  harness.pass(LINGER - 1);
  const second = new Client(line);
  harness.pass(60);
  second.delete(0, 0);
  harness.pass(LINGER);
  expect(harness.sessions()).toMatchObject([{ allocations: 2, relayed: false }]);
});

test('unused allocations that stay open do not hold the session of those that relayed', () => {
  const [used, idle] = [new Client(line), new Client(line)];
  used.relay(500);
  used.delete(500, 500);
  harness.pass(LINGER);
  expect(harness.sessions()).toHaveLength(1);
  idle.delete(0, 0);
  harness.pass(LINGER);
  expect(harness.sessions()).toHaveLength(1);
  expect(harness.relay.openAllocations).toBe(0);
});

test('one that stayed open and carries traffic later begins another session, and its bytes are in that one', () => {
  const [used, late] = [new Client(line), new Client(line)];
  used.relay(500);
  used.delete(500, 500);
  harness.pass(LINGER + 5);
  late.relay(70);
  late.delete(70, 70);
  harness.pass(LINGER);
  expect(harness.sessions().map(({ client, startedAt }) => [client.receivedBytes, startedAt])).toEqual([
    [500, 0],
    [70, 15_000],
  ]);
});

test('traffic of an open allocation keeps the session, though the one that relayed first has closed', () => {
  const [used, other] = [new Client(line), new Client(line)];
  used.relay(500);
  used.delete(500, 500);
  for (let i = 0; i < 4; i++) {
    harness.pass(LINGER - 2);
    other.knock(10);
  }
  expect(harness.sessions()).toEqual([]);
  harness.pass(LINGER);
  expect(harness.sessions()).toMatchObject([{ client: { receivedBytes: 540 } }]);
});

test('traffic after the linger has passed begins another session, even before a timer closed the first', () => {
  const [used, other] = [new Client(line), new Client(line)];
  used.relay(500);
  used.delete(500, 500);
  harness.now += (LINGER + 1) * 1000;
  other.knock(10);
  expect(harness.sessions()).toMatchObject([{ client: { receivedBytes: 500 } }]);
});

test('users are apart, also when their names differ in the expiry alone', () => {
  new Client(line, '1:alice').delete(0, 0);
  new Client(line, '2:alice').delete(0, 0);
  new Client(line, '1:bob').delete(0, 0);
  new Client(line, 'carol').delete(0, 0);
  harness.pass(LINGER);
  expect(harness.sessions().map(({ userId, allocations }) => [userId, allocations])).toEqual([
    ['alice', 2],
    ['bob', 1],
    ['carol', 1],
  ]);
});

test('a session with an allocation whose totals never came is estimated', () => {
  const client = new Client(line);
  client.relay(10);
  harness.relay.endOrigin(0, harness.now);
  harness.pass(LINGER);
  expect(harness.sessions()).toMatchObject([
    { settled: 'estimated', endReason: 'lost', client: { receivedBytes: 10 } },
  ]);
});

test('users and sessions are gauges that come back to 0, and the histograms hold each session once', () => {
  const clients = [new Client(line, '1:a'), new Client(line, '1:a'), new Client(line, '1:b')];
  const realm = harness.relay.totals.realm(0);
  expect([realm.users, realm.sessions]).toEqual([2, 2]);
  for (const client of clients) client.delete(0, 0);
  harness.pass(LINGER);
  expect([realm.users, realm.sessions, realm.sessionsClosed]).toEqual([0, 0, 2]);
  expect(realm.sessionSeconds.cumulative().at(-1)).toBe(2);
});
