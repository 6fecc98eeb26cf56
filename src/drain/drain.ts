import type { Clock } from '../lib/clock';
import { messageOf, UserError } from '../lib/errors';
import type { Logger } from '../lib/logger';
import type { Service } from '../lib/services';
import type { DrainFile, DrainRecord } from './drain-file';
import type { DrainProgress } from './drain-progress';
import type { DrainedRelay, Left } from './drained-relay';
import { stageOf, type Stage } from './stage';

export interface DrainOptions {
  readonly relay: DrainedRelay;
  readonly file: DrainFile;
  /** Where other relays and signalling servers find this one; undefined without a fleet. */
  readonly registry: () => { withdraw(): Promise<void>; announce(): Promise<void> } | undefined;
  /** How long a drain waits that says nothing else. */
  readonly deadlineSeconds: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A drain under way; times are of the monotonic clock. */
interface Draining extends DrainRecord {
  /** The life of coturn that refuses new allocations. */
  refusingLife: number | undefined;
  /** One look after that: what was allocated before has been told. */
  isSettled: boolean;
  /** How many allocations were open when the deadline came; undefined before. */
  openAtDeadline: number | undefined;
  stage: Stage;
}

/** What a look costs grows with the allocations: 100,000 take a few milliseconds. */
const LOOK_MS = 500;
/** ZooKeeper may be away. */
const REGISTRY_MS = 2000;

/**
 * Takes the relay out of service and waits until nothing is left on it: no client is sent here and coturn refuses new
 * allocations, those under way go on until they end, or the deadline ends them. It lasts until `undo`, or a planned stop.
 */
export class Drain implements Service {
  readonly name = 'drain';
  private current: Draining | undefined;
  private readonly over = new AbortController();
  private working: Promise<unknown> = Promise.resolve();
  private isReleased = false;
  private trouble = '';

  constructor(private readonly options: DrainOptions) {
    const kept = options.file.read();
    if (kept) this.current = newDrain(kept);
  }

  get isOn(): boolean {
    return this.current !== undefined;
  }

  /** A drain that a crash of the agent interrupted goes on. */
  start(): Promise<void> {
    const { clock, logger } = this.options;
    if (this.current) {
      logger.warn('this relay was being drained when the agent ended: it goes on (turnkeeper drain --undo ends it)');
      void this.leaveRegistry();
      void this.alone(() => this.look());
    }
    const onError = (error: unknown): void => {
      logger.error({ err: error }, 'the drain could not be looked after');
    };
    clock.every(LOOK_MS, () => this.alone(() => this.look()), this.over.signal, onError);
    return Promise.resolve();
  }

  /**
   * Ends a drain for good, unless coturn is left running. To be stopped after coturn: an agent that is killed meanwhile
   * would leave one that refuses, and nobody would know why.
   */
  async stop(): Promise<void> {
    this.over.abort();
    await this.working;
    if (!this.isReleased) await this.options.file.remove();
  }

  /** The next run of the agent goes on with a drain. */
  release(): void {
    this.isReleased = true;
  }

  /** Throws UserError `unavailable` while the relay is being drained. */
  assertServing(): void {
    if (!this.current) return;
    const message = 'This relay is being drained and takes no new clients: ask another one, or try again later.';
    throw new UserError('unavailable', message);
  }

  progress(): DrainProgress {
    const { relay, clock } = this.options;
    const { current } = this;
    const left = relay.left();
    if (!current) return { state: 'serving', ...left };
    const offset = clock.now() - clock.monotonic();
    const [startedAt, deadlineAt] = [current.startedAt + offset, current.deadline + offset].map(Math.round);
    const refusing = current.refusingLife !== undefined && current.refusingLife === relay.life();
    const state = this.stage(current, left.allocations);
    return {
      state,
      ...left,
      startedAt: startedAt ?? 0,
      deadlineAt: deadlineAt ?? 0,
      refusing,
      ended: endedOf(current, left),
    };
  }

  /** Begins a drain; of one that is under way it changes the deadline, where one is given. 0: ends everything now. */
  begin(deadlineSeconds?: number): Promise<DrainProgress> {
    return this.alone(async () => {
      const { clock, deadlineSeconds: usual, logger } = this.options;
      if (!this.current || deadlineSeconds !== undefined) {
        const now = clock.monotonic();
        const deadline = now + (deadlineSeconds ?? usual) * 1000;
        const kept = this.current ?? newDrain({ startedAt: now, deadline });
        this.current = { ...kept, deadline };
        logger.info(
          { ...this.options.relay.left(), deadlineSeconds: deadlineSeconds ?? usual },
          'the relay is drained',
        );
        await this.keep(this.current);
      }
      await this.leaveRegistry();
      await this.look();
      return this.progress();
    });
  }

  /** Takes the relay back into service. Rejects with a UserError, and the drain goes on, where coturn can't be told. */
  undo(): Promise<DrainProgress> {
    return this.alone(async () => {
      const { relay, file, registry, logger } = this.options;
      if (!this.current) return this.progress();
      if (relay.isOwn && relay.life() !== undefined) await relay.admit(true);
      await file.remove();
      this.current = undefined;
      logger.info('the relay is in service again');
      await this.atMost(registry()?.announce());
      return this.progress();
    });
  }

  /** One thing at a time. */
  private alone<T>(work: () => Promise<T>): Promise<T> {
    const result = this.working.then(work);
    this.working = result.catch(() => undefined);
    return result;
  }

  private async look(): Promise<void> {
    const { current } = this;
    if (!current || this.over.signal.aborted) return;
    try {
      await this.refuse(current);
      if (this.stage(current) === 'ending') await this.end(current);
      this.trouble = '';
    } catch (error) {
      this.note(messageOf(error));
    }
    this.become(current, this.stage(current));
  }

  /** Each life of coturn is told once: one that crashed is started again, and knows of nothing. */
  private async refuse(current: Draining): Promise<void> {
    const { relay } = this.options;
    const life = relay.life();
    if (!relay.isOwn || life === undefined || life === current.refusingLife) {
      current.isSettled = true;
      return;
    }
    current.isSettled = false;
    await relay.admit(false);
    current.refusingLife = life;
  }

  private async end(current: Draining): Promise<void> {
    const { relay } = this.options;
    const before = current.openAtDeadline;
    current.openAtDeadline ??= relay.left().allocations;
    try {
      await relay.end();
    } catch (error) {
      current.openAtDeadline = before;
      throw error;
    }
  }

  private stage(current: Draining, allocations = this.options.relay.left().allocations): Stage {
    const { relay, clock } = this.options;
    const { isSettled, deadline } = current;
    return stageOf({ allocations, isSettled, deadline, now: clock.monotonic(), isOwn: relay.isOwn });
  }

  private become(current: Draining, stage: Stage): void {
    if (stage === current.stage) return;
    current.stage = stage;
    const left = this.options.relay.left();
    this.options.logger.info({ ...left, ended: endedOf(current, left) }, SAID[stage]);
  }

  private note(trouble: string): void {
    if (trouble === this.trouble) return;
    this.trouble = trouble;
    this.options.logger.warn({ why: trouble }, 'coturn could not be told of the drain, which is tried again');
  }

  /** A full disk keeps nobody from draining. */
  private async keep(record: DrainRecord): Promise<void> {
    const { file, logger } = this.options;
    await file.write(record).catch((error: unknown) => {
      logger.warn({ why: messageOf(error) }, 'the drain would not outlive a crash of the agent');
    });
  }

  private leaveRegistry(): Promise<void> {
    return this.atMost(this.options.registry()?.withdraw());
  }

  private async atMost(work: Promise<void> | undefined): Promise<void> {
    if (!work) return;
    const late = new AbortController();
    const { clock } = this.options;
    await Promise.race([work, clock.sleep(REGISTRY_MS, late.signal).catch(() => undefined)]);
    late.abort();
  }
}

const SAID: Readonly<Record<Stage, string>> = {
  draining: 'the relay is not empty yet',
  ending: "the drain's deadline has come: what is left is ended",
  overdue: "the drain's deadline has come, and somebody else runs coturn: end there what is left",
  drained: 'the relay is drained: nothing is left on it',
};

/** coturn tells of an end after it has been told to. */
function endedOf({ openAtDeadline = 0 }: Draining, { allocations }: Left): number {
  return Math.max(0, openAtDeadline - allocations);
}

function newDrain(record: DrainRecord): Draining {
  return { ...record, refusingLife: undefined, isSettled: false, openAtDeadline: undefined, stage: 'draining' };
}
