import { CLIENT_LEG, PEER_LEG, type LegCounts } from '../../../src/turn/counts';
import type { TurnEvent } from '../../../src/turn/event';
import type { ClosedSession } from '../../../src/turn/fact';
import type { RecoveredAllocation } from '../../../src/turn/recovery';
import { Relay } from '../../../src/turn/relay';

const carried = (bytes: number): LegCounts => ({
  receivedPackets: bytes / 100,
  receivedBytes: bytes,
  sentPackets: bytes / 100,
  sentBytes: bytes,
});
const principal = { realm: 'r', username: '9:alice' };

let sessions: ClosedSession[];
let relay: Relay;
let origin: number;

beforeEach(() => {
  sessions = [];
  relay = new Relay(
    { lingerMs: 10_000, separator: ':', maxAllocations: 100, realms: ['r'] },
    { sessionClosed: (session) => sessions.push(session) },
  );
  origin = relay.origins.add('here', 'here', 0);
});

function begin(low: number, now: number, username = '9:alice'): void {
  relay.apply(
    {
      kind: 'new',
      origin,
      high: 1,
      low,
      principal: () => ({ realm: 'r', username }),
      lifetimeSeconds: 600,
      endpoint: { transport: 'udp', remote: '' },
    },
    now,
  );
}

function traffic(low: number, bytes: number, now: number, kind: 'traffic' | 'totals' = 'traffic'): void {
  for (const leg of [CLIENT_LEG, PEER_LEG] as const) {
    const event: TurnEvent = { kind, origin, high: 1, low, principal: () => principal, leg, ...carried(bytes) };
    relay.apply(event, now);
  }
}

function recovered(low: number, times: [number, number], bytes: number): RecoveredAllocation {
  return {
    origin,
    high: 1,
    low,
    ...principal,
    beganAt: times[0],
    endedAt: times[1],
    client: carried(bytes),
    peer: carried(bytes),
    reason: 'closed',
    estimated: false,
  };
}

function pass(from: number, to: number): void {
  for (let now = from; now <= to; now += 1000) relay.advance(now);
}

const relayCounted = (): number => relay.totals.cells.reduce((sum, { traffic: row }) => sum + (row[1] ?? 0), 0);

test('an allocation whose end nobody was told is ended, with what the log adds to what was told', () => {
  begin(1, 0);
  traffic(1, 5000, 1000);
  relay.recover([recovered(1, [0, 4000], 7000)], 8000);
  expect(relay.openAllocations).toBe(0);
  pass(8000, 30_000);
  expect(sessions).toMatchObject([
    { settled: 'recovered', endReason: 'closed', endedAt: 4000, client: carried(7000), peer: carried(7000) },
  ]);
  expect(relayCounted()).toBe(7000);
});

test('a log that says less than was told takes nothing away', () => {
  begin(1, 0);
  traffic(1, 5000, 1000);
  relay.recover([recovered(1, [0, 4000], 1000)], 8000);
  pass(8000, 30_000);
  expect(sessions).toMatchObject([{ settled: 'exact', client: carried(5000) }]);
});

test('an allocation that nobody was told of joins the session that its user had open, and no counter', () => {
  begin(1, 0);
  traffic(1, 5000, 1000);
  relay.recover([recovered(2, [2000, 3000], 300)], 8000);
  relay.endOrigin(origin, 9000);
  pass(9000, 30_000);
  expect(sessions).toMatchObject([{ allocations: 2, client: carried(5300), settled: 'estimated' }]);
  expect(relayCounted()).toBe(5000);
});

test('allocations that nobody was told of make the sessions that they would have made', () => {
  relay.holdSessions(true);
  const calls: [number, [number, number]][] = [
    [1, [0, 5000]],
    [2, [6000, 8000]],
    [3, [40_000, 45_000]],
  ];
  relay.recover(calls.map(([low, times]) => recovered(low, times, 100)).reverse(), 100_000);
  relay.holdSessions(false);
  pass(100_000, 102_000);
  expect(sessions).toMatchObject([
    { allocations: 2, startedAt: 0, endedAt: 8000, settled: 'recovered' },
    { allocations: 1, startedAt: 40_000, endedAt: 45_000, settled: 'recovered' },
  ]);
});

test('what lies long before the session that a user has now is a session of its own, and that one goes on', () => {
  begin(9, 60_000);
  traffic(9, 1000, 61_000);
  relay.recover([recovered(1, [0, 5000], 100), recovered(2, [6000, 7000], 100)], 62_000);
  expect(sessions).toMatchObject([{ allocations: 2, startedAt: 0, endedAt: 7000, client: carried(200) }]);
  traffic(9, 1000, 63_000);
  relay.endOrigin(origin, 64_000);
  pass(64_000, 80_000);
  expect(sessions[1]).toMatchObject({ allocations: 1, startedAt: 60_000, client: carried(2000) });
  expect(sessions).toHaveLength(2);
});

test('what the log says of an allocation under another user is not believed, and said', () => {
  begin(1, 0, '9:bob');
  expect(relay.recover([recovered(1, [0, 4000], 7000)], 8000)).toBe(1);
  expect(relay.openAllocations).toBe(1);
});

test('an end that was told, and is in the log as well, counts once', () => {
  begin(1, 0);
  traffic(1, 5000, 1000);
  relay.apply({ kind: 'deleted', origin, high: 1, low: 1, principal: () => principal }, 2000);
  traffic(1, 5000, 2000, 'totals');
  relay.recover([recovered(1, [0, 2000], 5000)], 4000);
  pass(4000, 30_000);
  expect(sessions).toMatchObject([{ settled: 'exact', client: carried(5000) }]);
});

test('sessions that are held are closed by nobody until the holding ends', () => {
  begin(1, 0);
  relay.apply({ kind: 'deleted', origin, high: 1, low: 1, principal: () => principal }, 1000);
  relay.holdSessions(true);
  pass(1000, 60_000);
  expect(sessions).toHaveLength(0);
  relay.holdSessions(false);
  pass(61_000, 62_000);
  expect(sessions).toHaveLength(1);
});
