import fc from 'fast-check';
import type { LogPosition } from '../../../src/coturn/log-place';
import type { LifeAllocation } from '../../../src/usage/life-map';
import { LogAudit } from '../../../src/usage/log-audit';

const OPTIONS = { graceMs: 3000, marginMs: 1000, limit: 1000 };
const A = { life: 7, high: 1_000_000, low: 3 };
const B = { life: 7, high: 2_000_000, low: 3 };

const at = (offset: number): LogPosition => ({ inode: 1, bornAt: 1, offset, doubtfulBytes: 0 });

test('an end that both tell, in either order and within the grace, is handed out by neither', () => {
  const audit = new LogAudit(OPTIONS);
  audit.told(A, 0);
  audit.logged(A, 10, at(0));
  audit.logged(B, 10, at(100));
  audit.told(B, 3000);
  expect(audit.due(100_000)).toEqual([]);
});

test('an end that only the log tells is handed out once, when the grace is over and not before', () => {
  const audit = new LogAudit(OPTIONS);
  audit.logged(A, 10, at(0));
  expect(audit.due(3009)).toEqual([]);
  expect(audit.due(3010)).toEqual([{ ...A, at: 10 }]);
  expect(audit.due(9000)).toEqual([]);
});

test('the same id in another life, or of another relay thread, is another allocation', () => {
  const audit = new LogAudit(OPTIONS);
  audit.told({ ...A, life: 6 }, 0);
  audit.told(B, 0);
  audit.logged(A, 10, at(0));
  expect(audit.due(5000)).toEqual([{ ...A, at: 10 }]);
});

test('what the log never tells is forgotten when the log has been read well beyond it', () => {
  const audit = new LogAudit(OPTIONS);
  audit.told(A, 1000);
  audit.told(B, 1500);
  audit.caughtUp(2000);
  expect(audit.unmatched()).toEqual([A, B]);
  audit.caughtUp(2001);
  expect(audit.unmatched()).toEqual([B]);
});

test('the position stays before the oldest end that is not settled', () => {
  const audit = new LogAudit(OPTIONS);
  expect(audit.auditedPosition()).toBeUndefined();
  audit.readTo(at(50));
  expect(audit.auditedPosition()).toEqual(at(50));
  audit.logged(A, 0, at(100));
  audit.logged(B, 0, at(200));
  audit.told(B, 0);
  audit.readTo(at(300));
  expect(audit.auditedPosition()).toEqual(at(100));
  expect(audit.unmatched()).toEqual([B]);
  audit.told(A, 0);
  audit.readTo(at(300));
  expect(audit.auditedPosition()).toEqual(at(300));
  expect(audit.unmatched()).toEqual([]);
});

test('neither side waits beyond its limit: told ends are given up, logged ones are handed out early', () => {
  const audit = new LogAudit({ ...OPTIONS, limit: 10 });
  for (let low = 0; low < 25; low++) audit.told({ ...A, low }, 0);
  expect(audit.unmatched()).toHaveLength(10);
  expect(audit.givenUp).toBe(15);
  for (let low = 100; low < 125; low++) audit.logged({ ...A, low }, 0, at(low));
  expect(audit.due(0)).toHaveLength(15);
});

/** What an agent has on disk. Its outcomes are as durable as the rest of it. */
interface Commit {
  readonly unmatched: readonly LifeAllocation[];
  readonly from: number;
  readonly outcomes: ReadonlyMap<number, 'told' | 'due'>;
}

/**
 * Agents that die and come back, over one log. coturn ends allocations in the order of their numbers: the line of number
 * n stands at offset n, and the stats connection may tell the same, at once or later, to whoever is there then.
 */
class Agents {
  now = 0;
  private written = 0;
  private readonly untold: number[] = [];
  private commit: Commit = { unmatched: [], from: 0, outcomes: new Map() };
  private audit = new LogAudit(OPTIONS);
  private read = 0;
  private outcomes = new Map<number, 'told' | 'due'>();
  readonly doubles: string[] = [];

  coturnEnds(): void {
    this.untold.push(this.written++);
  }

  tell(which: number): void {
    const [number] = this.untold.splice(which % Math.max(1, this.untold.length), 1);
    // Who was handed out before is known to have ended: the ledger takes no notice of it any more.
    if (number === undefined || this.outcomes.has(number)) return;
    this.audit.told(idOf(number), this.now);
    this.outcome(number, 'told');
  }

  readLog(lines: number): void {
    const end = Math.min(this.written, this.read + lines);
    for (; this.read < end; this.read++) this.audit.logged(idOf(this.read), this.now, at(this.read));
    if (this.read === this.written) this.audit.caughtUp(this.now);
  }

  pass(ms: number): void {
    this.now += ms;
    for (const { high, low } of this.audit.due(this.now)) this.outcome(high * 1000 + low, 'due');
  }

  save(readTo: boolean): void {
    if (readTo) this.audit.readTo(at(this.read));
    const from = this.audit.auditedPosition()?.offset ?? this.commit.from;
    this.commit = { unmatched: this.audit.unmatched(), from, outcomes: new Map(this.outcomes) };
  }

  die(): void {
    this.audit = new LogAudit(OPTIONS);
    this.audit.restore(this.commit.unmatched, this.now);
    this.read = this.commit.from;
    this.outcomes = new Map(this.commit.outcomes);
    // Told ends that were not saved have been told to nobody: coturn does not tell them again.
  }

  settle(): ReadonlyMap<number, 'told' | 'due'> {
    this.readLog(Infinity);
    this.pass(10_000);
    return this.outcomes;
  }

  get ended(): number {
    return this.written;
  }

  private outcome(number: number, how: 'told' | 'due'): void {
    if (this.outcomes.has(number)) this.doubles.push(`${number} ${how} after ${this.outcomes.get(number) ?? ''}`);
    this.outcomes.set(number, how);
  }
}

/** Ids on a few relay threads. */
function idOf(number: number): LifeAllocation {
  return { life: 1, high: Math.trunc(number / 1000), low: number % 1000 };
}

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constant((agents: Agents): void => {
      agents.coturnEnds();
    }),
  },
  {
    weight: 3,
    arbitrary: fc.nat(20).map((which) => (agents: Agents): void => {
      agents.tell(which);
    }),
  },
  {
    weight: 3,
    arbitrary: fc.nat(6).map((lines) => (agents: Agents): void => {
      agents.readLog(lines);
    }),
  },
  {
    weight: 2,
    arbitrary: fc.nat(2500).map((ms) => (agents: Agents): void => {
      agents.pass(ms);
    }),
  },
  {
    weight: 2,
    arbitrary: fc.boolean().map((readTo) => (agents: Agents): void => {
      agents.save(readTo);
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constant((agents: Agents): void => {
      agents.die();
    }),
  },
);

test('whatever comes in which order, and wherever the agent dies: each end is told or handed out, none is twice', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const agents = new Agents();
      for (const take of steps) take(agents);
      const outcomes = agents.settle();
      expect(agents.doubles).toEqual([]);
      expect([...outcomes.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: agents.ended }, (_, i) => i));
    }),
    { numRuns: 2000 },
  );
});

test('what is settled and has been read is kept by nobody', () => {
  const audit = new LogAudit({ ...OPTIONS, limit: 1_000_000 });
  for (let i = 0; i < 50_000; i++) {
    audit.told(idOf(i), i);
    audit.logged(idOf(i), i, at(i));
    if (i % 100 === 99) audit.readTo(at(i + 1));
  }
  expect(audit.unmatched()).toEqual([]);
  expect(audit.auditedPosition()).toEqual(at(50_000));
});
