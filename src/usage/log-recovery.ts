import { stat } from 'node:fs/promises';
import type { LoggedAllocation } from '../coturn/log-allocation-sums';
import type { LogPosition } from '../coturn/log-place';
import type { LogEvent } from '../coturn/log-reader';
import type { CoturnLife } from '../coturn/server';
import type { Clock } from '../lib/clock';
import { messageOf } from '../lib/errors';
import type { Logger } from '../lib/logger';
import type { Service } from '../lib/services';
import { scanLog } from '../sources/log-scan';
import { LogTail, type EventPlace } from '../sources/log-tail';
import type { AllocationId } from '../turn/event';
import type { CloseReason } from '../turn/fact';
import type { Relay } from '../turn/relay';
import type { LifeAllocation } from './life-map';
import { LogAudit, type LoggedEnd } from './log-audit';
import { LogLives, type LogLife } from './log-lives';
import { recoveredFrom } from './recovered-from';

/** What a later run of the agent needs to go on; JSON. */
export interface LogWitness {
  readonly position: LogPosition | undefined;
  readonly settled: readonly (readonly [life: number, high: number, low: number])[];
  readonly lives: readonly Omit<LogLife, 'gap' | 'kept'>[];
}

/** The stats source, as far as lives of the agent's own coturn are concerned. */
export interface OwnOrigins {
  originOf(lifeNumber: number): number;
  lifeOfOrigin(origin: number): number | undefined;
  /** Every other life is over. */
  onlyLife(lifeNumber: number): void;
}

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

type Wanted = (one: { readonly high: number; readonly low: number }) => boolean;

/**
 * Finds out from coturn's log what nobody was told: allocations that ended while the agent or the stats connection was
 * away, and what had been reported of those that were open when coturn died. The log says when an allocation ends; what
 * the stats connection does not say as well is read up in it. Only lines that no client can have written count.
 */
export class LogRecovery implements Service {
  readonly name = 'log';
  readonly tail: LogTail;
  readonly figures = {
    recovered: 0,
    leftOut: { doubtful: 0, contradiction: 0, implausible: 0, beyond: 0, incomplete: 0 },
  };
  private readonly audit = new LogAudit({ graceMs: GRACE_MS, marginMs: MARGIN_MS, limit: MAX_UNMATCHED });
  private readonly lives = new LogLives();
  private readonly ended = new AbortController();
  /** Handed out by the audit, and not taken up yet. */
  private inHand: readonly LoggedEnd[] = [];
  private jobs: Promise<void> = Promise.resolve();
  private startedAt = 0;
  /** When the log was last written before this run's coturn: about when the coturn before it died. */
  private lastWrite: number | undefined;
  private recovering = false;
  /** The life that runs, or ran last in this run of the agent. */
  private current: number | undefined;

  constructor(private readonly options: LogRecoveryOptions) {
    const { path, keep, witness, shift, clock, logger } = options;
    const from = witness?.position;
    this.tail = new LogTail({ path, keep, ...(from && { from }), onEvent: this.onEvent, clock, logger });
    for (const [life, high, low] of witness?.settled ?? [])
      this.audit.restore([{ life, high, low }], clock.monotonic());
    for (const { number, start, startedAt } of witness?.lives ?? []) {
      this.lives.add({ number, start, startedAt: startedAt + shift, gap: from, kept: true });
    }
  }

  async start(): Promise<void> {
    const { clock, logger, relay, path, witness } = this.options;
    this.startedAt = clock.monotonic();
    const written = await stat(path).catch(() => undefined);
    this.lastWrite = written && Math.min(this.startedAt, written.mtimeMs - clock.now() + this.startedAt);
    for (const { number, start } of this.lives.all()) if (start) this.tail.mark(number, start);
    if (witness) relay.holdSessions(true);
    await this.tail.start();
    clock.every(
      TICK_MS,
      () => {
        this.tick();
      },
      this.ended.signal,
      (error) => {
        logger.error({ err: error }, 'the log could not be compared with what coturn told');
      },
    );
  }

  async stop(): Promise<void> {
    this.ended.abort();
    await this.jobs;
    await this.tail.stop();
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
    this.enqueue(() => this.settleLife(number, origin, died));
  }

  /** coturn listed all that it has open: what was open before this run and is not among it ended while no agent ran. */
  listed(number: number, ids: readonly string[]): void {
    const { relay, origins } = this.options;
    const listed = new Set(ids);
    const origin = origins().originOf(number);
    const { view } = relay;
    const gone = [...view.allocations(origin)].filter((slot) => view.isKept(slot) && !listed.has(view.idOf(slot)));
    if (gone.length > 0) this.enqueue(() => this.giveUp(origin, new Set(gone.map((slot) => view.idOf(slot)))));
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

  private tick(): void {
    const { clock, relay } = this.options;
    const now = clock.monotonic();
    // What was handed out stays in the audit's account until it is taken up.
    if (this.inHand.length === 0) {
      if (this.tail.position) this.audit.readTo(this.tail.position);
      if (this.tail.caughtUpAt !== undefined) this.audit.caughtUp(this.tail.caughtUpAt);
      this.inHand = this.audit.due(now);
      if (this.inHand.length > 0) this.enqueue(() => this.recoverInHand());
    }
    if (this.isSettledSince(this.startedAt, now)) relay.holdSessions(false);
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

  /** Never leaves anything in hand but when the agent ends: then the next run takes it up. */
  private async recoverInHand(): Promise<void> {
    for (let first = this.inHand[0]; first; first = this.inHand[0]) {
      const number = first.life;
      const wanted = new Set(this.inHand.filter(({ life }) => life === number).map(keyOf));
      const life = this.lives.get(number);
      const found = life && (await this.scan(life, (one) => wanted.has(keyOf({ life: number, ...one }))));
      // At once with what is no longer in hand: whatever is kept of the one is kept of the other.
      if (life && found) this.recover(found, life, this.options.origins().originOf(number), undefined);
      this.inHand = this.inHand.filter((one) => one.life !== number);
    }
  }

  private async settleLife(number: number, origin: number, diedAt: number): Promise<void> {
    const { relay, clock } = this.options;
    const life = this.lives.get(number);
    const open = new Set(Array.from(relay.view.allocations(origin), (slot) => relay.view.idOf(slot)));
    if (life && (open.size > 0 || life.gap)) {
      while (!this.isSettledSince(diedAt, clock.monotonic())) await clock.sleep(TICK_MS / 2, this.ended.signal);
      const found = await this.scan(life, ({ high, low }) => open.has(idOf(high, low)), life.gap);
      this.recover(found, life, origin, diedAt);
    }
    relay.endOrigin(origin, diedAt);
    this.lives.remove(number);
  }

  /** The log is asked first. What it does not tell has ended with what had been told of it. */
  private async giveUp(origin: number, ids: ReadonlySet<string>): Promise<void> {
    const { relay, clock } = this.options;
    while (!this.isSettledSince(this.startedAt, clock.monotonic())) await clock.sleep(TICK_MS, this.ended.signal);
    const left = [...relay.view.allocations(origin)].filter((slot) => ids.has(relay.view.idOf(slot)));
    relay.giveUp(left, this.startedAt);
  }

  /** What the log tells; nothing where it can't be read. Rejects when the agent ends. */
  private async scan(life: LogLife, wanted: Wanted, newSince?: LogLife['gap']): Promise<readonly LoggedAllocation[]> {
    const { path, keep, logger } = this.options;
    const { signal } = this.ended;
    const until = this.lives.endOf(life.number);
    try {
      const found = await scanLog({ path, keep, from: life.start, until, wanted, newSince, signal });
      const { leftOut } = this.figures;
      for (const reason of ['doubtful', 'contradiction', 'implausible', 'beyond'] as const) {
        leftOut[reason] += found.leftOut[reason];
      }
      return found.allocations;
    } catch (error) {
      signal.throwIfAborted();
      logger.error({ why: messageOf(error) }, "coturn's log could not be searched for what was not told");
      return [];
    }
  }

  private recover(found: readonly LoggedAllocation[], life: LogLife, origin: number, diedAt: number | undefined): void {
    const { relay, clock } = this.options;
    const recovered = found.flatMap((logged) => {
      if (!logged.complete) this.figures.leftOut.incomplete++;
      const isKnown = relay.knows(origin, logged.high, logged.low);
      return recoveredFrom(logged, { life, origin, diedAt, isKnown, clock }) ?? [];
    });
    this.recovering = true;
    const contradicted = relay.recover(recovered, clock.monotonic());
    this.recovering = false;
    this.figures.recovered += recovered.length - contradicted;
    this.figures.leftOut.contradiction += contradicted;
  }
}

function keyOf({ life, high, low }: LifeAllocation): string {
  return `${life}-${high}-${low}`;
}

function idOf(high: number, low: number): string {
  return String(high).padStart(9, '0') + String(low).padStart(9, '0');
}
