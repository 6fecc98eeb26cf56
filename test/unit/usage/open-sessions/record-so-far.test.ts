import { CLIENT_LEG, PEER_LEG } from '../../../../src/turn/counts';
import { Relay } from '../../../../src/turn/relay';
import { recordSoFar } from '../../../../src/usage/open-sessions/record-so-far';

const SECOND = 1000;
const EPOCH = Date.parse('2026-11-21T08:00:00Z');
const soFar = { idOf: (sequence: number) => `agent-${sequence}`, offset: EPOCH };
const allocation = { high: 1, low: 7, principal: () => ({ realm: 'r', username: '99:alice' }) };

function relayWithSession(): Relay {
  const relay = new Relay({ lingerMs: 0, separator: ':', maxAllocations: 100, realms: ['r'] });
  const event = { ...allocation, origin: relay.origins.add('turn1', 'turn1', 0) };
  const endpoint = { transport: 'udp' as const, remote: '192.0.2.1:5000' };
  relay.apply({ ...event, kind: 'new', lifetimeSeconds: 600, endpoint }, 10 * SECOND);
  const counts = { receivedPackets: 1, receivedBytes: 100, sentPackets: 2, sentBytes: 200 };
  for (const leg of [CLIENT_LEG, PEER_LEG] as const) relay.apply({ ...event, kind: 'traffic', leg, ...counts }, 40_500);
  return relay;
}

test('an open session is recorded as its server would leave it: estimated, until coturn last told of it', () => {
  const relay = relayWithSession();
  relay.advance(500 * SECOND);
  expect(recordSoFar(0, { relay, ...soFar })).toEqual({
    id: 'agent-1',
    server: 'turn1',
    realm: 'r',
    userId: 'alice',
    username: '99:alice',
    startedAt: EPOCH + 10 * SECOND,
    endedAt: EPOCH + 40_500,
    durationSeconds: 30.5,
    allocations: 1,
    relayed: true,
    clientReceivedBytes: 100,
    clientReceivedPackets: 1,
    clientSentBytes: 200,
    clientSentPackets: 2,
    peerReceivedBytes: 100,
    peerReceivedPackets: 1,
    peerSentBytes: 200,
    peerSentPackets: 2,
    transports: ['udp'],
    endReason: 'lost',
    settled: 'estimated',
  });
});

test('a slot in which no session is open has no record', () => {
  expect(recordSoFar(1, { relay: relayWithSession(), ...soFar })).toBeUndefined();
});

test('a second reader of changes misses none that the first has drained, and keeps what it has not dealt with', () => {
  const relay = relayWithSession();
  relay.rows.track();
  const due = relay.rows.followSessions();
  relay.rows.touchSession(0);
  expect([...due]).toEqual([]);
  expect(relay.rows.changedSessions()).toEqual({ rows: [0], counts: [] });
  relay.rows.touchSession(3);
  relay.rows.changedSessions();
  expect([...due]).toEqual([0, 3]);
});
