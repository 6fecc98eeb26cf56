import fc from 'fast-check';
import type { LegCounts } from '../../../src/turn/counts';
import type { TurnEvent } from '../../../src/turn/event';
import type { ClosedAllocation, ClosedSession, FactListener } from '../../../src/turn/fact';
import { Relay } from '../../../src/turn/relay';
import { legRow } from '../../support/stats-harness';
import { plus, TrueAllocation, ZERO } from './reference-relay';

/** One report of both legs. A relay passes on what it receives, so the peer leg mirrors the client leg, less framing. */
function report(maxBytes: number): fc.Arbitrary<[LegCounts, LegCounts]> {
  const bytes = fc.oneof(fc.constant(0), fc.nat(5000), fc.nat(maxBytes));
  const client = fc.record({
    receivedPackets: fc.nat(4096),
    receivedBytes: bytes,
    sentPackets: fc.nat(4096),
    sentBytes: bytes,
  });
  return client.map((counts) => [
    counts,
    {
      receivedPackets: counts.sentPackets,
      receivedBytes: Math.floor(counts.sentBytes * 0.97),
      sentPackets: counts.receivedPackets,
      sentBytes: Math.floor(counts.receivedBytes * 0.97),
    },
  ]);
}
/** coturn reports at the latest after 4096 packets, so at most 2^28 bytes of UDP; longer outages make larger gaps. */
const life = fc.array(report(2 ** 28), { maxLength: 6 });
const largeLife = fc.array(report(3 * 2 ** 31), { maxLength: 6 });

function watched(): { relay: Relay; origin: number; sessions: ClosedSession[]; allocations: ClosedAllocation[] } {
  const sessions: ClosedSession[] = [];
  const allocations: ClosedAllocation[] = [];
  const facts: FactListener = {
    sessionClosed: (session) => sessions.push(session),
    allocationClosed: (allocation) => allocations.push(allocation),
  };
  const relay = new Relay({ lingerMs: 10_000, separator: ':', maxAllocations: 1000, realms: ['r'] }, facts);
  return { relay, origin: relay.origins.add('here', 'here', 0), sessions, allocations };
}

function counted(relay: Relay): number[] {
  return relay.totals.cells.reduce(
    (sum, cell) => sum.map((value, at) => value + (cell.traffic[at] ?? 0)),
    [0, 0, 0, 0, 0, 0, 0, 0],
  );
}

const row = (client: LegCounts, peer: LegCounts): number[] => [...legRow(client), ...legRow(peer)];

/** Applies events one after another, checking after each that no total has gone down. */
function play(relay: Relay, events: readonly TurnEvent[]): void {
  let now = 0;
  let before = counted(relay);
  for (const event of events) {
    relay.apply(event, (now += 10));
    const after = counted(relay);
    after.forEach((value, at) => {
      expect(value).toBeGreaterThanOrEqual(before[at] ?? 0);
    });
    before = after;
  }
}

/** Long after: every allocation and session is over. */
function settle(relay: Relay): void {
  for (let now = 1e5; now < 1e5 + 1e4; now += 1000) relay.advance(now);
  for (let now = 2e7; now < 2e7 + 4e4; now += 1000) relay.advance(now);
}

function lives(
  origin: number,
  reports: [LegCounts, LegCounts][][],
): { truths: TrueAllocation[]; stories: TurnEvent[][] } {
  const truths = reports.map(
    (_, i) =>
      new TrueAllocation(
        { origin, high: i % 2, low: i + 1 },
        () => ({ realm: 'r', username: `99:${i % 3}` }),
        1000 + i,
      ),
  );
  const stories = truths.map((truth, i) => [
    ...truth.begin(),
    ...(reports[i] ?? []).flatMap(([client, peer]) => truth.carry(client, peer)),
    ...truth.end(),
  ]);
  return { truths, stories };
}

/** coturn sends a report's two messages back to back, so both are lost or none. */
function withoutSomeReports(story: readonly TurnEvent[], lost: fc.Stream<boolean>): TurnEvent[] {
  let skip = false;
  return story.filter((event) => {
    if (event.kind !== 'traffic') return true;
    if (event.leg === 0) skip = lost.next().value as boolean;
    return !skip;
  });
}

const trueSum = (truths: readonly TrueAllocation[]): number[] =>
  row(truths.map(({ client }) => client).reduce(plus, ZERO), truths.map(({ peer }) => peer).reduce(plus, ZERO));

const sessionSum = (sessions: readonly ClosedSession[]): number[] =>
  row(sessions.map(({ client }) => client).reduce(plus, ZERO), sessions.map(({ peer }) => peer).reduce(plus, ZERO));

function expectNothingLeft(relay: Relay): void {
  expect(relay.openAllocations).toBe(0);
  for (const cell of relay.totals.cells) expect(cell.open).toBe(0);
  for (const realm of relay.totals.realms) expect([realm.sessions, realm.users]).toEqual([0, 0]);
}

test('stories told whole, however interleaved, are counted to the byte, in the totals and in the sessions', () => {
  fc.assert(
    fc.property(fc.array(life, { minLength: 1, maxLength: 5 }), fc.infiniteStream(fc.nat(1000)), (reports, order) => {
      const { relay, origin, sessions } = watched();
      const { truths, stories } = lives(origin, reports);
      const events: TurnEvent[] = [];
      const left = stories.map((story) => [...story]);
      while (left.some((story) => story.length > 0)) {
        const open = left.filter((story) => story.length > 0);
        const story = open[(order.next().value as number) % open.length];
        const event = story?.shift();
        if (event) events.push(event);
      }
      play(relay, events);
      settle(relay);
      expect(counted(relay)).toEqual(trueSum(truths));
      expect(sessionSum(sessions)).toEqual(trueSum(truths));
      expect(sessions.every(({ settled }) => settled === 'exact')).toBe(true);
      expectNothingLeft(relay);
    }),
  );
});

test('differences that were lost are found in the totals, also where the peer total wrapped at 2^32', () => {
  fc.assert(
    fc.property(largeLife, fc.infiniteStream(fc.boolean()), (reports, lost) => {
      const { relay, origin, sessions } = watched();
      const { truths, stories } = lives(origin, [reports]);
      play(relay, withoutSomeReports(stories[0] ?? [], lost));
      settle(relay);
      expect(counted(relay)).toEqual(trueSum(truths));
      expect(sessionSum(sessions)).toEqual(trueSum(truths));
    }),
  );
});

test('messages in any order, listings among them, some lost, some but differences repeated, never count a byte twice nor leak', () => {
  fc.assert(
    fc.property(
      fc.array(life, { minLength: 1, maxLength: 4 }).chain((reports) => {
        const { truths, stories } = lives(0, reports);
        const told = [...stories.flat(), ...truths.flatMap((truth) => truth.found())];
        const again = told.filter(({ kind }) => kind !== 'traffic');
        return fc.tuple(fc.constant(reports), fc.shuffledSubarray([...told, ...again]));
      }),
      ([reports, events]) => {
        const { relay, sessions } = watched();
        const { truths } = lives(0, reports);
        play(relay, events);
        settle(relay);
        const truth = trueSum(truths);
        counted(relay).forEach((value, at) => {
          expect(value).toBeLessThanOrEqual(truth[at] ?? 0);
        });
        sessionSum(sessions).forEach((value, at) => {
          expect(value).toBeLessThanOrEqual(truth[at] ?? 0);
        });
        expectNothingLeft(relay);
      },
    ),
  );
});

test('what a server had open when it died is estimated from what it had told, and closed once', () => {
  fc.assert(
    fc.property(fc.array(life, { minLength: 1, maxLength: 5 }), fc.nat(100), (reports, cut) => {
      const { relay, origin, sessions, allocations } = watched();
      const { stories } = lives(origin, reports);
      const told = stories.flatMap((story) => story.slice(0, 1 + (cut % story.length)));
      play(relay, told);
      relay.endOrigin(origin, 1e4);
      settle(relay);
      expect(sessionSum(sessions)).toEqual(counted(relay));
      expect(new Set(allocations.map(({ id }) => id)).size).toBe(allocations.length);
      expectNothingLeft(relay);
    }),
  );
});
