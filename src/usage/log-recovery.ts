import { stat } from 'node:fs/promises';
import type { LogPosition } from '../coturn/log-place';
import type { LogEvent } from '../coturn/log-reader';
import type { CoturnLife } from '../coturn/server';
import type { Clock } from '../lib/clock';
import { messageOf } from '../lib/errors';
import { JobChain } from '../lib/job-chain';
import type { Logger } from '../lib/logger';
import type { Service } from '../lib/services';
import { LogTail, type EventPlace } from '../sources/log-tail';
import { allocationId } from '../turn/allocation-table';
import type { AllocationId } from '../turn/event';
import type { CloseReason } from '../turn/fact';
import type { Relay } from '../turn/relay';
import { keyOf } from './life-map';
import { GapFiller } from './gap-filler';
import { Hearing } from './hearing';
import { LogAudit, type LoggedEnd } from './log-audit';
import { LogLives, type LogLife } from './log-lives';
import { LogSearch } from './log-search';
import type { LogWitness } from './log-witness';
import type { OwnOrigins } from './own-origins';

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
/** coturn connects within milliseconds, before anybody can have an allocation. */
const CONNECT_MS = 2_000;
const STOP_PATIENCE_MS = 5_000;

/**
 * Finds out from coturn's log what nobody was told: allocations that ended while the agent or the stats connection was
 * away, and what had been reported of those that were open when coturn died. The log says when an allocation ends; what
 * the stats connection does not say as well is read up in it. Only lines that no client can have written count.
 */
export class LogRecovery implements Service {
  readonly name = 'log';
  readonly tail: LogTail;
  private readonly audit = new LogAudit({ graceMs: GRACE_MS, marginMs: MARGIN_MS, limit: MAX_UNMATCHED });
  private readonly lives = new LogLives();
  private readonly ended = new AbortController();
  private readonly search: LogSearch;
  readonly filler: GapFiller;
  /** Handed out by the audit, and not taken up yet. */
  private inHand: readonly LoggedEnd[] = [];
  private readonly jobs = new JobChain((error) => {
    if (this.ended.signal.aborted) return;
    this.options.logger.error({ why: messageOf(error) }, "coturn's log could not be searched");
  });
  private startedAt = 0;
  /** When the log was last written before this run's coturn: about when the coturn before it died. */
  private lastWrite: number | undefined;
  private readonly hearing = new Hearing();
  /** Jobs that wait for what the log says, or are under way. */
  private waiting = 0;

  constructor(private readonly options: LogRecoveryOptions) {
    const { path, keep, relay, witness, recorded, clock, logger } = options;
    const from = witness?.position ?? recorded?.start;
    this.tail = new LogTail({ path, keep, ...(from && { from }), onEvent: this.onEvent, clock, logger });
    this.search = new LogSearch({ path, keep, lives: this.lives, signal: this.ended.signal, logger });
    this.filler = new GapFiller(relay, clock, this.search.leftOut);
    if (witness) this.restore(witness, from);
    if (recorded && !this.lives.get(recorded.number)) this.lives.add({ ...recorded, gap: recorded.start, kept: true });
  }

  async start(): Promise<void> {
    const { clock, logger, path } = this.options;
    this.startedAt = clock.monotonic();
    const written = await stat(path).catch(() => undefined);
    this.lastWrite = written && Math.min(this.startedAt, written.mtimeMs - clock.now() + this.startedAt);
    for (const { number, start } of this.lives.all()) if (start) this.tail.mark(number, start);
    await this.tail.start();
    if (this.lives.all().length > 0) this.enqueueWhenSettled(this.startedAt, () => Promise.resolve());
    clock.every(TICK_MS, this.tick, this.ended.signal, (error) => {
      logger.error({ err: error }, 'the log could not be compared with what coturn told');
    });
  }

  /** Where coturn has been stopped, what it told nobody is found out first: the sessions of this run end in this run. */
  async stop(): Promise<void> {
    const { clock } = this.options;
    const deadline = clock.monotonic() + STOP_PATIENCE_MS;
    while (this.hearing.isOver && this.waiting > 0 && clock.monotonic() < deadline) await clock.sleep(TICK_MS / 2);
    this.ended.abort();
    await this.jobs.done();
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
    // So that those of which nothing was open are looked into too; of this run's own each has its origin.
    const others = this.hearing.life === undefined ? this.lives.all().filter((life) => life.number !== number) : [];
    for (const life of others) origins.originOf(life.number);
    this.hearing.begin(number);
    if (!this.lives.get(number)) {
      const gap = takenOver || !origins.isConnected(number) ? logStart : undefined;
      this.lives.add({ number, start: logStart, startedAt: startedMonotonic, gap, kept: takenOver });
      if (logStart) this.tail.mark(number, logStart);
      if (gap) this.hearing.lost(number, this.options.clock.monotonic());
    }
    origins.onlyLife(number);
  }

  /** A life is over: its origin ends in the relay when the log has been asked what else there is to know. */
  lifeEnded(number: number, origin: number, diedAt: number): void {
    this.hearing.end(number);
    this.lives.ended(number, origin);
    const died = number === this.hearing.life ? diedAt : Math.min(diedAt, this.lastWrite ?? diedAt);
    const isClear = this.lives.get(number)?.gap === undefined && this.openIn(origin).size === 0;
    this.enqueueWhenSettled(isClear ? -Infinity : diedAt, () => this.settleLife(number, origin, died));
  }

  /** coturn listed all that it has open: what was open before this run and is not among it ended while no agent ran. */
  listed(number: number, open: readonly string[]): void {
    this.hearing.heard(number);
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
    for (const life of this.lives.all()) if (life.number === number) life.gap ??= this.tail.position;
    this.hearing.lost(number, this.options.clock.monotonic());
  }

  /** A stats connection of this life is there. coturn makes them when it starts: then nothing went unheard before. */
  connected(number: number): void {
    const life = this.lives.get(number);
    if (!life || life.kept || life.gap !== life.start) return;
    if (this.options.clock.monotonic() >= life.startedAt + CONNECT_MS) return;
    life.gap = undefined;
    this.hearing.heard(number);
  }

  /** An allocation has ended in the relay. */
  allocationEnded(id: AllocationId, reason: CloseReason): void {
    if (this.filler.isFilling || reason === 'lost' || reason === 'stale' || reason === 'superseded') return;
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
      if (!this.hearing.isDeaf(now)) this.inHand = this.audit.due(now);
      if (this.inHand.length > 0) this.jobs.add(() => this.recoverInHand());
    }
    relay.holdSessions(this.hearing.isDeaf(now) || this.isLookingBack(now));
  };

  /** Whether earlier lives may still tell of allocations that belong into sessions which nothing holds open. */
  private isLookingBack(now: number): boolean {
    if (this.waiting > 0) return true;
    if (now > this.startedAt + 2 * PATIENCE_MS) return false;
    return this.lives.all().some(({ kept, number }) => kept && number !== this.hearing.life);
  }

  /** The job is done when all that coturn wrote before `time` has been looked into, or there is no more waiting for it. */
  private enqueueWhenSettled(time: number, job: () => Promise<void>): void {
    this.waiting++;
    this.options.relay.holdSessions(true);
    this.settled(time)
      .then(() => {
        this.jobs.add(() => job().finally(() => this.waiting--));
      })
      .catch(() => undefined); // The agent ends: the next run looks into it.
  }

  private async settled(time: number): Promise<void> {
    const { clock } = this.options;
    const until = async (test: () => boolean): Promise<void> => {
      const isEnough = (): boolean => this.tail.problem !== undefined || clock.monotonic() > time + PATIENCE_MS;
      while (!test() && !isEnough()) await clock.sleep(TICK_MS / 2, this.ended.signal);
    };
    await until(() => (this.tail.caughtUpAt ?? 0) > time);
    const readAt = clock.monotonic();
    await until(() => this.inHand.length === 0 && (this.audit.waitingSince() ?? Infinity) > readAt);
  }

  /** Never leaves anything in hand but when the agent ends: then the next run takes it up. */
  private async recoverInHand(): Promise<void> {
    for (let first = this.inHand[0]; first; first = this.inHand[0]) {
      const number = first.life;
      const wanted = new Set(this.inHand.filter(({ life }) => life === number).map(keyOf));
      const life = this.lives.get(number);
      const found = life && (await this.search.scan(life, (one) => wanted.has(keyOf({ life: number, ...one }))));
      // At once with what is no longer in hand: whatever is kept of the one is kept of the other.
      if (life && found)
        this.filler.fill(found, life, life.origin ?? this.options.origins().originOf(number), undefined);
      this.inHand = this.inHand.filter((one) => one.life !== number);
    }
  }

  private async settleLife(number: number, origin: number, diedAt: number): Promise<void> {
    const life = this.lives.get(number);
    const open = this.openIn(origin);
    if (life && (open.size > 0 || life.gap)) {
      const found = await this.search.scan(life, ({ high, low }) => open.has(allocationId(high, low)), life.gap);
      this.filler.fill(found, life, origin, diedAt);
    }
    this.options.relay.endOrigin(origin, diedAt);
    this.lives.remove(number);
  }

  private openIn(origin: number): Set<string> {
    const { view } = this.options.relay;
    return new Set(Array.from(view.allocations(origin), (slot) => view.idOf(slot)));
  }
}
