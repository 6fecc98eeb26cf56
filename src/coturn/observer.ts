import { realpath } from 'node:fs/promises';
import { readlinkSync } from 'node:fs';
import { UserError } from '../lib/errors';
import { askBinary } from './binary';
import { checkBinding, type BindingAnswer } from './binding-check';
import { stunEndpoint } from './launcher';
import { checkTimes } from './liveness';
import { identityOf, isAlive, pidsOfCommand, type ProcessIdentity } from './process-identity';
import type { CoturnLife, CoturnServer, CoturnServerOptions, CoturnState, RestartReason } from './server';

interface Seen {
  readonly life: CoturnLife;
  readonly identity: ProcessIdentity | undefined;
}

/** What only who starts it knows. */
const UNKNOWN = { logStart: undefined, metricsPort: undefined };

/** Watches a coturn that somebody else runs (`coturn.supervise: false`): whether it answers, and which process it is. */
export class Observer implements CoturnServer {
  readonly name = 'coturn';
  private readonly over = new AbortController();
  private seen: Seen | undefined;
  private silentSince: number | undefined;
  private lives = 0;

  constructor(private readonly options: CoturnServerOptions) {}

  async start(): Promise<void> {
    const { clock, settings, logger } = this.options;
    await this.look();
    const { everyMs } = checkTimes(settings.unresponsiveAfter * 1000);
    clock.every(
      everyMs,
      () => this.look(),
      this.over.signal,
      (error) => {
        logger.error({ err: error }, 'watching coturn failed');
      },
    );
  }

  stop(): Promise<void> {
    this.over.abort();
    return Promise.resolve();
  }

  release(): Promise<void> {
    return this.stop();
  }

  state(): CoturnState {
    if (this.over.signal.aborted) return { kind: 'stopped' };
    if (!this.seen) return { kind: 'absent' };
    const { life } = this.seen;
    return this.silentSince === undefined ? { kind: 'up', life } : { kind: 'silent', life, since: this.silentSince };
  }

  restarts(): Readonly<Record<RestartReason, number>> {
    return { exit: 0, signal: 0, unresponsive: 0, requested: 0 };
  }

  endAllocations(): Promise<readonly string[]> {
    return Promise.reject(notOurs());
  }

  admitAllocations(): Promise<void> {
    return Promise.reject(notOurs());
  }

  /** Its admin interface is not ours: each session is seen when it next does something. */
  findSessions(): void {
    this.options.logger.debug('coturn is run by somebody else, and is not asked for its sessions');
  }

  restart(): Promise<void> {
    return Promise.reject(notOurs());
  }

  private async look(): Promise<void> {
    const { clock, settings } = this.options;
    const { timeoutMs } = checkTimes(settings.unresponsiveAfter * 1000);
    const answer = await checkBinding(stunEndpoint(settings), clock, timeoutMs, this.over.signal);
    if (this.over.signal.aborted) return;
    if (this.seen?.identity && !isAlive(this.seen.identity)) this.lost();
    if (answer) await this.answered(answer);
    else this.silentSince ??= clock.now();
  }

  private async answered(answer: BindingAnswer): Promise<void> {
    this.silentSince = undefined;
    if (this.seen) return;
    const identity = onlyCoturn();
    const version = await this.versionOf(answer, identity);
    this.lives += 1;
    const { clock } = this.options;
    const seen = { startedAt: clock.now(), startedMonotonic: clock.monotonic(), ...UNKNOWN };
    const life = { number: this.lives, pid: identity?.pid, version, ...seen };
    this.seen = { life, identity };
    this.options.hooks.lifeStarted(life, true);
  }

  private lost(): void {
    if (this.seen) this.options.hooks.lifeEnded(this.seen.life, 'exit');
    this.seen = undefined;
  }

  /** What coturn says of itself; else what the configured binary says, where it is the one that runs. */
  private async versionOf({ software }: BindingAnswer, identity: ProcessIdentity | undefined): Promise<string> {
    const said = /^Coturn-([\d.]{1,20})\b/.exec(software ?? '')?.[1];
    if (said !== undefined) return said;
    try {
      const running = readlinkSync(`/proc/${identity?.pid ?? 0}/exe`);
      const { binary } = this.options.settings;
      // Never run what a process of that name happens to be: only what the configuration names.
      const isConfigured = running.endsWith(`/${binary}`) || running === (await realpath(binary));
      return isConfigured ? (await askBinary(binary)).version : 'unknown';
    } catch (error) {
      this.options.logger.debug({ err: error }, 'the version of coturn is not known');
      return 'unknown';
    }
  }
}

/** With two on one machine it can't be told which one answers. */
function onlyCoturn(): ProcessIdentity | undefined {
  const [pid, another] = pidsOfCommand('turnserver');
  return pid === undefined || another !== undefined ? undefined : identityOf(pid);
}

function notOurs(): UserError {
  return new UserError(
    'conflict',
    'coturn is run by somebody else (coturn.supervise: false), so its sessions can neither be ended nor coturn restarted from here.',
  );
}
