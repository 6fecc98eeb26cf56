import type { Clock } from '../../lib/clock';
import { messageOf } from '../../lib/errors';
import type { Logger } from '../../lib/logger';
import { RegularWork } from '../../lib/regular-work';
import type { Service } from '../../lib/services';
import type { Relay } from '../../turn/relay';
import { recordSoFar } from './record-so-far';
import type { AgentName, SharedSessions } from './shared-sessions';

export interface PublisherOptions {
  readonly shared: SharedSessions;
  readonly relay: Pick<Relay, 'rows' | 'view'>;
  /** Which is restored: what was open before is published first. */
  readonly ledger: { readonly agent: string; idOf(sequence: number): string };
  readonly place: Pick<AgentName, 'server' | 'registryId'>;
  readonly everyMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

const BATCH = 500;

/**
 * Shows the fleet this agent's open sessions, as far as they are in its ledger, and that it lives. While the database is
 * away, what changes is noted as slots of the relay's table, and no more.
 */
export class Publisher implements Service {
  readonly name = 'open sessions';
  private readonly due: Set<number>;
  private readonly regular = new RegularWork();
  private trouble: string | undefined;

  constructor(private readonly options: PublisherOptions) {
    this.due = options.relay.rows.followSessions();
    this.addAll();
  }

  start(): Promise<void> {
    const { everyMs, clock, logger } = this.options;
    const work = (): Promise<void> => this.work();
    this.regular.start(clock, everyMs, work, (error) => {
      logger.error({ err: error }, 'open sessions could not be published');
    });
    return Promise.resolve();
  }

  /** The last state is told, where the database is there; sessions may go on in a coturn that runs on. */
  async stop(): Promise<void> {
    const { shared, ledger } = this.options;
    await this.regular.stop();
    await this.work();
    if (this.trouble === undefined) await shared.leave(ledger.agent).catch(this.note);
    await shared.close();
  }

  /** Never rejects. */
  private async work(): Promise<void> {
    const { shared, ledger, place } = this.options;
    const { agent } = ledger;
    try {
      if ((await shared.beat({ agent, ...place })) === 'new') this.addAll();
      const slots = [...this.due];
      for (let at = 0; at < slots.length; at += BATCH) await this.publish(agent, slots.slice(at, at + BATCH));
      this.note(undefined);
    } catch (error) {
      this.note(error);
    }
  }

  private async publish(agent: string, slots: readonly number[]): Promise<void> {
    const { shared, relay, ledger, clock } = this.options;
    // Before it is read: what changes from here on is due again.
    for (const slot of slots) this.due.delete(slot);
    const soFar = { relay, idOf: (sequence: number) => ledger.idOf(sequence), offset: clock.now() - clock.monotonic() };
    const records = slots.flatMap((slot) => recordSoFar(slot, soFar) ?? []);
    if (records.length === 0) return;
    try {
      await shared.publish(agent, records);
    } catch (error) {
      for (const slot of slots) this.due.add(slot);
      throw error;
    }
  }

  private addAll(): void {
    for (const slot of this.options.relay.view.sessionsFrom(0)) this.due.add(slot);
  }

  /** Said when it begins and when it is over. */
  private readonly note = (error: unknown): void => {
    const problem = error === undefined ? undefined : messageOf(error);
    const isNews = (problem === undefined) !== (this.trouble === undefined);
    this.trouble = problem;
    const { logger } = this.options;
    if (!isNews) return;
    if (problem === undefined) logger.info('the fleet sees the open sessions of this agent again');
    else logger.warn({ problem }, 'the fleet does not see the open sessions of this agent now');
  };
}
