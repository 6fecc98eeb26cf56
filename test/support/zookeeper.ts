import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { CabledNetwork } from './cabled-network';
import { temporaryDirectory } from './coturn';
import { eventually } from './eventually';
import { freePorts } from './free-ports';

/** Small and quick to start: what it keeps does not have to outlive the machine. */
const JVM = ['-Xmx96m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Dzookeeper.forceSync=no'];
const MAIN = 'org.apache.zookeeper.server.quorum.QuorumPeerMain';
const LOOPBACK = '127.0.0.1';
const SETTINGS = [
  // Sessions last from 2 to 20 ticks.
  'tickTime=200',
  'initLimit=50',
  'syncLimit=25',
  'admin.enableServer=false',
  'maxClientCnxns=0',
  '4lw.commands.whitelist=*',
];

/** A real ZooKeeper server on a free loopback port; it may be killed and started again, and keeps its data. */
export class ZookeeperServer {
  private child: ChildProcess | undefined;
  private readonly folder = temporaryDirectory();

  /** `settings`: further lines of zoo.cfg; `id`: of the server in its ensemble; `network`: where it runs, if not here. */
  constructor(
    readonly port: number,
    settings: readonly string[] = [],
    id = 1,
    private readonly network?: CabledNetwork,
  ) {
    const data = join(this.folder.path, 'data');
    mkdirSync(data);
    writeFileSync(join(data, 'myid'), String(id));
    const client = [`clientPort=${port}`, `clientPortAddress=${network ? '0.0.0.0' : LOOPBACK}`];
    writeFileSync(this.file, [...SETTINGS, `dataDir=${data}`, ...client, ...settings].join('\n'));
  }

  static async start(): Promise<ZookeeperServer> {
    const [port = 0] = await freePorts(1);
    const server = new ZookeeperServer(port);
    await server.startAgain();
    return server;
  }

  get address(): string {
    return this.addressOver(0);
  }

  addressOver(cable: 0 | 1): string {
    return `${this.network?.addressOver(cable) ?? LOOPBACK}:${this.port}`;
  }

  /** Resolves when it serves. */
  async startAgain(): Promise<void> {
    this.launch();
    await this.serves();
  }

  launch(): void {
    const args = [...JVM, '-cp', '/usr/share/java/*', MAIN, this.file];
    const [command, rest] = this.network?.command('java', args) ?? ['java', args];
    this.child = spawn(command, rest, { cwd: this.folder.path, stdio: 'ignore' });
  }

  async serves(): Promise<void> {
    await eventually('ZooKeeper serves', async () => /Mode: \w+/.test(await this.ask('srvr')), 40_000);
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /** It takes connections as before, since the kernel does, and says nothing. */
  pause(): void {
    this.child?.kill('SIGSTOP');
  }

  resume(): void {
    this.child?.kill('SIGCONT');
  }

  /** The answer to one of ZooKeeper's four-letter words. */
  async ask(word: string): Promise<string> {
    const host = this.network?.addressOver(0) ?? LOOPBACK;
    const socket = connect(this.port, host, () => socket.end(word));
    socket.setTimeout(1000, () => socket.destroy());
    let answer = '';
    socket.on('data', (data: Buffer) => (answer += data.toString()));
    await once(socket, 'close');
    return answer;
  }

  async remove(): Promise<void> {
    await this.kill();
    this.folder.remove();
  }

  private get file(): string {
    return join(this.folder.path, 'zoo.cfg');
  }
}

/** Three real servers of one ensemble. */
export class ZookeeperEnsemble {
  private constructor(
    readonly servers: readonly ZookeeperServer[],
    private readonly network: CabledNetwork | undefined,
  ) {}

  /** `network`: where they run, if not on loopback; it goes with them. */
  static async start(network?: CabledNetwork): Promise<ZookeeperEnsemble> {
    const ids = [1, 2, 3];
    const ports = await freePorts(3 * ids.length);
    const members = ids.map((id) => `server.${id}=127.0.0.1:${ports[id + 2] ?? 0}:${ports[id + 5] ?? 0}`);
    const servers = ids.map((id) => new ZookeeperServer(ports[id - 1] ?? 0, members, id, network));
    const ensemble = new ZookeeperEnsemble(servers, network);
    for (const server of servers) server.launch();
    try {
      await Promise.all(servers.map((server) => server.serves()));
    } catch (error) {
      await ensemble.remove();
      throw error;
    }
    return ensemble;
  }

  get addresses(): string {
    return this.addressesOver(0);
  }

  addressesOver(cable: 0 | 1): string {
    return this.servers.map((server) => server.addressOver(cable)).join(',');
  }

  async leader(): Promise<ZookeeperServer> {
    for (const server of this.servers) if (/Mode: leader/.test(await server.ask('srvr'))) return server;
    throw new Error('the ensemble has no leader');
  }

  async remove(): Promise<void> {
    for (const server of this.servers) await server.remove();
    this.network?.remove();
  }
}
