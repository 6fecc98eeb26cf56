import type { Clock } from '../lib/clock';
import { messageOf, UserError } from '../lib/errors';
import type { Logger } from '../lib/logger';
import type { Service } from '../lib/services';
import { noTracer, type Tracer } from '../lib/tracer';
import { accepted, expired, promoted, withNext, without, type Ring, type RingEntry } from './ring';
import type { RingFile } from './ring-file';

/** coturn's side: what it accepts. Each call may be made twice. */
export interface AcceptedTable<T> {
  /** A test for what is there now. */
  holds(): Promise<(value: T) => boolean>;
  add(value: T): Promise<void>;
  remove(value: T): Promise<void>;
}

export interface RotationOptions<T> {
  readonly name: string;
  readonly file: RingFile<T>;
  readonly table: AcceptedTable<T>;
  /** What the ring begins with, and each next one. */
  readonly first: () => RingEntry<T>;
  readonly make: () => T;
  readonly everyMs: number;
  /** Until when what was current has to be accepted when another takes its place now; milliseconds since the epoch. */
  readonly usableUntil: () => number;
  readonly tracer?: Tracer;
  readonly clock: Clock;
  readonly logger: Logger;
}

const TICK_MS = 5_000;

/**
 * Keeps what credentials are made with, and renews it with no restart of coturn. The file says what has to be accepted,
 * and is written before each step at coturn's database: so a run that dies half way is finished by the next. A new one is
 * used only once coturn has it, and an old one leaves only when nothing made with it can be valid any more.
 */
export class Rotation<T> implements Service {
  readonly name: string;
  private ring: Ring<T> | undefined;
  private isPlaced = false;
  private working: Promise<unknown> = Promise.resolve();
  private trouble: string | undefined;
  private readonly ended = new AbortController();

  constructor(private readonly options: RotationOptions<T>) {
    this.name = options.name;
  }

  /** Throws a UserError where the file can't be used; a database that is away is waited for. */
  async start(): Promise<void> {
    const { file, first, clock, logger } = this.options;
    const kept = await file.read();
    this.ring = kept ?? { current: first(), old: [] };
    if (!kept) await file.write(this.ring);
    await this.tick();
    const onError = (error: unknown): void => {
      logger.error({ err: error }, `${this.name}: could not be looked after`);
    };
    clock.every(TICK_MS, () => this.tick(), this.ended.signal, onError);
  }

  async stop(): Promise<void> {
    this.ended.abort();
    await this.working;
  }

  /** What to use now. Throws `unavailable` while coturn does not have it yet. */
  current(): RingEntry<T> {
    if (this.ring && this.isPlaced) return this.ring.current;
    const why = this.trouble ?? 'it is being started';
    throw new UserError('unavailable', `There is nothing yet that coturn would accept (${why}): try again later.`);
  }

  /** Whether coturn accepts such a one: what is used now, or was before. */
  accepts(test: (value: T) => boolean): boolean {
    return this.ring !== undefined && accepted(this.ring, this.options.clock.now()).some(test);
  }

  /** When what is used now was made; undefined before the start. */
  madeAt(): number | undefined {
    return this.ring?.current.madeAt;
  }

  /**
   * Makes a new one now; resolves when it is used, with the moment until which the one before is accepted. `atOnce`: it
   * is not accepted any more at all. Rejects with a UserError; then the rotation is gone on with as soon as it can be.
   */
  async rotate(atOnce = false): Promise<{ readonly acceptedUntil: number }> {
    return await this.alone(async () => {
      await this.advance(atOnce ? 'at once' : 'now');
      const until = this.ring?.old.at(-1)?.until ?? this.options.clock.now();
      return { acceptedUntil: atOnce ? this.options.clock.now() : until };
    });
  }

  private tick(): Promise<void> {
    return this.alone(async () => {
      try {
        await this.advance('when due');
        this.note(undefined);
      } catch (error) {
        this.note(messageOf(error));
      }
    });
  }

  /** One thing at a time. */
  private alone<R>(work: () => Promise<R>): Promise<R> {
    const result = this.working.then(work);
    this.working = result.catch(() => undefined);
    return result;
  }

  private async advance(how: 'when due' | 'now' | 'at once'): Promise<void> {
    const { name, everyMs, tracer = noTracer, clock } = this.options;
    const { ring } = this;
    if (!ring) throw new UserError('unavailable', 'The agent is being started: try again later.');
    if (!this.isPlaced) await this.place(ring);
    // One that was made by a clock that was far ahead would be used until the time comes.
    const isDue = Math.abs(clock.now() - ring.current.madeAt) >= everyMs;
    if (ring.next ?? (how !== 'when due' || isDue)) {
      const attributes = { 'turnkeeper.rotated': name, 'turnkeeper.rotation': how };
      await tracer.run({ name: 'credentials.rotate', attributes }, () => this.renew(ring, how === 'at once'));
    }
    await this.removeExpired(how === 'at once' ? Infinity : clock.now());
  }

  private async renew(ring: Ring<T>, atOnce: boolean): Promise<void> {
    const { make, usableUntil, clock, logger } = this.options;
    const begun = withNext(ring, make, clock.now());
    await this.keep(begun);
    await this.add(begun.next.value);
    await this.keep(promoted(begun, atOnce ? clock.now() : usableUntil()));
    logger.info({ rotated: this.name }, 'credentials are made with a new secret from now on');
  }

  /** At the start, and after a database was away: all that has to be accepted is. */
  private async place(ring: Ring<T>): Promise<void> {
    const holds = await this.options.table.holds();
    for (const value of accepted(ring, this.options.clock.now())) if (!holds(value)) await this.add(value);
    this.isPlaced = true;
  }

  private async add(value: T): Promise<void> {
    const { table } = this.options;
    await table.add(value);
    if ((await table.holds())(value)) return;
    throw new UserError('unavailable', "coturn's user database did not take what was added to it.");
  }

  private async removeExpired(now: number): Promise<void> {
    const { table } = this.options;
    if (!this.ring) return;
    const gone = expired(this.ring, now);
    if (gone.length === 0) return;
    for (const { value } of gone) await table.remove(value);
    const holds = await table.holds();
    const left = gone.filter(({ value }) => !holds(value));
    await this.keep(without(this.ring, left));
    if (left.length < gone.length) throw new UserError('unavailable', "coturn's user database keeps what was removed.");
  }

  private async keep(ring: Ring<T>): Promise<void> {
    await this.options.file.write(ring);
    this.ring = ring;
  }

  private note(problem: string | undefined): void {
    if (problem === this.trouble) return;
    this.trouble = problem;
    const { logger } = this.options;
    if (problem === undefined) logger.info({ of: this.name }, "coturn's user database is as it should be");
    else logger.error({ of: this.name, problem }, "coturn's user database can't be kept as it should be");
  }
}
