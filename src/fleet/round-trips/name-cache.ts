import { isIP } from 'node:net';
import type { Clock } from '../../lib/clock';

export type Resolved =
  | { readonly kind: 'address'; readonly address: string }
  /** It is being looked up: ask again. */
  | { readonly kind: 'pending' }
  | { readonly kind: 'unknown' };

interface Entry {
  readonly resolved: Resolved;
  /** By the monotonic clock, milliseconds. */
  readonly staleAt: number;
}

const MAX_NAMES = 4000;
/** getaddrinfo takes a thread of the pool for as long as it runs, of four (Node.js 20, `UV_THREADPOOL_SIZE`). */
const AT_ONCE = 2;
const FRESH_MS = 300_000;
const RETRY_MS = 60_000;

/** Addresses of host names. Nobody waits for a name server: what is stale is used until its new address is known. */
export class NameCache {
  private readonly entries = new Map<string, Entry>();
  private readonly due = new Set<string>();
  private busy = 0;

  /** `lookup` rejects for a name that has no address. */
  constructor(
    private readonly lookup: (name: string) => Promise<string>,
    private readonly clock: Pick<Clock, 'monotonic'>,
  ) {}

  /** Of a name or an address. */
  resolve(host: string): Resolved {
    if (isIP(host) !== 0) return { kind: 'address', address: host };
    const entry = this.entries.get(host);
    if (!entry || entry.staleAt <= this.clock.monotonic()) this.ask(host);
    return entry?.resolved ?? { kind: 'pending' };
  }

  private ask(name: string): void {
    if (this.due.size < MAX_NAMES) this.due.add(name);
    while (this.busy < AT_ONCE && this.due.size > 0) {
      this.busy++;
      void this.work().finally(() => this.busy--);
    }
  }

  private async work(): Promise<void> {
    for (const name of this.due) {
      this.due.delete(name);
      const resolved = await this.lookup(name).then(
        (address) => ({ kind: 'address', address }) as const,
        () => ({ kind: 'unknown' }) as const,
      );
      this.keep(name, resolved);
    }
  }

  private keep(name: string, resolved: Resolved): void {
    const lasts = resolved.kind === 'address' ? FRESH_MS : RETRY_MS;
    // What is written last stands last: the first is what was looked up longest ago.
    this.entries.delete(name);
    this.entries.set(name, { resolved, staleAt: this.clock.monotonic() + lasts });
    const [oldest] = this.entries.keys();
    if (this.entries.size > MAX_NAMES && oldest !== undefined) this.entries.delete(oldest);
  }
}
