import { RedisLines } from './redis-lines';

test('servers are told apart by their addresses, also of IPv6', () => {
  const lines = new RedisLines();
  lines.begin('alice', 1);
  lines.begin('bob', 2, '[2001:db8::7]:3478');
  expect(lines.keys()).toEqual(['redis:192.0.2.1#0', 'redis:2001:db8::7#0']);
  lines.end('bob', 5, 2);
  expect(lines.closed).toMatchObject([{ server: 'at 2001:db8::7', username: 'bob' }]);
});

test('one id of two users at one address is two allocations, whatever comes between', () => {
  const lines = new RedisLines();
  lines.begin('alice');
  lines.begin('bob');
  for (const user of ['alice', 'bob', 'bob', 'alice']) {
    lines.counts(user, 'traffic', user.length);
    lines.counts(user, 'traffic/peer', user.length);
  }
  lines.end('alice', 10);
  lines.end('bob', 6);
  expect(lines.closed.map(({ username, client }) => [username, client.receivedBytes])).toEqual([
    ['alice', 10],
    ['bob', 6],
  ]);
  expect(lines.keys()).toEqual(['redis:192.0.2.1#0', 'redis:192.0.2.1#1']);
});

test.each(['', 'älice', 'a/user/b', '1795232381:alice', 'x'.repeat(512)])(
  '%p is found again by each message',
  (user) => {
    const lines = new RedisLines();
    lines.begin(user);
    lines.counts(user, 'traffic', 1);
    lines.counts('somebody else', 'traffic', 1);
    lines.counts(user, 'traffic/peer', 1);
    lines.end(user, 2);
    expect(lines.closed).toMatchObject([{ username: user, settled: 'exact' }]);
    expect(lines.counters.events).toMatchObject({ new: 1, traffic: 1, traffic_peer: 1, total: 1, total_peer: 1 });
  },
);

test('with servers named, others and those that say no address are left out', () => {
  const lines = new RedisLines(['192.0.2.1']);
  lines.begin('alice', 1);
  lines.begin('bob', 2, '192.0.2.9:3478');
  lines.counts('bob', 'traffic', 7, 2);
  lines.counts('alice', 'traffic', 7, 1);
  expect(lines.counters.rejected.other_server).toBe(2);
  expect([lines.relay.openAllocations, lines.counters.events.traffic]).toEqual([1, 1]);
});

test('servers that have gone are forgotten, and one that comes again gets no number twice', () => {
  const lines = new RedisLines();
  lines.begin('alice');
  lines.begin('bob');
  lines.begin('carol', 1, '192.0.2.2:1');
  lines.end('alice', 0);
  lines.end('carol', 0);
  lines.relay.advance((lines.now += 60_000));
  lines.origins.forgetIdle();
  expect(lines.keys()).toHaveLength(3);
  lines.origins.forgetIdle();
  expect(lines.keys()).toEqual(['redis:192.0.2.1#1']);
  lines.begin('dave');
  expect(lines.keys()).toEqual(['redis:192.0.2.1#1', 'redis:192.0.2.1#2']);
  lines.counts('bob', 'traffic/peer', 3);
  expect(lines.counters.events.traffic_peer).toBe(1);
});

test('what another source had open ends when this one takes over', () => {
  const lines = new RedisLines();
  const statsdb = lines.relay.origins.add('elsewhere', '127.0.0.1/1001', 0);
  const ours = lines.relay.origins.add('at 192.0.2.1', 'redis:192.0.2.1#0', 0);
  lines.origins.restore(lines.now);
  expect(lines.relay.origins.all()).toEqual([ours]);
  expect(lines.relay.origins.has(statsdb)).toBe(false);
  lines.begin('alice');
  expect(lines.keys()).toEqual(['redis:192.0.2.1#0']);
});
