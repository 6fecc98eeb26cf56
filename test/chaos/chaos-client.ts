import { setTimeout as sleep } from 'node:timers/promises';
import type { WireCounts } from '../support/turn-carrier';
import { TurnClient } from '../support/turn-client';
import type { ClientPlan, Farewell } from './plan';

/** How it ended: as planned, or `cut` (the relay went away), or `refused` (it got no allocation). */
type Outcome = Farewell | 'cut' | 'refused';

/** What a client knows of its session. Times are those of `performance.now()`. */
export interface ClientAccount {
  readonly plan: ClientPlan;
  readonly username: string;
  readonly outcome: Outcome;
  /** How many allocations it was granted. */
  readonly granted: number;
  /** Between it and the relay, over all its allocations. */
  readonly wire: WireCounts;
  /** What it sent to the peer, and got back. */
  readonly data: WireCounts;
  readonly startedAt: number;
  readonly endedAt: number;
}

export interface ClientContext {
  readonly turnPort: number;
  readonly secret: string;
  readonly peerPort: number;
  readonly signal: AbortSignal;
}

/** coturn's `max-allocate-lifetime`, seconds. */
export const LIFETIME_SECONDS = 12;
/** coturn 4.6.1 grants its maximum to who asks for more, and 600 s to who asks for less than 600 s. */
const WISHED_SECONDS = 3600;
const REFRESH_MS = 4_000;
const TICK_MS = 20;
const MAX_BURST = 20;
const QUIET_MS = 300;
/** How long after its lifetime an allocation may still be there: coturn looks once a second. */
const EXPIRY_SLACK_MS = 3_000;

/** One client from its first request to its end, as planned. Never rejects. */
export async function playClient(plan: ClientPlan, context: ClientContext): Promise<ClientAccount> {
  const client = new ChaosClient(plan, context);
  const startedAt = performance.now();
  const outcome = await client.play();
  const { username, granted, data } = client;
  return { plan, username, outcome, granted, wire: client.wire(), data, startedAt, endedAt: performance.now() };
}

class ChaosClient {
  readonly username: string;
  readonly data: WireCounts = { sentPackets: 0, sentBytes: 0, receivedPackets: 0, receivedBytes: 0 };
  granted = 0;
  private turns: TurnClient[] = [];
  private refreshedAt = 0;
  private readonly payload: Buffer;

  constructor(
    private readonly plan: ClientPlan,
    private readonly context: ClientContext,
  ) {
    // A REST user name of coturn: valid for a day.
    this.username = `${Math.floor(Date.now() / 1000) + 86_400}:${plan.name}`;
    this.payload = Buffer.alloc(plan.payloadBytes, plan.name);
  }

  async play(): Promise<Outcome> {
    const { plan } = this;
    try {
      if (!(await this.open())) return this.granted === 0 ? 'refused' : 'cut';
      await this.prepare();
      await this.live();
      await this.settle();
      await this.leave();
      return this.isCut && plan.farewell !== 'expire' ? 'cut' : plan.farewell;
    } catch {
      // Whatever it asked for and did not get: the relay is gone, or the run is over.
      return 'cut';
    } finally {
      for (const turn of this.turns) turn.close();
    }
  }

  /** The sum over its allocations. */
  wire(): WireCounts {
    const sum: WireCounts = { sentPackets: 0, sentBytes: 0, receivedPackets: 0, receivedBytes: 0 };
    for (const { counts } of this.turns) {
      for (const name of Object.keys(sum) as (keyof WireCounts)[]) sum[name] += counts[name];
    }
    return sum;
  }

  private get isCut(): boolean {
    return this.turns.some(({ isGone }) => isGone);
  }

  /** All at once; whether it got all. */
  private async open(): Promise<boolean> {
    const { turnPort, secret } = this.context;
    const opened = await Promise.allSettled(
      Array.from({ length: this.plan.allocations }, async () => {
        const turn = await TurnClient.connect(turnPort, this.plan.transport);
        this.turns.push(turn);
        await turn.allocate(this.username, secret, undefined, WISHED_SECONDS);
        this.granted++;
      }),
    );
    this.refreshedAt = performance.now();
    return opened.every(({ status }) => status === 'fulfilled');
  }

  private async prepare(): Promise<void> {
    const { peerPort } = this.context;
    await Promise.all(
      this.relaying().map(async (turn) => {
        turn.onData = (data) => {
          this.data.receivedPackets++;
          this.data.receivedBytes += data.length;
        };
        await (this.plan.framing === 'channel' ? turn.bindChannel(peerPort) : turn.permit(peerPort));
      }),
    );
  }

  private relaying(): TurnClient[] {
    return this.turns.slice(0, this.plan.relaying);
  }

  private async live(): Promise<void> {
    const { lifeMs, packetsPerSecond } = this.plan;
    const start = performance.now();
    for (let sent = 0; performance.now() < start + lifeMs && !this.isCut;) {
      const due = Math.floor(((performance.now() - start) * packetsPerSecond) / 1000);
      for (let burst = 0; sent < due && burst < MAX_BURST; sent++, burst++) this.send();
      if (performance.now() > this.refreshedAt + REFRESH_MS) await this.refresh(WISHED_SECONDS);
      await sleep(TICK_MS, undefined, { signal: this.context.signal });
    }
  }

  private send(): void {
    for (const turn of this.relaying()) {
      if (this.plan.framing === 'channel') turn.sendOnChannel(this.payload);
      else turn.sendTo(this.context.peerPort, this.payload);
      this.data.sentPackets++;
      this.data.sentBytes += this.payload.length;
    }
  }

  private async refresh(lifetimeSeconds: number): Promise<void> {
    this.refreshedAt = performance.now();
    await Promise.all(this.turns.map((turn) => turn.refresh(lifetimeSeconds)));
  }

  /** Until what is under way has come, or is lost. */
  private async settle(): Promise<void> {
    for (let before = -1; before !== this.data.receivedPackets && !this.isCut;) {
      before = this.data.receivedPackets;
      await sleep(QUIET_MS, undefined, { signal: this.context.signal });
    }
  }

  private async leave(): Promise<void> {
    if (this.plan.farewell === 'close' || this.isCut) return;
    if (this.plan.farewell === 'refresh') {
      await this.refresh(0);
      return;
    }
    // Together, so that they expire together.
    await this.refresh(WISHED_SECONDS);
    const end = this.refreshedAt + LIFETIME_SECONDS * 1000 + EXPIRY_SLACK_MS;
    while (performance.now() < end && !this.turns.every(({ isGone }) => isGone)) {
      await sleep(TICK_MS * 5, undefined, { signal: this.context.signal });
    }
  }
}
