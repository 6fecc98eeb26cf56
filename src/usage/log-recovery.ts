import { stat } from 'node:fs/promises';
import type { LoggedAllocation } from '../coturn/log-allocation-sums';
import type { LogPosition } from '../coturn/log-place';
import type { LogEvent } from '../coturn/log-reader';
import type { CoturnLife } from '../coturn/server';
import type { Clock } from '../lib/clock';
import { messageOf } from '../lib/errors';
import type { Logger } from '../lib/logger';
import type { Service } from '../lib/services';
import { LogTail, type EventPlace } from '../sources/log-tail';
import { allocationId } from '../turn/allocation-table';
import type { AllocationId } from '../turn/event';
import type { CloseReason } from '../turn/fact';
import type { Relay } from '../turn/relay';
import { keyOf } from './life-map';
import { LogAudit, type LoggedEnd } from './log-audit';
import { LogLives, type LogLife } from './log-lives';
import { LogSearch, type LeftOut } from './log-search';
import type { LogWitness } from './log-witness';
import type { OwnOrigins } from './own-origins';
import { recoveredFrom } from './recovered-from';

export interface LogRecoveryOptions {
  /** coturn's log, and how many rotated files of it are kept. */
  readonly path: string;
  readonly keep: number;
  readonly relay: Relay;
  /** Asked once everything runs. */
  readonly origins: () => OwnOrigins;
  /** What another run of the agent kept; undefined where there was none. */
  readonly witness: LogWitness | undefined;
  /** To be added to the times in it. */
  readonly shift: number;
  /** The life that coturn's own record names: another run may have died before it kept anything of that. */
  readonly recorded: Omit<LogLife, 'gap' | 'kept'> | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

const TICK_MS = 500;
/** What the log says has ended is told on the stats connection within milliseconds, or not at all. */
const GRACE_MS = 2_000;
const MARGIN_MS = 10_000;
const MAX_UNMATCHED = 500_000;
/** A life's end is looked into when everything that it wrote has been read, or after this. */
const PATIENCE_MS = 15_000;

/**
 * Finds out from coturn's log what nobody was told: allocations that ended while the agent or the stats connection was
 * away, and what had been reported of those that were open when coturn died. The log says when an allocation ends; what
 * the stats connection does not say as well is read up in it. Only lines that no client can have written count.
 */
export class LogRecovery implements Service {
  readonly name = 'log';
  readonly tail: LogTail;
  recovered = 0;
  private readonly audit = new LogAudit({ graceMs: GRACE_MS, marginMs: MARGIN_MS, limit: MAX_UNMATCHED });
  private readonly lives = new LogLives();
  private readonly ended = new AbortController();
  private readonly search: LogSearch;
  /** Handed out by the audit, and not taken up yet. */
  private inHand: readonly LoggedEnd[] = [];
  private jobs: Promise<void> = Promise.resolve();
  private startedAt = 0;
  /** When the log was last written before this run's coturn: about when the coturn before it died. */
  private lastWrite: number | undefined;
  private recovering = false;
  /** Jobs that wait for what the log says, or are under way. */
  private waiting = 0;
  /** The life that runs, or ran last in this run of the agent. */
  private current: number | undefined;

  constructor(private readonly options: LogRecoveryOptions) {
    const { path, keep, witness, recorded, clock, logger } = options;
    const from = witness?.position ?? recorded?.start;
    this.tail = new LogTail({ path, keep, ...(from && { from }), onEvent: this.onEvent, clock, logger });
    this.search = new LogSearch({ path, keep, lives: this.lives, signal: this.ended.signal, logger });
    if (witness) this.restore(witness, from);
    if (recorded && !this.lives.get(recorded.number)) this.lives.add({ ...recorded, gap: recorded.start, kept: true });
  }

  /** What was left out of what the log tells, by reason. */
  get leftOut(): Readonly<LeftOut> {
    return this.search.leftOut;
  }

  async start(): Promise<void> {
    const { clock, logger, relay, path } = this.options;
    this.startedAt = clock.monotonic();
    const written = await stat(path).catch(() => undefined);
    this.lastWrite = written && Math.min(this.startedAt, written.mtimeMs - clock.now() + this.startedAt);
    for (const { number, start } of this.lives.all()) if (start) this.tail.mark(number, start);
    if (this.lives.all().length > 0) relay.holdSessions(true);
    await this.tail.start();
    clock.every(TICK_MS, this.tick, this.ended.signal, (error) => {
      logger.error({ err: error }, 'the log could not be compared with what coturn told');
    });
  }

  async stop(): Promise<void> {
    this.ended.abort();
    await this.jobs;
    await this.tail.stop();
  }

  private restore({ settled, lives }: LogWitness, gap: LogPosition | undefined): void {
    const { shift, clock } = this.options;
    const allocations = settled.map(([life, high, low]) => ({ life, high, low }));
    this.audit.restore(allocations, clock.monotonic());
    for (const { number, start, startedAt } of lives) {
      this.lives.add({ number, start, startedAt: startedAt + shift, gap, kept: true });
    }
  }

  /** At one moment with the open rows: what the next run begins with. */
  witness(): LogWitness {
    const inHand = new Set(this.inHand.map(keyOf));
    const settled = this.audit.unmatched().filter((one) => !inHand.has(keyOf(one)));
    return {
      position: this.audit.auditedPosition() ?? this.options.witness?.position,
      settled: settled.map(({ life, high, low }) => [life, high, low] as const),
      lives: this.lives.all().map(({ number, start, startedAt }) => ({ number, start, startedAt })),
    };
  }

  /** The agent's own coturn runs: it was started, or taken over from another run of the agent. */
  lifeStarted({ number, logStart, startedMonotonic }: CoturnLife, takenOver: boolean): void {
    const origins = this.options.origins();
    if (!this.lives.get(number)) {
      const gap = takenOver ? logStart : undefined;
      this.lives.add({ number, start: logStart, startedAt: startedMonotonic, gap, kept: takenOver });
      if (logStart) this.tail.mark(number, logStart);
    }
    this.current = number;
    // So that those of which nothing was open are looked into too.
    for (const life of this.lives.all()) if (life.number !== number) origins.originOf(life.number);
    origins.onlyLife(number);
  }

  /** A life is over: its origin ends in the relay when the log has been asked what else there is to know. */
  lifeEnded(number: number, origin: number, diedAt: number): void {
    const died = number === this.current ? diedAt : Math.min(diedAt, this.lastWrite ?? diedAt);
    const isClear = this.lives.get(number)?.gap === undefined && this.openIn(origin).size === 0;
    this.enqueueWhenSettled(isClear ? -Infinity : diedAt, () => this.settleLife(number, origin, died));
  }

  /** coturn listed all that it has open: what was open before this run and is not among it ended while no agent ran. */
  listed(number: number, open: readonly string[]): void {
    const { relay, origins } = this.options;
    const listed = new Set(open);
    const origin = origins().originOf(number);
    const { view } = relay;
    const gone = [...view.allocations(origin)].filter((slot) => view.isKept(slot) && !listed.has(view.idOf(slot)));
    const ids = new Set(gone.map((slot) => view.idOf(slot)));
    // The log is asked first. What it does not tell has ended with what had been told of it.
    this.enqueueWhenSettled(this.startedAt, () => {
      const left = [...view.allocations(origin)].filter((slot) => ids.has(view.idOf(slot)));
      relay.giveUp(left, this.startedAt);
      return Promise.resolve();
    });
  }

  /** A stats connection of this life broke. */
  threadLost(number: number): void {
    const life = this.lives.get(number);
    if (life) life.gap ??= this.tail.position;
  }

  /** An allocation has ended in the relay. */
  allocationEnded(id: AllocationId, reason: CloseReason): void {
    if (this.recovering || reason === 'lost' || reason === 'stale' || reason === 'superseded') return;
    const life = this.options.origins().lifeOfOrigin(id.origin);
    if (life !== undefined) this.audit.told({ life, high: id.high, low: id.low }, this.options.clock.monotonic());
  }

  private readonly onEvent = (event: LogEvent, place: EventPlace): void => {
    if (event.kind !== 'allocation_deleted' || place.life === undefined) return;
    const { high, low } = event;
    this.audit.logged({ life: place.life, high, low }, this.options.clock.monotonic(), place);
  };

  private readonly tick = (): void => {
    const { clock, relay } = this.options;
    const now = clock.monotonic();
    // What was handed out stays in the audit's account until it is taken up.
    if (this.inHand.length === 0) {
      if (this.tail.position) this.audit.readTo(this.tail.position);
      if (this.tail.caughtUpAt !== undefined) this.audit.caughtUp(this.tail.caughtUpAt);
      this.inHand = this.audit.due(now);
      if (this.inHand.length > 0) this.enqueue(() => this.recoverInHand());
    }
    if (this.isSettledSince(this.startedAt, now) && !this.isLookingBack(now)) relay.holdSessions(false);
  };

  /** Whether earlier lives may still tell of allocations that belong into sessions which nothing holds open. */
  private isLookingBack(now: number): boolean {
    if (now > this.startedAt + 2 * PATIENCE_MS) return false;
    return this.waiting > 0 || this.lives.all().some(({ kept, number }) => kept && number !== this.current);
  }

  /** Whether everything that coturn wrote before `time` has been looked into, or there is no more waiting for it. */
  private isSettledSince(time: number, now: number): boolean {
    if (this.tail.problem !== undefined || now > time + PATIENCE_MS) return true;
    return this.inHand.length === 0 && (this.tail.caughtUpAt ?? 0) > time + GRACE_MS + TICK_MS;
  }

  private enqueue(job: () => Promise<void>): void {
    const { logger } = this.options;
    this.jobs = this.jobs.then(job).catch((error: unknown) => {
      if (!this.ended.signal.aborted) logger.error({ why: messageOf(error) }, "coturn's log could not be searched");
    });
  }

  /** The job is done when all that coturn wrote before `time` has been looked into. */
  private enqueueWhenSettled(time: number, job: () => Promise<void>): void {
    const { clock } = this.options;
    const { signal } = this.ended;
    const wait = async (): Promise<void> => {
      while (!this.isSettledSince(time, clock.monotonic())) await clock.sleep(TICK_MS / 2, signal);
      this.enqueue(() => job().finally(() => this.waiting--));
    };
    this.waiting++;
    wait().catch(() => undefined);
  }

  /** Never leaves anything in hand but when the agent ends: then the next run takes it up. */
  private async recoverInHand(): Promise<void> {
    for (let first = this.inHand[0]; first; first = this.inHand[0]) {
      const number = first.life;
      const wanted = new Set(this.inHand.filter(({ life }) => life === number).map(keyOf));
      const life = this.lives.get(number);
      const found = life && (await this.search.scan(life, (one) => wanted.has(keyOf({ life: number, ...one }))));
      // At once with what is no longer in hand: whatever is kept of the one is kept of the other.
      if (life && found) this.recover(found, life, this.options.origins().originOf(number), undefined);
      this.inHand = this.inHand.filter((one) => one.life !== number);
    }
  }

  private async settleLife(number: number, origin: number, diedAt: number): Promise<void> {
    const { relay } = this.options;
    const life = this.lives.get(number);
    const open = this.openIn(origin);
    if (life && (open.size > 0 || life.gap)) {
      const found = await this.search.scan(life, ({ high, low }) => open.has(allocationId(high, low)), life.gap);
      this.recover(found, life, origin, diedAt);
    }
    relay.endOrigin(origin, diedAt);
    this.lives.remove(number);
  }

  private openIn(origin: number): Set<string> {
    const { view } = this.options.relay;
    return new Set(Array.from(view.allocations(origin), (slot) => view.idOf(slot)));
  }

  private recover(found: readonly LoggedAllocation[], life: LogLife, origin: number, diedAt: number | undefined): void {
    const { relay, clock } = this.options;
    const recovered = found.flatMap((logged) => {
      if (!logged.complete) this.search.leftOut.incomplete++;
      const isKnown = relay.knows(origin, logged.high, logged.low);
      return recoveredFrom(logged, { life, origin, diedAt, isKnown, clock }) ?? [];
    });
    this.recovering = true;
    const contradicted = relay.recover(recovered, clock.monotonic());
    this.recovering = false;
    this.recovered += recovered.length - contradicted;
    this.search.leftOut.contradiction += contradicted;
  }
}
