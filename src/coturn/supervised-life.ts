import { messageOf, UserError } from '../lib/errors';
import { admitAllocations } from './admit-allocations';
import { checkBinding } from './binding-check';
import { endEverySession, endSessions, type SessionEnding } from './end-sessions';
import type { Launched, Launcher } from './launcher';
import { checkTimes } from './liveness';
import { empty, lastLines, sizeOf } from './log-files';
import type { CoturnLife, CoturnServerOptions, EndReason } from './server';
import type { AdminAccess } from './telnet-admin';
import { Watchdog } from './watchdog';
import { withAdmin } from './with-admin';
import { within } from './within';

export interface LifeEnd {
  readonly reason: EndReason;
  /** A sentence without its full stop. */
  readonly message: string;
}

const START_MS = 10_000;
const ONE_CHECK_MS = 1000;
const BETWEEN_CHECKS_MS = 10;
const LOG_CHECK_MS = 10_000;
/** Whoever hears the listing knows for 5 s that an allocation has ended (`turn/endings.ts`): it must come before. */
const LISTING_MS = 3000;
/** From SIGTERM to SIGKILL. 4.17.1 takes 5 s to end, and without a session has nothing to lose meanwhile. */
const GRACE_MS = 2000;
const EMPTY_GRACE_MS = 300;
const MAX_OUTPUT_BYTES = 1_000_000;

/** One life of a coturn that the agent runs: from its start over its watching to its end. */
export class SupervisedLife {
  readonly life: CoturnLife;
  private readonly watchdog: Watchdog;
  /** Monotonic milliseconds of the first answer. */
  private upSince: number | undefined;
  /** What the agent ends it for; unset while it ends by itself. */
  private endAs: EndReason | undefined;
  private ending: Promise<void> | undefined;
  /** Aborts when it is watched no more. */
  private watched: AbortSignal | undefined;
  private finding: 'no' | 'once' | 'again' = 'no';

  constructor(
    private readonly launched: Launched,
    private readonly launcher: Launcher,
    private readonly options: CoturnServerOptions,
  ) {
    this.life = launched.life;
    this.watchdog = new Watchdog({
      stun: launched.record.stun,
      clock: options.clock,
      unresponsiveAfterMs: this.unresponsiveAfterMs,
      lastHeartbeat: () => options.hooks.lastHeartbeat(this.life),
    });
  }

  /** An earlier stop had begun to end it, and it takes no sessions any more. */
  get wasEnding(): boolean {
    return this.launched.record.ending;
  }

  /** A planned end has begun: it takes no sessions any more. */
  get isDraining(): boolean {
    return this.ending !== undefined;
  }

  /** Since when it does not answer, milliseconds since the epoch; undefined while it does. */
  get silentSince(): number | undefined {
    return this.watchdog.silentSince;
  }

  /** How long it has been up, milliseconds; 0 when it never was. */
  get upForMs(): number {
    return this.upSince === undefined ? 0 : this.options.clock.monotonic() - this.upSince;
  }

  /**
   * Resolves with true when coturn first answers, with false when `quit` aborted. Throws a UserError when it ended
   * instead, or did not answer in time; its process is gone then.
   */
  async untilUp(quit: AbortSignal): Promise<boolean> {
    const { process, record } = this.launched;
    const { clock } = this.options;
    const gone = new AbortController();
    const end = process.ended.finally(() => {
      gone.abort();
    });
    const over = AbortSignal.any([quit, gone.signal]);
    for (const deadline = clock.monotonic() + START_MS; !over.aborted && clock.monotonic() < deadline;) {
      if (await checkBinding(record.stun, clock, ONE_CHECK_MS, over)) return this.isUp();
      await clock.sleep(BETWEEN_CHECKS_MS, over).catch(() => undefined);
    }
    if (quit.aborted) return false;
    if (gone.signal.aborted) throw this.endedInStart((await end).how);
    await this.kill();
    throw new UserError(
      'unavailable',
      `coturn did not answer a STUN Binding request within ${START_MS / 1000} s of its start.`,
    );
  }

  /** Looks at once whether a coturn that was taken over answers. */
  async lookAt(quit: AbortSignal): Promise<void> {
    this.upSince = this.options.clock.monotonic();
    await this.watchdog.check(quit);
  }

  /** Watches over it until its process is gone, or until `released` aborts: undefined then. */
  async watch(released: AbortSignal): Promise<LifeEnd | undefined> {
    const { clock, logger } = this.options;
    const over = new AbortController();
    const onError = (error: unknown): void => {
      logger.error({ err: error }, 'watching over coturn failed');
    };
    clock.every(checkTimes(this.unresponsiveAfterMs).everyMs, () => this.check(over.signal), over.signal, onError);
    clock.every(
      LOG_CHECK_MS,
      () => {
        this.boundLogs();
      },
      over.signal,
      onError,
    );
    this.watched = over.signal;
    if (this.launched.takenOver) this.askForSessions();
    const ending = await Promise.race([this.launched.process.ended, aborted(released)]);
    over.abort();
    return ending && { reason: this.endAs ?? ending.reason, message: `coturn ended (${ending.how})` };
  }

  /** Ends every session exactly, then the process; resolves when it is gone. The first reason given counts. */
  end(reason: EndReason): Promise<void> {
    this.endAs ??= reason;
    this.ending ??= this.endNow();
    return this.ending;
  }

  /** Has the listener told which sessions are under way; never rejects. One listing at a time, and one after that. */
  askForSessions(): void {
    const { watched } = this;
    if (!watched || watched.aborted) return;
    if (this.finding !== 'no') {
      this.finding = 'again';
      return;
    }
    this.finding = 'once';
    void this.findSessions(watched).finally(() => {
      const isAskedAgain = this.finding === 'again';
      this.finding = 'no';
      if (isAskedAgain) this.askForSessions();
    });
  }

  endSessions(ids: readonly string[]): Promise<readonly string[]> {
    return endSessions(ids, this.sessionEnding());
  }

  admit(admitted: boolean): Promise<void> {
    return admitAllocations(this.admin, admitted, this.options.settings, this.options.clock);
  }

  /** The end of what coturn wrote, secrets taken out. */
  lastLines(): string[] {
    const secrets = Object.values(this.options.secrets).filter((secret) => secret !== undefined);
    return [this.launcher.log, this.launcher.output].flatMap((file) => lastLines(file, secrets));
  }

  /** Rotates the log when it is too large; coturn opens it again at its next line after SIGHUP. */
  boundLogs(): void {
    if (this.launcher.boundLog()) this.launched.process.send('SIGHUP');
    if (sizeOf(this.launcher.output) > MAX_OUTPUT_BYTES) empty(this.launcher.output);
  }

  private get admin(): AdminAccess {
    return { port: this.launched.record.cliPort, password: this.options.secrets.cliPassword };
  }

  private get unresponsiveAfterMs(): number {
    return this.options.settings.unresponsiveAfter * 1000;
  }

  private isUp(): true {
    this.upSince = this.options.clock.monotonic();
    this.watchdog.answered();
    return true;
  }

  private endedInStart(how: string): UserError {
    const lines = this.lastLines().slice(-5).join('\n  ');
    return new UserError('bad_config', `coturn ended during its start (${how}). The last that it said:\n  ${lines}`);
  }

  /** Asks what is under way, because the stats connection tells only of changes. Never rejects. */
  private async findSessions(over: AbortSignal): Promise<void> {
    const { clock, hooks, logger } = this.options;
    try {
      const { sessions, total } = await within(clock, LISTING_MS, (late) =>
        withAdmin(this.admin, clock, AbortSignal.any([over, late]), (admin) => admin.sessions()),
      );
      if (over.aborted) return;
      logger.info({ sessions: total, listed: sessions.length }, 'coturn said which sessions are under way');
      hooks.sessionsFound(this.life, sessions, sessions.length === total);
    } catch (error) {
      if (over.aborted) return;
      const fields = { why: messageOf(error) };
      logger.warn(fields, 'coturn did not say which sessions are under way: each is seen when it next does something');
    }
  }

  private async check(signal: AbortSignal): Promise<void> {
    const verdict = await this.watchdog.check(signal);
    if (signal.aborted || verdict !== 'unresponsive') return;
    const { unresponsiveAfter } = this.options.settings;
    this.options.logger.error(
      { pid: this.life.pid },
      `coturn gave no sign of life for ${unresponsiveAfter} s and is killed`,
    );
    await this.kill();
  }

  private async kill(): Promise<void> {
    this.endAs ??= 'unresponsive';
    this.launched.process.send('SIGKILL');
    await this.launched.process.ended;
  }

  private async endNow(): Promise<void> {
    await this.launched.process.terminate(this.options.clock, (await this.emptied()) ? EMPTY_GRACE_MS : GRACE_MS);
  }

  /** Ends every session; whether none is left. */
  private async emptied(): Promise<boolean> {
    if (this.upSince === undefined || !this.launched.process.isAlive) return false;
    await this.launcher.write({ ...this.launched.record, ending: true });
    return await endEverySession(this.sessionEnding());
  }

  private sessionEnding(): SessionEnding {
    const { clock, logger, hooks, settings } = this.options;
    return {
      admin: this.admin,
      open: () => hooks.openAllocations(this.life),
      clock,
      logger,
      timeoutMs: settings.stopTimeout * 1000,
    };
  }
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener(
      'abort',
      () => {
        resolve(undefined);
      },
      { once: true },
    );
  });
}
