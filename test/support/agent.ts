import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from './coturn';
import { eventually } from './eventually';
import { parsePage, type Page } from './exposition-text';
import { freePorts, relayRange } from './free-ports';

/** On a busy machine; an agent that fails to start has ended before. */
const STARTING_MS = 60_000;
const MAIN = join(__dirname, '../../dist/main.js');

export interface Credential {
  readonly username: string;
  readonly password: string;
  readonly uris: readonly string[];
  readonly iceServers: { urls: string[]; username: string; credential: string }[];
}

/** A place to run the built program in, again and again: a data directory, a configuration file, ports. */
export class AgentHome {
  readonly url: string;
  private readonly folder = temporaryDirectory();
  private readonly agents: Agent[] = [];
  private readonly clients: ChildProcess[] = [];

  private config: Readonly<Record<string, unknown>> & { readonly coturn: object } = { coturn: {} };

  private constructor(readonly ports: { web: number; statsdb: number; turn: number; tls: number; cli: number }) {
    this.url = `http://127.0.0.1:${ports.web}`;
  }

  /** `coturn` and `top` are merged over the configuration. */
  static async create(coturn: object = {}, top: object = {}): Promise<AgentHome> {
    const [web = 0, statsdb = 0, turn = 0, tls = 0, cli = 0, metricsPort = 0] = await freePorts(6);
    const home = new AgentHome({ web, statsdb, turn, tls, cli });
    home.config = {
      dataDir: home.dataDir,
      web: { listenAddress: `127.0.0.1:${web}` },
      sources: { statsdb: { listenAddress: `127.0.0.1:${statsdb}` } },
      sessions: { linger: '1s' },
      coturn: {
        listeningPort: turn,
        tlsListeningPort: tls,
        cliPort: cli,
        metricsPort,
        ...relayRange(2000),
        // turnutils_uclient leaves allocations behind: they shall expire while the test looks. libwebrtc's stay 600 s over
        // UDP, whatever stands here (docs/relay.md).
        extra: { 'relay-threads': 2, 'max-allocate-lifetime': 15 },
      },
    };
    home.configure(coturn, top);
    return home;
  }

  /** Merges `coturn` and `top` over the configuration, for the starts to come. */
  configure(coturn: object, top: object): void {
    this.config = { ...this.config, ...top, coturn: { ...this.config.coturn, ...coturn } };
    writeFileSync(this.configFile, JSON.stringify(this.config));
  }

  get path(): string {
    return this.folder.path;
  }

  get dataDir(): string {
    return join(this.path, 'data');
  }

  get configFile(): string {
    return join(this.path, 'turnkeeper.yml');
  }

  /** Starts the program with these variables too; resolves when it has said where it listens. */
  async start(environment: NodeJS.ProcessEnv = {}): Promise<Agent> {
    const agent = await this.startOrEnd(environment);
    if (agent.hasEnded) throw new Error(`the agent ended at its start:\n${agent.output}`);
    return agent;
  }

  /** Starts the program; resolves when it has said where it listens, or has ended. */
  async startOrEnd(environment: NodeJS.ProcessEnv = {}): Promise<Agent> {
    const agent = new Agent(
      this,
      spawn(process.execPath, [MAIN, '--config.file', this.configFile], {
        cwd: this.path,
        env: { ...process.env, ...environment },
      }),
    );
    this.agents.push(agent);
    const isThere = (): boolean => agent.output.includes('credential ') || agent.hasEnded;
    await eventually('the agent says where it listens', isThere, STARTING_MS);
    return agent;
  }

  /** A client of the relay, which ends with this home at the latest. Whoever asks for a pipe reads what it writes. */
  spawnClient(program: string, args: readonly string[], output: 'ignore' | 'pipe' = 'ignore'): ChildProcess {
    const client = spawn(program, args, { stdio: ['ignore', output, 'ignore'] });
    this.clients.push(client);
    return client;
  }

  /** coturn's process, as the agent noted it. */
  coturnPid(): number {
    const noted = JSON.parse(readFileSync(join(this.dataDir, 'coturn.json'), 'utf8')) as {
      process: { pid: number };
    };
    return noted.process.pid;
  }

  coturnLog(): string {
    return readFileSync(join(this.dataDir, 'turnserver.log'), 'utf8');
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<{ status: number; text: string }> {
    const response = await fetch(`${this.url}${path}`, { headers });
    return { status: response.status, text: await response.text() };
  }

  async page(): Promise<Page> {
    return parsePage((await this.get('/metrics')).text);
  }

  async credential(user: string): Promise<Credential> {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${this.url}/v1/credentials`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ user }),
    });
    return (await response.json()) as Credential;
  }

  /** Ends every run of the program. */
  async stopAll(signal: NodeJS.Signals): Promise<void> {
    for (const agent of this.agents) await agent.kill(signal);
  }

  /** Ends every client, every agent and the coturn that one may have left, and removes the folder. */
  async remove(): Promise<void> {
    for (const client of this.clients) client.kill('SIGKILL');
    await this.stopAll('SIGKILL');
    try {
      process.kill(this.coturnPid(), 'SIGKILL');
    } catch {
      // It has ended, or was never started.
    }
    this.folder.remove();
  }
}

/** One run of the program. */
export class Agent {
  /** What it wrote, to both outputs. */
  output = '';
  private readonly gone: Promise<unknown>;

  constructor(
    readonly home: AgentHome,
    private readonly child: ChildProcess,
  ) {
    child.stdout?.on('data', (data: Buffer) => (this.output += data.toString()));
    child.stderr?.on('data', (data: Buffer) => (this.output += data.toString()));
    this.gone = once(child, 'exit');
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  get status(): number | null {
    return this.child.exitCode;
  }

  /** Sends the signal and waits for the end. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    if (this.hasEnded) return;
    this.child.kill(signal);
    await this.gone;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Nobody reads any more what it writes, as where the `tee` behind its pipe has ended. */
  hangUp(): void {
    for (const stream of [this.child.stdout, this.child.stderr]) stream?.destroy();
  }

  async ended(): Promise<void> {
    if (!this.hasEnded) await this.gone;
  }
}

/** Whether a process exists that is no zombie. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
