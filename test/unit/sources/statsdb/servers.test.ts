import { statusKey } from '../../../../src/coturn/stats-channel';
import { serverKey } from '../../../../src/sources/statsdb/servers';
import { StatsHarness, type Line } from '../../../support/stats-harness';

const ID = '001000000000000001';

function begin(line: Line, { id = ID, username = '9:u', port = 1000 } = {}): void {
  const status = `new lifetime=600, type=UDP, local=127.0.0.1:3478, remote=192.0.2.1:${port}, ssl=NONE, cipher=NONE`;
  line.publish(statusKey({ realm: 'r', username }, id), status);
}

function channel(kind: string, { id = ID, username = '9:u' } = {}): string {
  return statusKey({ realm: 'r', username }, id).replace(/status$/, kind);
}

function carry(line: Line, bytes: number, which?: { id?: string; username?: string }): void {
  line.publish(channel('traffic', which), `rcvp=1, rcvb=${bytes}, sentp=0, sentb=0`);
  line.publish(channel('traffic/peer', which), `rcvp=0, rcvb=0, sentp=1, sentb=${bytes}`);
}

function end(line: Line, bytes: number, packets: number, which?: { id?: string; username?: string }): void {
  line.publish(channel('status', which), 'deleted');
  line.publish(channel('total_traffic', which), `rcvp=${packets}, rcvb=${bytes}, sentp=0, sentb=0`);
  line.publish(channel('total_traffic/peer', which), `rcvp=0, rcvb=0, sentp=${packets}, sentb=${bytes}`);
}

test('two coturns from one address with the same database, the same ids and the same user are kept apart', () => {
  const harness = new StatsHarness();
  const [a, b] = [harness.line(), harness.line()];
  begin(a, { port: 1 });
  begin(b, { port: 2 });
  carry(a, 100);
  carry(b, 1000);
  end(a, 100, 1);
  expect(harness.relay.openAllocations).toBe(1);
  end(b, 1000, 1);
  expect(harness.allocations().map(({ client }) => client.receivedBytes)).toEqual([100, 1000]);
  expect(harness.counted()[1]).toBe(1100);
});

test('a connection that broke and came back goes on with the allocations of its thread; the gap is in the totals', () => {
  const harness = new StatsHarness();
  const first = harness.line();
  begin(first);
  carry(first, 100);
  first.close();
  harness.pass(5);
  const second = harness.line();
  carry(second, 10);
  expect(harness.relay.openAllocations).toBe(1);
  end(second, 160, 3);
  expect(harness.counted()[1]).toBe(160);
  expect(harness.allocations()).toMatchObject([{ settled: 'exact', client: { receivedBytes: 160 } }]);
});

test('a coturn that starts again loses what its life before had open, and its ids begin anew', () => {
  const harness = new StatsHarness();
  const first = harness.line();
  begin(first, { port: 1 });
  carry(first, 100);
  first.close();
  harness.servers.started(serverKey('127.0.0.1', 0), harness.now);
  const second = harness.line();
  begin(second, { port: 2 });
  carry(second, 7);
  end(second, 7, 1);
  expect(harness.allocations().map(({ reason, client }) => [reason, client.receivedBytes])).toEqual([
    ['lost', 100],
    ['closed', 7],
  ]);
});

test('while a coturn still speaks, another that starts at the same address takes nothing from it', () => {
  const harness = new StatsHarness();
  const first = harness.line();
  begin(first);
  harness.servers.started(serverKey('127.0.0.1', 0), harness.now);
  expect(harness.relay.openAllocations).toBe(1);
});

test('what is on the way when a supervised coturn dies is counted before its allocations are lost', () => {
  const harness = new StatsHarness();
  const line = harness.line('127.0.0.1', 1001);
  begin(line);
  harness.servers.ended(serverKey('127.0.0.1', 1001), harness.now);
  carry(line, 55);
  line.close();
  expect(harness.allocations()).toMatchObject([
    { reason: 'lost', settled: 'estimated', client: { receivedBytes: 55 } },
  ]);
});

test('a supervised coturn whose connection never closes does not keep its allocations open', () => {
  const harness = new StatsHarness();
  begin(harness.line('127.0.0.1', 1001));
  harness.servers.ended(serverKey('127.0.0.1', 1001), harness.now);
  harness.pass(3);
  expect(harness.relay.openAllocations).toBe(0);
});

test('a life nobody has heard of for longer than any allocation lasts is over', () => {
  const harness = new StatsHarness();
  const line = harness.line();
  begin(line);
  line.close();
  harness.pass(3600);
  expect(harness.relay.openAllocations).toBe(1);
  harness.pass(700);
  expect(harness.relay.openAllocations).toBe(0);
});

test('an allocation whose end was missed is closed as stale while its server is heard', () => {
  const harness = new StatsHarness();
  const line = harness.line();
  begin(line);
  for (let minute = 0; minute < 62; minute++) {
    harness.pass(60);
    line.publish('__XXX__', '__YYY__');
  }
  expect(harness.allocations()).toMatchObject([{ reason: 'stale', settled: 'estimated' }]);
});

describe('what a server has under way, listed before any of its connections speaks,', () => {
  const ids = [ID, '002000000000000007'];

  /** Takes them up, as of the server of `key`. */
  function list(harness: StatsHarness): void {
    const origin = harness.servers.originOfOnlyLife('127.0.0.1', 1001, harness.now);
    for (const id of ids) {
      const [high, low] = [Number(id.slice(0, 9)), Number(id.slice(9))];
      const endpoint = { transport: 'udp', remote: '192.0.2.1:1000' } as const;
      const told = {
        endpoint,
        ageSeconds: 60,
        lifetimeSeconds: 600,
        principal: () => ({ realm: 'r', username: '9:u' }),
      };
      harness.relay.apply({ kind: 'found', origin, high, low, ...told }, harness.now);
    }
  }

  test('is found by the connection of each relay thread, and stays apart from another server', () => {
    const harness = new StatsHarness();
    list(harness);
    const other = harness.line('127.0.0.1', 1002);
    for (const id of ids) begin(other, { id });
    for (const [i, id] of ids.entries()) {
      const line = harness.line('127.0.0.1', 1001);
      carry(line, 100 * (i + 1), { id });
      end(line, 100 * (i + 1), 1, { id });
    }
    expect(harness.relay.openAllocations).toBe(2);
    const closed = harness.allocations().map(({ id, client, settled }) => [id, client.receivedBytes, settled]);
    expect(closed).toEqual([
      [ids[0], 100, 'exact'],
      [ids[1], 200, 'exact'],
    ]);
  });

  test('joins what a connection spoke of a moment before', () => {
    const harness = new StatsHarness();
    carry(harness.line('127.0.0.1', 1001), 100);
    list(harness);
    list(harness);
    expect(harness.relay.openAllocations).toBe(2);
  });

  test('is lost with the process, though it never spoke again', () => {
    const harness = new StatsHarness();
    list(harness);
    harness.servers.ended(serverKey('127.0.0.1', 1001), harness.now);
    expect(harness.allocations()).toMatchObject([{ reason: 'lost' }, { reason: 'lost' }]);
  });

  test('is not stale while nobody speaks for it, and over when that is so for longer than any allocation lasts', () => {
    const harness = new StatsHarness();
    list(harness);
    harness.pass(4100);
    expect(harness.relay.openAllocations).toBe(2);
    harness.pass(200);
    expect(harness.allocations()).toMatchObject([{ reason: 'lost' }, { reason: 'lost' }]);
  });
});

test('a heartbeat is remembered for its server', () => {
  const harness = new StatsHarness();
  harness.now = 5000;
  harness.line('127.0.0.1', 1001).publish('__XXX__', '__YYY__');
  expect(harness.servers.lastHeartbeat(serverKey('127.0.0.1', 1001))).toBe(5000);
  expect(harness.servers.lastHeartbeat(serverKey('127.0.0.1', 1002))).toBeUndefined();
});

test('a connection that speaks on after its server was taken for dead is heard, and breaks nothing', () => {
  const harness = new StatsHarness();
  const line = harness.line('127.0.0.1', 1001);
  begin(line, { port: 1 });
  harness.servers.ended(serverKey('127.0.0.1', 1001), harness.now);
  harness.pass(3);
  begin(line, { port: 2, id: '001000000000000002' });
  expect(harness.relay.openAllocations).toBe(1);
});

test('what another source had open ends when this one takes over', () => {
  const harness = new StatsHarness();
  const { origins } = harness.relay;
  const [redis, own] = [origins.add('a', 'redis:127.0.0.1#0', 0), origins.add('b', '127.0.0.1/1001', 0)];
  harness.servers.restore(0);
  expect(origins.all()).toEqual([own]);
  expect(origins.has(redis)).toBe(false);
});
