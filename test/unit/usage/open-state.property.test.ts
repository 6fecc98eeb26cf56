import fc from 'fast-check';
import { CLIENT_LEG, PEER_LEG } from '../../../src/turn/counts';
import type { TurnEvent } from '../../../src/turn/event';
import type { ClosedSession } from '../../../src/turn/fact';
import { Relay } from '../../../src/turn/relay';
import { readKept, shiftBetween, type Stamp } from '../../../src/usage/kept-state';
import { NUMBERS_A_COMMIT, OpenState } from '../../../src/usage/open-state';

const STAMP = { bootId: 'a', monotonic: 0, wall: 0 };

/** A relay whose open rows are kept in blocks, as the ledger keeps them, with the file in an array. */
class Kept {
  readonly sessions: ClosedSession[] = [];
  readonly relay = new Relay(
    { lingerMs: 10_000, separator: ':', maxAllocations: 1000, realms: ['r'] },
    { sessionClosed: (session) => this.sessions.push(session) },
  );
  private readonly open = new OpenState(this.relay.rows);
  private number: number;

  constructor(
    readonly blocks: Map<number, string>,
    private readonly stamp: Stamp = STAMP,
  ) {
    const stored = [...blocks].map(([number, text]) => ({ number, text }));
    const kept = readKept(stored, stamp);
    this.number = Math.max(0, ...blocks.keys());
    // As each run of the agent does: a number given twice would take one session for another.
    this.relay.numberSessionsFrom(this.number * 1000 + 1);
    if (stored.length > 0) this.relay.rows.restore(kept.state, 0);
    else this.relay.origins.add('here', 'here', 0);
    this.relay.rows.track();
    this.open.load(kept);
  }

  commit(): void {
    const number = (this.number += NUMBERS_A_COMMIT);
    const { rows, counts } = this.open.write(number);
    for (const gone of this.open.dropObsolete()) this.blocks.delete(gone);
    const origins = this.relay.rows.origins();
    if (counts.rows > 0) this.blocks.set(number - 1, counts.pieces(null).join(''));
    this.blocks.set(number, rows.pieces({ at: this.stamp, origins, witness: null }).join(''));
  }

  pass(from: number, to: number): void {
    for (let now = from; now <= to; now += 1000) this.relay.advance(now);
  }
}

type Step =
  | { readonly kind: 'open' | 'close'; readonly who: number; readonly port?: number }
  | { readonly kind: 'traffic'; readonly who: number; readonly bytes: number }
  | { readonly kind: 'wait'; readonly seconds: number };

const who = fc.nat(5);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constantFrom('open' as const, 'close' as const), who }),
  fc.record({ kind: fc.constant('traffic' as const), who, bytes: fc.integer({ min: 1, max: 1e6 }) }),
  fc.record({ kind: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 15 }) }),
);

const NAMES = ['99:a', '99:b', 'c'];
const id = (who: number): { origin: number; high: number; low: number } => ({ origin: 0, high: who, low: who });
const NOTHING = { receivedPackets: 0, receivedBytes: 0, sentPackets: 0, sentBytes: 0 };
const BOTH_LEGS = [CLIENT_LEG, PEER_LEG] as const;
const leg = (bytes: number) => ({ receivedPackets: 1, receivedBytes: bytes, sentPackets: 1, sentBytes: bytes * 2 });

function events(step: Step): TurnEvent[] {
  if (step.kind === 'wait') return [];
  const common = {
    ...id(step.who),
    principal: () => ({ realm: 'r', username: NAMES[step.who % NAMES.length] ?? '' }),
  };
  const endpoint = { transport: 'udp' as const, remote: `10.0.0.1:${'port' in step ? step.port : 1000 + step.who}` };
  switch (step.kind) {
    case 'open':
      return [{ ...common, kind: 'new', lifetimeSeconds: 600, endpoint }];
    case 'traffic':
      return BOTH_LEGS.map((on) => ({ ...common, kind: 'traffic' as const, leg: on, ...leg(step.bytes) }));
    case 'close':
      // Totals that are no more than what was told: the allocation has ended then, and waits for nothing.
      return [
        { ...common, kind: 'deleted' },
        ...BOTH_LEGS.map((on) => ({ ...common, kind: 'totals' as const, leg: on, ...NOTHING })),
      ];
  }
}

function play(kept: Kept, steps: readonly Step[], start: number): number {
  let now = start;
  for (const step of steps) {
    for (const event of events(step)) kept.relay.apply(event, now);
    if (step.kind === 'wait') kept.pass(now, (now += step.seconds * 1000));
    now += 10;
  }
  return now;
}

/** Everything of a session but its number and how sure its counts are. */
const facts = (sessions: readonly ClosedSession[]): string[] =>
  sessions.map(({ settled: _, sequence: __, ...session }) => JSON.stringify(session)).sort();

test('an agent that was killed after any commit, and began again from its blocks, closes the sessions that it would have closed', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(step, { maxLength: 12 }), { maxLength: 6 }),
      fc.array(step, { maxLength: 30 }),
      (before, after) => {
        const first = new Kept(new Map());
        let now = 0;
        for (const steps of before) {
          now = play(first, steps, now);
          // Until the ended allocations are forgotten, as the blocks forget them.
          first.pass(now, (now += 6000));
          first.commit();
        }
        const closed = first.sessions.length;
        const second = new Kept(new Map(first.blocks));
        play(second, after, now);
        now = play(first, after, now);
        for (const kept of [first, second]) {
          kept.relay.endOrigin(0, now + 1);
          kept.pass(now, now + 30_000);
        }
        expect(facts(second.sessions)).toEqual(facts(first.sessions.slice(closed)));
      },
    ),
    { numRuns: 300 },
  );
});

test('the blocks stay bounded by what is open, however long it goes on, and whatever stays as it is meanwhile', () => {
  const kept = new Kept(new Map());
  const tell = (steps: readonly Step[], now: number): void => {
    for (const event of steps.flatMap(events)) kept.relay.apply(event, now);
    kept.commit();
  };
  for (let who = 0; who < 6; who++) tell([{ kind: 'open', who }], 0);
  for (let who = 0; who < 6; who++) tell([{ kind: 'traffic', who, bytes: 5 }], 1);
  for (let round = 0; round < 8_000; round++) {
    tell([{ kind: 'traffic', who: 0, bytes: 5 }], round);
    // At another port, or it would be taken for what was told before.
    tell([{ kind: round % 2 === 0 ? 'close' : 'open', who: 5, port: round }], round);
  }
  expect(kept.blocks.size).toBeLessThan(5_000);
  const again = new Kept(kept.blocks);
  expect(again.relay.openAllocations).toBe(6);
});

test('times go on over a reboot by the wall clock, and never into the future', () => {
  const now = { bootId: 'b', monotonic: 5_000, wall: 1_000_000 };
  expect(shiftBetween({ bootId: 'b', monotonic: 1, wall: 5 }, now)).toBe(0);
  expect(shiftBetween({ bootId: 'a', monotonic: 90_000, wall: 940_000 }, now)).toBe(5_000 - 90_000 - 60_000);
  expect(shiftBetween({ bootId: 'a', monotonic: 90_000, wall: 2_000_000 }, now)).toBe(5_000 - 90_000);
});

test('what was open over a reboot began when it did for every run of the agent after it', () => {
  const first = new Kept(new Map(), { bootId: 'a', monotonic: 90_000, wall: 940_000 });
  play(first, [{ kind: 'open', who: 0 }], 80_000);
  first.commit();
  const second = new Kept(first.blocks, { bootId: 'b', monotonic: 5_000, wall: 1_000_000 });
  second.commit();
  play(second, [{ kind: 'traffic', who: 0, bytes: 5 }], 5_000);
  second.commit();
  const third = new Kept(second.blocks, { bootId: 'b', monotonic: 7_000, wall: 1_002_000 });
  expect(second.relay.rows.session(0)?.startedAt).toBe(80_000 + 5_000 - 90_000 - 60_000);
  expect(third.relay.rows.session(0)).toEqual(second.relay.rows.session(0));
});
