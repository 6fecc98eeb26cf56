import type { FleetRelay } from '../fleet-relay';

/** What other agents say that they have reserved, as the fleet's nodes tell it. */
export class OthersReserved {
  private known: readonly FleetRelay[] | undefined;
  private sums = new Map<string, number>();

  /** `agent`: as it stands in this agent's node, which tells what is known here better. */
  constructor(private readonly agent: string) {}

  /** Megabits per second on this relay. The same list is summed up once. */
  on(server: string, fleet: readonly FleetRelay[]): number {
    if (fleet !== this.known) this.sum(fleet);
    return this.sums.get(server) ?? 0;
  }

  private sum(fleet: readonly FleetRelay[]): void {
    this.known = fleet;
    this.sums = new Map();
    for (const { node } of fleet) {
      if (node.agent === this.agent) continue;
      for (const [relay, mbps] of Object.entries(node.reserved))
        this.sums.set(relay, (this.sums.get(relay) ?? 0) + mbps);
    }
  }
}
