import { SessionTraces } from '../../../src/tracing/session-traces';
import { CredentialLinks } from '../../../src/tracing/credential-links';
import type { PastSpan } from '../../../src/tracing/tracing';
import { Relay } from '../../../src/turn/relay';
import { usageRecordOf } from '../../../src/turn/usage-record';
import type { SpanRef } from '../../../src/lib/tracer';

/** The wall clock is that much before the relay's. */
const OFFSET = 1_700_000_000_000;

type Recorded = PastSpan & { readonly ref: SpanRef };

/** A relay whose sessions are traced; every span that is recorded, with the place that it was given. */
function tracedRelay({ isSampled = true, userIds = true } = {}) {
  const spans: Recorded[] = [];
  const credentials = new CredentialLinks();
  const traces = new SessionTraces({
    tracing: {
      record: (span) => {
        const traceId = span.parent?.traceId ?? `trace ${spans.length}`;
        const ref = { traceId, spanId: `span ${spans.length}`, isSampled };
        spans.push({ ...span, ref });
        return ref;
      },
    },
    credentials,
    userIds,
    wallClock: (at) => at + OFFSET,
    onTraced: () => undefined,
  });
  const relay = new Relay(
    { lingerMs: 10_000, separator: ':', maxAllocations: 100, realms: [] },
    {
      sessionOpened: (describe) => {
        traces.sessionOpened(describe());
      },
      allocationRefreshed: (id, at) => {
        traces.allocationRefreshed(id, at);
      },
      allocationRelaying: (id, at) => {
        traces.allocationRelaying(id, at);
      },
      allocationClosed: (closed) => {
        traces.allocationClosed(closed);
      },
      sessionClosed: (session) => {
        const record = usageRecordOf(session, `id-${session.sequence}`, (at) => at + OFFSET);
        traces.sessionClosed(session, record);
      },
    },
  );
  const origin = relay.origins.add('here', 'here', 0);
  return { relay, origin, spans, traces, credentials };
}

function client({ relay, origin }: { relay: Relay; origin: number }, low: number, username = '99:alice') {
  const id = { origin, high: 1, low, principal: () => ({ realm: 'r', username }) };
  const endpoint = { transport: 'udp', remote: `10.0.0.1:${low}` } as const;
  const counts = { receivedPackets: 3, receivedBytes: 300, sentPackets: 2, sentBytes: 200 };
  return {
    begin: (now: number) => relay.apply({ ...id, kind: 'new', lifetimeSeconds: 600, endpoint }, now),
    refresh: (now: number) => relay.apply({ ...id, kind: 'refreshed', lifetimeSeconds: 600, endpoint }, now),
    traffic: (now: number) => {
      for (const leg of [0, 4] as const) relay.apply({ ...id, ...counts, kind: 'traffic', leg }, now);
    },
    end: (now: number, total = counts) => {
      relay.apply({ ...id, kind: 'deleted' }, now);
      for (const leg of [0, 4] as const) relay.apply({ ...id, ...total, kind: 'totals', leg }, now);
    },
  };
}

test('a session is a trace with its allocation, at the times when everything happened', () => {
  const stage = tracedRelay();
  const one = client(stage, 1);
  one.begin(1000);
  one.refresh(2000);
  one.traffic(3000);
  one.end(4000);
  stage.relay.advance(20_000);
  const [session, allocation] = stage.spans;
  expect(session).toMatchObject({ name: 'turn.session', startedAt: OFFSET + 1000, endedAt: OFFSET + 4000 });
  expect(session?.parent).toBeUndefined();
  expect(allocation).toMatchObject({ name: 'turn.allocation', parent: session?.ref });
  expect(allocation?.events).toEqual([
    { name: 'created', at: OFFSET + 1000 },
    { name: 'refreshed', at: OFFSET + 2000 },
    { name: 'first peer traffic', at: OFFSET + 3000 },
    { name: 'closed', at: OFFSET + 4000, attributes: { 'turn.close_reason': 'closed' } },
  ]);
  expect(allocation?.attributes).toMatchObject({ 'turn.peer.received_bytes': 300, 'turn.refreshes': 1 });
});

test('a session links to the request of its credential, also when that has expired by its end', () => {
  const stage = tracedRelay();
  const span = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), isSampled: true };
  stage.credentials.remember('99:alice', { span, caller: undefined }, 99_000, 0);
  const one = client(stage, 1);
  one.begin(1000);
  stage.credentials.remember('999:bob', { span, caller: undefined }, 999_000, 100_000);
  expect(stage.credentials.find('99:alice')).toBeUndefined();
  one.end(200_000);
  stage.relay.advance(300_000);
  expect(stage.spans[0]?.links).toMatchObject([{ to: span }]);
  expect(stage.spans[0]?.attributes).toMatchObject({ 'turnkeeper.credential.trace_id': span.traceId });
});

test('no span says the user name, and where it is not wanted nor the user', () => {
  const stage = tracedRelay({ userIds: false });
  const one = client(stage, 1);
  one.begin(1000);
  one.end(2000);
  stage.relay.advance(20_000);
  expect(stage.spans).toHaveLength(2);
  expect(JSON.stringify(stage.spans)).not.toContain('alice');
});

test('an allocation that is open still when its session ends comes into the same trace later', () => {
  const stage = tracedRelay();
  const [used, unused] = [client(stage, 1), client(stage, 2)];
  used.begin(1000);
  unused.begin(1000);
  used.traffic(2000);
  used.end(3000);
  stage.relay.advance(20_000);
  expect(stage.spans.map(({ name }) => name)).toEqual(['turn.session', 'turn.allocation']);
  unused.end(30_000, { receivedPackets: 0, receivedBytes: 0, sentPackets: 0, sentBytes: 0 });
  expect(stage.spans[2]).toMatchObject({ name: 'turn.allocation', parent: stage.spans[0]?.ref });
});

test('of a session that is not sampled no allocation is', () => {
  const stage = tracedRelay({ isSampled: false });
  const one = client(stage, 1);
  one.begin(1000);
  one.end(2000);
  stage.relay.advance(20_000);
  expect(stage.spans.map(({ name }) => name)).toEqual(['turn.session']);
});

test('a session with more allocations than there is room for loses the spans of the last, counted', () => {
  const stage = tracedRelay();
  for (let low = 1; low <= 70; low++) {
    const one = client(stage, low);
    one.begin(1000);
    one.end(1001);
  }
  stage.relay.advance(20_000);
  expect(stage.spans).toHaveLength(1 + 64);
  expect(stage.traces.dropped).toBe(6);
});

test('an allocation that coturn took with it when it died is a failure', () => {
  const stage = tracedRelay();
  client(stage, 1).begin(1000);
  stage.relay.endOrigin(stage.origin, 2000);
  stage.relay.advance(20_000);
  expect(stage.spans.map(({ failure }) => failure !== undefined)).toEqual([true, true]);
});
