/** What one reservation takes of its relay's room until the traffic shows. */
export interface Pending {
  readonly server: string;
  /** Megabits per second that do not show yet. */
  mbps: number;
}

interface OnRelay {
  /** In the order in which they were made. */
  readonly queue: Set<Pending>;
  /** The relay's free room when it was looked at last. */
  freeMbps: number;
  sum: number;
}

/** More are not told to other agents: their nodes would be too large (relay-node.ts). */
const MAX_TOLD = 256;
/** As relay-node.ts reads them. */
const TELLABLE = /^[^\p{C}]{1,64}$/u;

/**
 * What this agent has reserved on each relay and nobody can measure yet. By what a relay's free room falls, the traffic of
 * its oldest reservations shows, and they count no more; of a fall that several agents wait for, each takes its share. A
 * fall for another reason is taken for one of these too: then a relay seems to have more room than it will have, by no
 * more than was reserved on it.
 */
export class PendingRoom {
  private readonly relays = new Map<string, OnRelay>();

  /** `freeMbps`: what the relay says now. */
  add(server: string, mbps: number, freeMbps: number): Pending {
    const pending = { server, mbps };
    const relay = this.relays.get(server) ?? { queue: new Set(), freeMbps, sum: 0 };
    relay.queue.add(pending);
    relay.sum += mbps;
    this.relays.set(server, relay);
    return pending;
  }

  /** Its reservation is over. */
  remove(pending: Pending): void {
    const relay = this.relays.get(pending.server);
    if (!relay?.queue.delete(pending)) return;
    relay.sum -= pending.mbps;
    if (relay.queue.size === 0) this.relays.delete(pending.server);
  }

  /** Megabits per second. */
  of(server: string): number {
    return this.relays.get(server)?.sum ?? 0;
  }

  /** `freeOf`: what each relay says now; undefined for one that is gone. `others`: what other agents have reserved there. */
  look(freeOf: (server: string) => number | undefined, others: (server: string) => number): void {
    for (const [server, relay] of this.relays) {
      const freeMbps = freeOf(server);
      if (freeMbps === undefined) continue;
      const promised = relay.sum + others(server);
      // Nothing may be: reserveMbps of 0.
      const share = promised > 0 ? relay.sum / promised : 0;
      if (freeMbps < relay.freeMbps) this.shown(relay, (relay.freeMbps - freeMbps) * share);
      relay.freeMbps = freeMbps;
    }
  }

  /** For this relay's own node: megabits per second of each relay, those with most. */
  told(): Readonly<Record<string, number>> {
    const all = [...this.relays].map(([server, { sum }]) => [server, Math.round(sum * 10) / 10] as const);
    const some = all.filter(([server, mbps]) => mbps > 0 && TELLABLE.test(server));
    return Object.fromEntries(some.sort(([, a], [, b]) => b - a).slice(0, MAX_TOLD));
  }

  private shown(relay: OnRelay, mbps: number): void {
    let left = mbps;
    for (const pending of relay.queue) {
      if (left <= 0) return;
      const part = Math.min(left, pending.mbps);
      left -= part;
      relay.sum -= part;
      pending.mbps -= part;
      if (pending.mbps === 0) this.remove(pending);
    }
  }
}
