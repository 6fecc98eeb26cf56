import type { Clock } from '../lib/clock';
import type { Logger } from '../lib/logger';
import type { Service } from '../lib/services';
import type { Tracer } from '../lib/tracer';
import type { LogPosition } from './log-place';
import type { ListedSession } from './session-listing';
import type { CoturnSettings } from './settings';

/** One life of coturn: from a start of its process to that process's end. */
export interface CoturnLife {
  /** Grows with each start and never repeats in a data directory. An observed coturn's lives count from 1 in each run of the agent. */
  readonly number: number;
  /** Undefined where an observed coturn's process cannot be seen. */
  readonly pid: number | undefined;
  /** Milliseconds since the epoch; of an observed coturn, when it was first seen. */
  readonly startedAt: number;
  /** The same by `Clock.monotonic()`. */
  readonly startedMonotonic: number;
  /** Where what it writes to the log begins; undefined where nobody took note. */
  readonly logStart: LogPosition | undefined;
  /** Of its own Prometheus page on 127.0.0.1; undefined where it has none, or somebody else runs it. */
  readonly metricsPort: number | undefined;
  /** `4.6.1`, or `unknown`. */
  readonly version: string;
}

export type RestartReason = 'exit' | 'signal' | 'unresponsive' | 'requested';
/** `exit` stands also for an end whose cause cannot be known: of a process that another run of the agent had started. */
export type EndReason = RestartReason | 'stopped';

export type CoturnState =
  | { readonly kind: 'starting' }
  /** Somebody else runs it, and it has not answered yet, or its process has ended. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'up'; readonly life: CoturnLife }
  /** No new allocation is taken: for a stop, whose sessions are being ended, or while the relay is being drained. */
  | { readonly kind: 'draining'; readonly life: CoturnLife; readonly before: 'stop' | 'maintenance' }
  /** The process lives, STUN is not answered; since when, milliseconds since the epoch. */
  | { readonly kind: 'silent'; readonly life: CoturnLife; readonly since: number }
  | {
      readonly kind: 'restarting';
      /** When the next start is tried (or was, while it is under way), milliseconds since the epoch. */
      readonly at: number;
      /** Starts tried since coturn was last healthy. */
      readonly failures: number;
      readonly reason: RestartReason;
      /** A sentence: how coturn ended, or why the last start failed. */
      readonly message: string;
      /** The end of coturn's own log: bounded, control characters escaped, secrets taken out. Hostile text all the same. */
      readonly lastLines: readonly string[];
    }
  | { readonly kind: 'stopped' };

/** The life of a coturn whose process runs. */
export function lifeIn(state: CoturnState): CoturnLife | undefined {
  return 'life' in state ? state.life : undefined;
}

export interface CoturnHooks {
  /**
   * Allocations (18 digits) of this life that the stats connection has told of and whose totals have not come: coturn
   * sends the totals after `deleted`, and a stop waits until none is left here.
   */
  openAllocations(life: CoturnLife): readonly string[];
  /** `Clock.monotonic()` of the last heartbeat of this life, if any. */
  lastHeartbeat(life: CoturnLife): number | undefined;
  /** Called before coturn can have connected anywhere. */
  lifeStarted(life: CoturnLife, takenOver: boolean): void;
  /**
   * Called soon after a take-over, after `findSessions`, and before the life's end: what it has under way. At most 3 s
   * old: an allocation of these may have been told to be `deleted` meanwhile. `isAll`: there are no others.
   */
  sessionsFound(life: CoturnLife, sessions: readonly ListedSession[], isAll: boolean): void;
  /** Called when the process is gone. */
  lifeEnded(life: CoturnLife, reason: EndReason): void;
}

/** A coturn that the agent runs, or that it watches only. After `stop()` the process of one that it runs is gone. */
export interface CoturnServer extends Service {
  state(): CoturnState;
  /** How often coturn was started again, by the reason why its life before had ended. */
  restarts(): Readonly<Record<RestartReason, number>>;
  /**
   * Ends these allocations (18 digits) so that coturn tells their totals. Resolves with those still open after the
   * stop timeout; ids that coturn does not know are no error. Throws UserError where coturn cannot be told.
   */
  endAllocations(ids: readonly string[]): Promise<readonly string[]>;
  /**
   * Has coturn refuse new allocations, or take them again; those under way go on. It counts for this life of coturn, also
   * after the agent's own. Throws UserError where coturn cannot be told.
   */
  admitAllocations(admitted: boolean): Promise<void>;
  /** Asks which sessions are under way, because the stats connection was broken: `sessionsFound` is told. */
  findSessions(): void;
  /** Ends every session exactly, and starts coturn again. Resolves when the new one answers; rejects when its first start failed. */
  restart(): Promise<void>;
  /** Stops watching and leaves coturn running, for the next start to take over; a `stop()` after it leaves it too. */
  release(): Promise<void>;
}

export interface CoturnSecrets {
  readonly statsdbPassword: string;
  readonly cliPassword: string;
  /** coturn's `static-auth-secret`; unset: those of its user database. */
  readonly authSecret?: string | undefined;
}

export interface CoturnServerOptions {
  readonly settings: CoturnSettings;
  readonly dataDir: string;
  readonly secrets: CoturnSecrets;
  /** Whom coturn accepts: who shows a REST credential (also where it is not said), or long-term users. */
  readonly mode?: 'rest' | 'user';
  /** Where the agent's statsdb endpoint listens. */
  readonly statsdb: { readonly host: string; readonly port: number };
  /** What stands between expiry and id in a REST user name. */
  readonly restSeparator: string;
  readonly hooks: CoturnHooks;
  /** Restarts are traced with it. */
  readonly tracer?: Tracer;
  readonly clock: Clock;
  readonly logger: Logger;
  /** 0 to 1; for the jitter of restarts. */
  readonly random?: () => number;
}
