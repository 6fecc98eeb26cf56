import type { Clock } from '../../lib/clock';
import { messageOf } from '../../lib/errors';
import type { Logger } from '../../lib/logger';
import { RegularWork } from '../../lib/regular-work';
import type { Service } from '../../lib/services';
import type { AgentName, Beat, SharedSessions } from './shared-sessions';

export interface SettlerOptions {
  readonly shared: Pick<SharedSessions, 'beats' | 'settleSome'>;
  /** Tells who of those that are missing has been for long enough. */
  readonly departed: {
    longMissing(missing: readonly Beat[], now: number): readonly Beat[];
    seenNothing(): void;
  };
  /** Whether an agent is in the registry; undefined while that is not known. */
  readonly registered: () => ((agent: AgentName) => boolean) | undefined;
  /** This agent. */
  readonly ledger: { readonly agent: string };
  readonly everyMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Settles the sessions of agents that are gone, so that what they relayed has its records. */
export class Settler implements Service {
  readonly name = 'settlement';
  /** Sessions settled for other agents, since this one's start. */
  settled = 0;
  private readonly regular = new RegularWork();

  constructor(private readonly options: SettlerOptions) {}

  start(): Promise<void> {
    const { everyMs, clock, logger } = this.options;
    const work = (): Promise<void> => this.work();
    this.regular.start(clock, everyMs, work, (error) => {
      logger.error({ err: error }, 'the sessions of other agents could not be settled');
    });
    return Promise.resolve();
  }

  stop(): Promise<void> {
    return this.regular.stop();
  }

  /** Never rejects. */
  private async work(): Promise<void> {
    const { departed, logger } = this.options;
    try {
      for (const gone of await this.gone()) await this.settle(gone);
    } catch (error) {
      departed.seenNothing();
      logger.debug({ why: messageOf(error) }, 'it is not known now which agents live');
    }
  }

  private async gone(): Promise<readonly Beat[]> {
    const { shared, departed, registered, ledger, clock } = this.options;
    const isRegistered = registered();
    if (!isRegistered) {
      departed.seenNothing();
      return [];
    }
    const others = (await shared.beats()).filter(({ agent }) => agent !== ledger.agent);
    const missing = others.filter((agent) => !isRegistered(agent));
    return departed.longMissing(missing, clock.monotonic());
  }

  private async settle(gone: Beat): Promise<void> {
    const { shared, ledger, logger } = this.options;
    let sessions = 0;
    for (let isOver = false; !isOver && !this.regular.signal.aborted;) {
      const some = await shared.settleSome(gone, ledger.agent);
      sessions += some.settled;
      this.settled += some.settled;
      ({ isOver } = some);
    }
    if (sessions === 0) return;
    const { server, agent } = gone;
    logger.warn({ server, agent, sessions }, 'an agent did not come back: its open sessions were settled, estimated');
  }
}
