import { once } from 'node:events';
import { AgentHome, type Agent, type Credential } from './agent';
import type { CabledNetwork } from './cabled-network';
import { eventually } from './eventually';
import { ZookeeperEnsemble } from './zookeeper';

export interface Assignment extends Credential {
  readonly relay: { readonly server: string };
  readonly why: string;
  readonly shared: boolean;
}

export interface Refusal {
  readonly status: number;
  readonly error: {
    readonly message: string;
    readonly reasons: { server: string; reason: string; message: string }[];
  };
}

export interface FleetAnswer {
  readonly connected: boolean;
  readonly ageSeconds: number;
  readonly relays: { readonly server: string; readonly ready: boolean; readonly freeTraffic: number }[];
}

export interface FleetMember {
  readonly server: string;
  readonly home: AgentHome;
  readonly agent: Agent;
}

/** Who reaches ZooKeeper over the second cable of this network, alone: it can be pulled. */
export interface Cut {
  readonly server: string;
  readonly network: CabledNetwork;
}

/** An ensemble of three ZooKeeper servers lets a session live from two of its ticks to twenty, of 200 ms. */
const SESSION_SECONDS = 3;
const TICK_SECONDS = 0.2;
/** So long after its end a relay may still be assigned: docs/fleet.md. */
export const DETECTION_MS = (SESSION_SECONDS + 2 * TICK_SECONDS) * 1000;
/** Of the agent that can be cut off: long enough to be out of the fleet before, and short for a test. */
export const MAX_VIEW_AGE_SECONDS = 8;
const HEADERS = { 'content-type': 'application/json' };

/** Five agents, five coturns on 127.0.0.2 and on, three ZooKeeper servers. */
export class AgentFleet {
  readonly members: FleetMember[] = [];

  private constructor(
    readonly zookeeper: ZookeeperEnsemble,
    private readonly cut: Cut | undefined,
  ) {}

  /** With `cut`, ZooKeeper runs in its network, which goes with the fleet. */
  static async start(regions: readonly string[], maxAllocations = 10_000, cut?: Cut): Promise<AgentFleet> {
    const fleet = new AgentFleet(await ZookeeperEnsemble.start(cut?.network), cut);
    try {
      for (const [index, region] of regions.entries())
        await fleet.add(`turn${index + 1}`, index, region, maxAllocations);
      await eventually('each knows all', () => fleet.knowsAll(), 60_000);
      return fleet;
    } catch (error) {
      await fleet.remove();
      throw error;
    }
  }

  member(server: string): FleetMember {
    const found = this.members.find((one) => one.server === server);
    if (!found) throw new Error(`there is no ${server}`);
    return found;
  }

  /** Asks that agent for a relay. */
  async assign(at: string, task: string, wishes: object = {}): Promise<Assignment | Refusal> {
    const body = JSON.stringify({ task, user: 'alice', reserveSeconds: 1, ...wishes });
    const url = `${this.member(at).home.url}/v1/relays/assign`;
    const response = await fetch(url, { method: 'POST', headers: HEADERS, body });
    const answer = (await response.json()) as Assignment | Omit<Refusal, 'status'>;
    return { status: response.status, ...answer };
  }

  /** What that agent knows of the fleet. */
  async view(of: string): Promise<FleetAnswer> {
    return JSON.parse((await this.member(of).home.get('/v1/relays')).text) as FleetAnswer;
  }

  /** Whether a real client gets all its data through the relay that was assigned. Beside the seconds it takes 4 more. */
  async works({ relay, username, password, uris }: Assignment, seconds = 1): Promise<boolean> {
    const { home } = this.member(relay.server);
    const [, host = '', port = ''] = /^turn:([\d.]+):(\d+)/.exec(uris[0] ?? '') ?? [];
    const traffic = ['-m', '2', '-n', String(seconds * 10), '-l', '100', '-z', '100'];
    const args = ['-y', '-c', ...traffic, '-p', port, '-u', username, '-w', password, host];
    const client = home.spawnClient('turnutils_uclient', args, 'pipe');
    let said = '';
    client.stdout?.on('data', (data: Buffer) => (said += data.toString()));
    const [status] = (await once(client, 'close')) as [number | null];
    // Its status is 0 also where nothing arrived.
    return status === 0 && said.includes('Total lost packets 0 (');
  }

  async remove(): Promise<void> {
    for (const { home } of this.members) await home.remove();
    await this.zookeeper.remove();
  }

  private async add(server: string, index: number, region: string, maxAllocations: number): Promise<void> {
    const address = `127.0.0.${index + 2}`;
    const coturn = { listeningIp: [address], relayIp: [address] };
    const isCut = server === this.cut?.server;
    const home = await AgentHome.create(coturn, {});
    home.configure(
      {},
      {
        credentials: { secret: 'the-same-on-every-relay', limits: { perUser: 'unlimited' } },
        network: { devices: ['lo'], capacityMbps: 10_000 },
        registry: {
          zookeeper: this.zookeeper.addressesOver(isCut ? 1 : 0),
          server,
          region,
          restAddress: home.url.replace('http://', ''),
          sessionTimeout: `${SESSION_SECONDS}s`,
          roundTrips: { every: '1s' },
          assign: {
            strategy: 'round-robin',
            maxAllocations,
            ...(isCut && { maxViewAge: `${MAX_VIEW_AGE_SECONDS}s` }),
          },
        },
      },
    );
    this.members.push({ server, home, agent: await home.start() });
  }

  private async knowsAll(): Promise<boolean> {
    for (const { server } of this.members) {
      const { relays } = await this.view(server);
      if (relays.filter(({ ready, freeTraffic }) => ready && freeTraffic > 0).length < this.members.length)
        return false;
    }
    return true;
  }
}
