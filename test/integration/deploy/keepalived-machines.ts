import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ip, whyNoNamespaces } from '../../support/cabled-network';
import { eventually } from '../../support/eventually';

const ROOT = join(__dirname, '../../..');
const MAIN = join(ROOT, 'dist/main.js');
const DEPLOY = join(ROOT, 'deploy/keepalived');
const VIRTUAL = '10.77.0.10';
const SECRET = 'secret-of-the-keepalived-test';
const SWITCH = `tk${process.pid}s`;

/** Why it can't be tried here; undefined where it can. */
export function whyNot(): string | undefined {
  if (!existsSync('/usr/sbin/keepalived')) return 'keepalived is not installed';
  return whyNoNamespaces();
}

/** A switch that machines are plugged into, and a client beside them. */
export class Network {
  private readonly machines: Machine[] = [];
  /** Everything in it belongs to root and can be written by root alone, as keepalived wants it of its scripts. */
  private readonly folder = mkdtempSync('/var/lib/turnkeeper-test-keepalived-');

  constructor() {
    chmodSync(this.folder, 0o755);
    ip('netns', 'add', SWITCH);
    const inside = ['-n', SWITCH];
    ip(...inside, 'link', 'add', 'br0', 'type', 'bridge');
    ip(...inside, 'addr', 'add', '10.77.0.1/24', 'dev', 'br0');
    ip(...inside, 'link', 'set', 'br0', 'up');
  }

  /** `number`: the last of its address. */
  machine(number: 11 | 12): Machine {
    const machine = new Machine(number, join(this.folder, String(number)));
    this.machines.push(machine);
    return machine;
  }

  /** Whether a client gets an allocation at the virtual address and traffic through it. */
  async isServed(): Promise<boolean> {
    const flags = ['-y', '-c', '-m', '1', '-n', '2', '-u', 'alice', '-W', SECRET, VIRTUAL];
    const client = spawn('ip', ['netns', 'exec', SWITCH, 'timeout', '10', 'turnutils_uclient', ...flags]);
    return ((await once(client, 'exit')) as [number | null])[0] === 0;
  }

  async remove(): Promise<void> {
    for (const machine of this.machines) await machine.remove();
    ip('netns', 'del', SWITCH);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A network namespace with an address of its own, an agent with its coturn, and keepalived with the files of deploy/. */
export class Machine {
  readonly address: string;
  private readonly name: string;
  private agent: ChildProcess | undefined;
  private keepalived: ChildProcess | undefined;
  /** What keepalived said. */
  log = '';

  constructor(
    number: number,
    private readonly folder: string,
  ) {
    this.address = `10.77.0.${number}`;
    this.name = `tk${process.pid}m${number}`;
    const port = `port${number}`;
    mkdirSync(join(folder, 'textfiles'), { recursive: true });
    chmodSync(join(folder, 'textfiles'), 0o777);
    ip('netns', 'add', this.name);
    ip('-n', SWITCH, 'link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', this.name);
    ip('-n', SWITCH, 'link', 'set', port, 'master', 'br0', 'up');
    ip('-n', this.name, 'addr', 'add', `${this.address}/24`, 'dev', 'eth0');
    for (const device of ['lo', 'eth0']) ip('-n', this.name, 'link', 'set', device, 'up');
    ip('netns', 'exec', this.name, 'sysctl', '-qw', 'net.ipv4.ip_nonlocal_bind=1');
  }

  /** Resolves when it is ready. */
  async startAgent(): Promise<void> {
    const file = join(this.folder, 'turnkeeper.yml');
    const ports = { minPort: 50_000, maxPort: 50_100 };
    const coturn = {
      listeningIp: [this.address, VIRTUAL],
      relayIp: [this.address],
      ...ports,
      extra: { 'relay-threads': 1 },
    };
    writeFileSync(file, JSON.stringify({ dataDir: this.dataDir, coturn, credentials: { secret: SECRET } }));
    this.agent = this.spawn(process.execPath, [MAIN, '--config.file', file]);
    await eventually(`the agent of ${this.address} is ready`, () => this.check().status === 0, 30_000);
  }

  /** Resolves when it has ended. */
  async endAgent(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await end(this.agent, signal);
    this.agent = undefined;
  }

  killCoturn(): void {
    const noted = JSON.parse(readFileSync(join(this.dataDir, 'coturn.json'), 'utf8')) as { process: { pid: number } };
    process.kill(noted.process.pid, 'SIGKILL');
  }

  /** With the files of deploy/, their values for this machine, and less patience. */
  startKeepalived(other: Machine): void {
    for (const script of ['check', 'notify']) {
      const name = `${script}-turnkeeper.sh`;
      copyFileSync(join(DEPLOY, name), join(this.folder, name));
      chmodSync(join(this.folder, name), 0o755);
    }
    const file = join(this.folder, 'keepalived.conf');
    const text = readFileSync(join(DEPLOY, 'keepalived.conf'), 'utf8')
      .replaceAll('/usr/local/lib/turnkeeper', this.folder)
      .replaceAll('198.51.100.11', this.address)
      .replaceAll('198.51.100.12', other.address)
      .replaceAll('198.51.100.10', VIRTUAL)
      .replace('interval 2', 'interval 1')
      .replace('fall 3', 'fall 2');
    writeFileSync(file, text, { mode: 0o644 });
    const pids = ['--pid', '--vrrp_pid'].flatMap((flag) => [flag, join(this.folder, `${flag.slice(2)}.pid`)]);
    const flags = ['--dont-fork', '--log-console', '--log-detail', '--vrrp', '--use-file', file, ...pids];
    this.keepalived = this.spawn('keepalived', flags);
  }

  holdsAddress(): boolean {
    return ip('-n', this.name, '-4', '-brief', 'addr', 'show', 'eth0').includes(`${VIRTUAL}/`);
  }

  /** What the notify script left for node_exporter. */
  noted(): string {
    return readFileSync(join(this.folder, 'textfiles/turnkeeper_keepalived_turn.prom'), 'utf8');
  }

  /** What the check says here. */
  check(...args: readonly string[]): { status: number; text: string } {
    try {
      const script = join(DEPLOY, 'check-turnkeeper.sh');
      const text = execFileSync('ip', ['netns', 'exec', this.name, script, ...args], {
        encoding: 'utf8',
        stdio: 'pipe',
      });
      return { status: 0, text };
    } catch (error) {
      const { status, stdout } = error as { status: number; stdout: string };
      return { status, text: stdout };
    }
  }

  async remove(): Promise<void> {
    await end(this.keepalived, 'SIGTERM');
    await this.endAgent('SIGKILL');
    try {
      this.killCoturn();
    } catch {
      // It has ended, or was never started.
    }
    ip('netns', 'del', this.name);
  }

  private get dataDir(): string {
    return join(this.folder, 'data');
  }

  private spawn(program: string, args: readonly string[]): ChildProcess {
    const env = { ...process.env, TEXTFILE_DIRECTORY: join(this.folder, 'textfiles') };
    const child = spawn('ip', ['netns', 'exec', this.name, program, ...args], { env, cwd: this.folder });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data: Buffer) => (this.log += data.toString()));
    return child;
  }
}

async function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}
