import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parsePage, total } from '../../test/support/exposition-text';
import { freePorts, relayRange } from '../../test/support/free-ports';
import { fetchText } from './http';
import { PASSWORD } from './password';
import { ask } from './program';
import type { Stage } from './stage';

const MAIN = join(__dirname, '../../../dist/main.js');
const preload = (name: string): string[] => ['--require', join(__dirname, `../programs/${name}.js`)];
const POLL_MS = 2;
const STOP_DEADLINE_MS = 20_000;

export interface AgentOptions {
  /** Whether coturn runs under it. */
  readonly supervise?: boolean;
  /** Whether it can be told to collect its garbage. */
  readonly collectable?: boolean;
  /** False: its statsdb endpoint is left as it is by default, for an agent that has none. */
  readonly statsdb?: boolean;
  /** False: it keeps no usage. */
  readonly ledger?: boolean;
  /** Beside what every agent here is given: `SESSIONS_LINGER`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Variables that are not the agent's own. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Another build of it: its `main.js`. */
  readonly main?: string;
  /** Fills its data directory before it starts. */
  readonly prepare?: (dataDir: string) => Promise<void>;
}

interface Place {
  readonly folder: string;
  readonly webPort: number;
  readonly statsdbPort: number;
  /** The configuration. There is no file: a start without one is what most people have. */
  readonly variables: NodeJS.ProcessEnv;
  readonly main: string;
}

/** The built program, as it is shipped, in a folder of its own and on free ports of loopback. */
export class Agent {
  private constructor(
    private readonly child: ChildProcess,
    private readonly place: Place,
    /** From the start of the process to the first answered scrape. */
    readonly startMs: number,
  ) {}

  /** Resolves when it has answered a scrape. */
  static async start(stage: Stage, options: AgentOptions = {}): Promise<Agent> {
    const place = await findPlace(options);
    const started: ChildProcess[] = [];
    stage.defer(async () => {
      await Promise.all(started.map(stop));
      rmSync(place.folder, { recursive: true });
    });
    await options.prepare?.(place.folder);
    const began = performance.now();
    const child = run(place, [...stage.nodeFlags, ...nodeFlagsOf(options)]);
    started.push(child);
    await firstAnswer(child, place.webPort);
    return new Agent(child, place, performance.now() - began);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get statsdbPort(): number {
    return this.place.statsdbPort;
  }

  get webPort(): number {
    return this.place.webPort;
  }

  /** A scrape over a kept connection; how long it took, milliseconds. */
  async scrape(): Promise<number> {
    const began = performance.now();
    await fetchText(this.place.webPort, '/metrics');
    return performance.now() - began;
  }

  /** What `/metrics` shows: the sum of each metric's series. */
  async metrics<Name extends string>(...names: readonly Name[]): Promise<Record<Name, number>> {
    const page = parsePage(await fetchText(this.place.webPort, '/metrics'));
    return Object.fromEntries(names.map((name) => [name, total(page, name)])) as Record<Name, number>;
  }

  /** Throws unless it has taken so many events, and refused none. */
  async expectEvents(events: number): Promise<void> {
    const page = await this.metrics('turnkeeper_events_total', 'turnkeeper_events_rejected_total');
    const { turnkeeper_events_total: taken, turnkeeper_events_rejected_total: rejected } = page;
    if (taken !== events || rejected !== 0) {
      throw new Error(`of ${events} events the agent took ${taken} and rejected ${rejected}`);
    }
  }

  /** Throws unless so many allocations are open. */
  async expectOpen(allocations: number): Promise<void> {
    const { coturn_allocations: open } = await this.metrics('coturn_allocations');
    if (open !== allocations) throw new Error(`of ${allocations} allocations ${open} are open`);
  }

  /** Resolves when what nothing refers to is freed. Only where it is `collectable`. */
  collectGarbage(): Promise<unknown> {
    return ask(this.child, { collect: 'garbage' });
  }

  /** Resolves when it is gone, and its coturn with it. */
  stop(): Promise<void> {
    return stop(this.child);
  }
}

function nodeFlagsOf({ collectable = false, ledger = true }: AgentOptions): string[] {
  return [...(collectable ? preload('collect-garbage') : []), ...(ledger ? [] : preload('without-ledger'))];
}

async function findPlace(options: AgentOptions): Promise<Place> {
  const { supervise = false, statsdb = true, settings: others, environment = {}, main = MAIN } = options;
  const [webPort = 0, statsdbPort = 0, turn = 0, tls = 0, cli = 0, metrics = 0] = await freePorts(6);
  const { minPort, maxPort } = relayRange(100);
  const folder = mkdtempSync(join(tmpdir(), 'turnkeeper-bench-'));
  const settings = {
    DATA_DIR: folder,
    WEB_LISTEN_ADDRESS: `127.0.0.1:${webPort}`,
    ...(statsdb && { SOURCES_STATSDB_LISTEN_ADDRESS: `127.0.0.1:${statsdbPort}` }),
    SOURCES_STATSDB_PASSWORD: PASSWORD,
    LOG_LEVEL: 'error',
    COTURN_SUPERVISE: supervise,
    COTURN_LISTENING_PORT: turn,
    COTURN_TLS_LISTENING_PORT: tls,
    COTURN_CLI_PORT: cli,
    COTURN_METRICS_PORT: metrics,
    COTURN_MIN_PORT: minPort,
    COTURN_MAX_PORT: maxPort,
    ...others,
  };
  const variables = Object.entries(settings).map(([name, value]) => [`TURNKEEPER_${name}`, String(value)]);
  const own = Object.fromEntries(variables) as NodeJS.ProcessEnv;
  return { folder, webPort, statsdbPort, variables: { ...environment, ...own }, main };
}

function run({ folder, variables, main }: Place, nodeFlags: readonly string[]): ChildProcess {
  return spawn(process.execPath, [...nodeFlags, main], {
    cwd: folder,
    env: { PATH: process.env['PATH'], ...variables },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

async function firstAnswer(child: ChildProcess, port: number): Promise<void> {
  for (;;) {
    try {
      await fetchText(port, '/metrics');
      return;
    } catch (error) {
      if (hasEnded(child)) throw new Error('the agent ended before it answered', { cause: error });
      await sleep(POLL_MS);
    }
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
  await gone;
  clearTimeout(late);
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
