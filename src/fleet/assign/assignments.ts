import type { AssignConfig, Strategy } from '../../config/assign';
import type { Clock } from '../../lib/clock';
import { UserError } from '../../lib/errors';
import type { Logger } from '../../lib/logger';
import type { Service } from '../../lib/services';
import type { FleetRelay } from '../fleet-relay';
import type { FleetView } from '../fleet-view';
import type { ZookeeperSession } from '../zookeeper-session';
import { createAssignmentCounts, type AssignmentCounts, type Outcome } from './assignment-counts';
import { choose, type Chooser, type NoChoice } from './choose';
import { Decision } from './decision';
import { unusable, type FitnessRules, type RelayState } from './fitness';
import { OthersReserved } from './others-reserved';
import { PendingRoom } from './pending-room';
import { taskId } from './reservation';
import { createStrategies } from './strategies';
import { TaskBook } from './task-book';

/** What is asked for. Texts are checked and bounded by whoever asks. */
export interface AssignRequest {
  readonly task: string;
  readonly isp?: string | undefined;
  readonly region?: string | undefined;
  readonly strategy?: Strategy | undefined;
  readonly reserveSeconds?: number | undefined;
}

export type Assignment = Assigned | NoChoice;

export interface Assigned {
  readonly kind: 'assigned';
  readonly relay: FleetRelay;
  /** A sentence. */
  readonly why: string;
  /** Milliseconds since the epoch. */
  readonly reservedUntil: number;
  /** Whether other agents know of it. */
  readonly isShared: boolean;
}

export interface AssignmentsOptions {
  readonly settings: AssignConfig;
  /** Seconds; see registry.sessionTimeout. */
  readonly sessionTimeout: number;
  /** Stands in this agent's node, and in no other: of its name there may be another relay. */
  readonly agent: string;
  /** How that relay is just now. */
  readonly ownState: () => RelayState;
  readonly session: Pick<ZookeeperSession, 'connection' | 'acl' | 'onConnection'>;
  /** Of the relays' nodes. */
  readonly path: string;
  readonly view: Pick<FleetView, 'relays' | 'asOf'>;
  /** The fingerprint of what this agent makes credentials by; undefined where no other relay can accept them. */
  readonly issuesBy: string | undefined;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly clock: Clock;
  readonly logger: Logger;
}

const MAX_TASKS = 100_000;
const LOOK_MS = 1000;
/** How old a view is trusted, in session timeouts. */
const TIMEOUTS_OF_AGE = 5;

/** Chooses relays for tasks, and keeps them reserved. */
export class Assignments implements Service {
  readonly name = 'assignments';
  readonly counts: AssignmentCounts = createAssignmentCounts();
  private readonly pending = new PendingRoom();
  private readonly others: OthersReserved;
  private readonly book: TaskBook;
  private readonly chooser: Chooser;
  private readonly maxAgeMs: number;
  private ended = new AbortController();

  constructor(private readonly options: AssignmentsOptions) {
    const { settings, sessionTimeout, agent, random } = options;
    this.others = new OthersReserved(agent);
    this.book = new TaskBook({ ...options, path: `${options.path}.tasks`, pending: this.pending });
    this.chooser = { strategies: createStrategies(random), rules: rulesOf(options) };
    this.maxAgeMs = (settings.maxViewAge ?? TIMEOUTS_OF_AGE * sessionTimeout) * 1000;
  }

  start(): Promise<void> {
    const { clock, logger } = this.options;
    this.ended = new AbortController();
    clock.every(
      LOOK_MS,
      () => this.look(),
      this.ended.signal,
      (error) => {
        logger.error({ err: error }, 'the reservations could not be looked after');
      },
    );
    return Promise.resolve();
  }

  /** What is in ZooKeeper goes with the session. */
  stop(): Promise<void> {
    this.ended.abort();
    return Promise.resolve();
  }

  /** How many tasks have a relay reserved, as far as this agent knows. */
  get reservations(): { readonly shared: number; readonly unshared: number } {
    const { own, elsewhere, unshared } = this.book.counts;
    return { shared: own + elsewhere, unshared };
  }

  /** For this relay's node: what is reserved on each relay and does not show yet, megabits per second. */
  reserved(): Readonly<Record<string, number>> {
    return this.pending.told();
  }

  /** Rejects with `unavailable` where the fleet is not known well enough, or too much is reserved. */
  async assign(request: AssignRequest): Promise<Assignment> {
    const { clock } = this.options;
    const began = clock.monotonic();
    let outcome: Outcome = 'unavailable';
    try {
      const { assignment, by } = await this.settle(request);
      outcome = by;
      return assignment;
    } finally {
      this.counts.outcomes[outcome]++;
      this.counts.duration.observe((clock.monotonic() - began) / 1000);
    }
  }

  /** Ends the task's reservation: false where there is none. */
  release(task: string): Promise<boolean> {
    return this.book.release(taskId(task));
  }

  private async settle(request: AssignRequest): Promise<{ readonly assignment: Assignment; readonly by: Outcome }> {
    this.refuseOldView();
    const id = taskId(request.task);
    if (this.book.size >= MAX_TASKS && !this.book.has(id)) throw tooMany();
    const decision = this.decisionOn(request);
    const isShared = await this.book.settle(id, decision);
    const { outcome } = decision;
    if (outcome?.kind !== 'proposal')
      return { assignment: outcome ?? { kind: 'none', reasons: [], counts: {} }, by: 'no_relay' };
    const { relay, why, by, reservation } = outcome;
    return { assignment: { kind: 'assigned', relay, why, reservedUntil: reservation.until, isShared }, by };
  }

  private decisionOn({ isp, region, strategy, reserveSeconds }: AssignRequest): Decision {
    const { settings, clock, view } = this.options;
    const fleet = view.relays();
    const wishes = { isp, region, strategy: strategy ?? settings.strategy };
    const reservedOn = (server: string): number => this.pending.of(server) + this.others.on(server, fleet);
    return new Decision({
      now: clock.now(),
      reserveSeconds,
      settings,
      usable: (server) => fleet.find((one) => one.server === server && !unusable(one, this.chooser.rules)),
      choose: () => choose(fleet, reservedOn, wishes, this.chooser),
      pending: this.pending,
    });
  }

  private refuseOldView(): void {
    const { view, clock } = this.options;
    if (view.asOf === undefined)
      throw new UserError('unavailable', 'The fleet is not known yet: ZooKeeper has not answered. Ask again.');
    const ageMs = clock.now() - view.asOf;
    if (ageMs <= this.maxAgeMs) return;
    const [age, most] = [ageMs, this.maxAgeMs].map((ms) => Math.floor(ms / 1000));
    throw new UserError(
      'unavailable',
      `ZooKeeper has been away for ${age ?? 0} s, and relays may have died since (registry.assign.maxViewAge is ${most ?? 0} s): ` +
        'bring it back, or ask another agent.',
    );
  }

  private async look(): Promise<void> {
    const { view } = this.options;
    const fleet = view.relays();
    const free = new Map(fleet.map(({ server, node }) => [server, node.freeTraffic]));
    this.pending.look(
      (server) => free.get(server),
      (server) => this.others.on(server, fleet),
    );
    await this.book.tidy();
  }
}

function rulesOf({ settings, agent, ownState, issuesBy }: AssignmentsOptions): FitnessRules {
  const { minFreeMbps, maxAllocations } = settings;
  const canIssueFor = ({ node }: FleetRelay): boolean =>
    node.agent === agent || (issuesBy !== undefined && node.secrets.includes(issuesBy));
  const stateOf = ({ node }: FleetRelay): RelayState => (node.agent === agent ? ownState() : node);
  return { minFreeMbps, maxAllocations, stateOf, canIssueFor };
}

function tooMany(): UserError {
  const advice = 'reserve for a shorter time (reserveSeconds), or ask more agents';
  return new UserError('unavailable', `This agent holds ${MAX_TASKS} reservations, and may hold no more: ${advice}.`);
}
