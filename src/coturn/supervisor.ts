import { messageOf, UserError } from '../lib/errors';
import { noTracer } from '../lib/tracer';
import { Launcher } from './launcher';
import { failuresAfterLife, restartDelay } from './restart-policy';
import type { CoturnServer, CoturnServerOptions, CoturnState, EndReason, RestartReason } from './server';
import { SupervisedLife } from './supervised-life';

/** What the supervisor is at: a life that runs, or one of the states without. */
type Phase =
  | Exclude<CoturnState, { readonly kind: 'up' | 'silent' | 'draining' }>
  | { readonly kind: 'running'; readonly current: SupervisedLife };

/** Runs coturn and keeps it running: one life after another, each watched to its end. */
export class Supervisor implements CoturnServer {
  readonly name = 'coturn';
  private phase: Phase = { kind: 'stopped' };
  private readonly counts: Record<RestartReason, number> = { exit: 0, signal: 0, unresponsive: 0, requested: 0 };
  private readonly launcher: Launcher;
  private readonly random: () => number;
  /** Ends every wait: a stop or a release has begun. */
  private readonly quit = new AbortController();
  /** Aborted by a release: the process is left alone. */
  private readonly released = new AbortController();
  private latest: SupervisedLife | undefined;
  private failures = 0;
  private starting: Promise<void> = Promise.resolve();
  private supervision: Promise<void> = Promise.resolve();
  /** Told how the next start after a requested end went. */
  private readonly restarted: ((error?: Error) => void)[] = [];

  constructor(private readonly options: CoturnServerOptions) {
    this.launcher = new Launcher(options);
    this.random = options.random ?? Math.random;
  }

  /** Takes over a coturn that is left, or starts one. Throws a UserError when it does not come up. */
  start(): Promise<void> {
    this.phase = { kind: 'starting' };
    this.starting = this.startFirst();
    return this.starting;
  }

  /** After a release there is nothing left to stop. */
  async stop(): Promise<void> {
    this.quit.abort(new UserError('unavailable', 'coturn is being stopped.'));
    if (!this.released.signal.aborted) await this.latest?.end('stopped');
    await this.settle();
  }

  async release(): Promise<void> {
    this.released.abort();
    this.quit.abort(new UserError('unavailable', 'The agent ends, and leaves coturn running.'));
    await this.settle();
  }

  async restart(): Promise<void> {
    const { current } = this.assertRunning();
    const outcome = new Promise<void>((resolve, reject) => {
      this.restarted.push((error) => {
        if (error === undefined) resolve();
        else reject(error);
      });
    });
    await Promise.all([outcome, current.end('requested')]);
  }

  endAllocations(ids: readonly string[]): Promise<readonly string[]> {
    return this.assertRunning().current.endSessions(ids);
  }

  async admitAllocations(admitted: boolean): Promise<void> {
    await this.assertRunning().current.admit(admitted);
  }

  findSessions(): void {
    if (this.phase.kind === 'running') this.phase.current.askForSessions();
  }

  state(): CoturnState {
    if (this.phase.kind !== 'running') return this.phase;
    const { life, silentSince, isDraining } = this.phase.current;
    if (isDraining) return { kind: 'draining', life, before: 'stop' };
    return silentSince === undefined ? { kind: 'up', life } : { kind: 'silent', life, since: silentSince };
  }

  restarts(): Readonly<Record<RestartReason, number>> {
    return { ...this.counts };
  }

  private assertRunning(): Extract<Phase, { kind: 'running' }> {
    if (this.phase.kind === 'running') return this.phase;
    throw new UserError('unavailable', `coturn is not running now (${this.phase.kind}): try again later.`);
  }

  private async startFirst(): Promise<void> {
    try {
      const first = (await this.takeOver()) ?? (await this.launch());
      this.supervision = this.supervise(first);
    } catch (error) {
      this.phase = { kind: 'stopped' };
      throw error;
    }
    this.quit.signal.throwIfAborted();
  }

  private async settle(): Promise<void> {
    await this.starting.catch(() => undefined);
    await this.supervision;
    this.phase = { kind: 'stopped' };
    this.tellRestarted(new UserError('unavailable', 'The agent ends.'));
  }

  private async takeOver(): Promise<SupervisedLife | undefined> {
    const launched = await this.launcher.takeOver(this.released.signal);
    if (!launched) return undefined;
    const current = this.keep(new SupervisedLife(launched, this.launcher, this.options));
    await current.lookAt(this.quit.signal);
    this.options.logger.info({ pid: current.life.pid, life: current.life.number }, 'took over the running coturn');
    if (!current.wasEnding) return this.running(current);
    await current.end('stopped');
    this.options.hooks.lifeEnded(current.life, 'stopped');
    return undefined;
  }

  /** Throws a UserError when coturn did not come up; nothing of it is left then. */
  private async launch(reason?: RestartReason): Promise<SupervisedLife> {
    const launched = await this.launcher.launch(this.quit.signal);
    if (reason) this.counts[reason] += 1;
    const current = this.keep(new SupervisedLife(launched, this.launcher, this.options));
    try {
      if (await current.untilUp(this.quit.signal)) return this.running(current);
    } catch (error) {
      await this.ended(current);
      throw error;
    }
    if (!this.released.signal.aborted) await current.end('stopped');
    return current;
  }

  private keep(current: SupervisedLife): SupervisedLife {
    this.latest = current;
    return current;
  }

  private running(current: SupervisedLife): SupervisedLife {
    this.phase = { kind: 'running', current };
    const { pid, number, version } = current.life;
    this.options.logger.info({ pid, life: number, version }, 'coturn is up');
    return current;
  }

  private async supervise(first: SupervisedLife): Promise<void> {
    for (let current: SupervisedLife | undefined = first; current;) {
      const end = await this.ended(current);
      if (end === undefined || end.reason === 'stopped' || this.quit.signal.aborted) return;
      this.failures = failuresAfterLife(this.failures, current.upForMs);
      current = await this.tracedRestart(current, end.reason, end.message);
    }
  }

  private async ended(current: SupervisedLife): Promise<{ reason: EndReason; message: string } | undefined> {
    const end = await current.watch(this.released.signal);
    if (end) this.options.hooks.lifeEnded(current.life, end.reason);
    return end;
  }

  /** From its end until it answers again. */
  private tracedRestart(
    last: SupervisedLife,
    reason: RestartReason,
    message: string,
  ): Promise<SupervisedLife | undefined> {
    const { tracer = noTracer } = this.options;
    const attributes = { 'turnkeeper.restart.reason': reason, 'turnkeeper.life': last.life.number };
    return tracer.run({ name: 'coturn.restart', attributes }, () => this.startAgain(last, reason, message));
  }

  /** Undefined when a stop or a release came first. */
  private async startAgain(
    last: SupervisedLife,
    reason: RestartReason,
    message: string,
  ): Promise<SupervisedLife | undefined> {
    // What somebody asked for is no failure: it neither waits nor makes a later restart wait.
    if (reason === 'requested') this.failures = 0;
    for (let why = message; !this.quit.signal.aborted;) {
      const delay = restartDelay(this.failures, this.random());
      this.announce(this.latest ?? last, { delay, reason, message: why });
      try {
        await this.options.clock.sleep(delay, this.quit.signal);
        this.failures += 1;
        const next = await this.launch(reason);
        if (reason === 'requested') this.failures = 0;
        this.tellRestarted();
        return next;
      } catch (error) {
        why = messageOf(error);
        this.tellRestarted(error instanceof Error ? error : new Error(why));
      }
    }
    return undefined;
  }

  private announce(last: SupervisedLife, next: { delay: number; reason: RestartReason; message: string }): void {
    const { reason, message } = next;
    const at = this.options.clock.now() + next.delay;
    const lastLines = last.lastLines();
    this.phase = { kind: 'restarting', at, failures: this.failures, reason, message, lastLines };
    const fields = { reason, failures: this.failures, inMs: Math.round(next.delay), lastLines };
    if (reason === 'requested') this.options.logger.info({ reason }, 'coturn is started again');
    else this.options.logger.error(fields, `${message}; it is started again`);
  }

  private tellRestarted(error?: Error): void {
    for (const tell of this.restarted.splice(0)) tell(error);
  }
}
