import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect } from 'amqplib';
import { eventually } from './eventually';
import { freePorts } from './free-ports';

/** Debian's own wrappers in /usr/sbin change the user; these don't. */
const BINARIES = '/usr/lib/rabbitmq/bin';
const run = promisify(execFile);

/** A real RabbitMQ on free loopback ports, with an epmd of its own; it may be killed, stopped and started again. */
export class RabbitMq {
  readonly url: string;
  /** All that it wrote. */
  log = '';
  private epmd: ChildProcess | undefined;
  private server: ChildProcess | undefined;

  private constructor(
    private readonly folder: string,
    private readonly environment: NodeJS.ProcessEnv,
    private readonly port: number,
    private readonly epmdPort: number,
  ) {
    this.url = `amqp://guest:guest@127.0.0.1:${port}`;
  }

  static async start(): Promise<RabbitMq> {
    const [port = 0, dist = 0, epmdPort = 0] = await freePorts(3);
    const folder = mkdtempSync(join(tmpdir(), 'turnkeeper-rabbitmq-'));
    const rabbitmq = new RabbitMq(folder, environmentOf(folder, port, dist, epmdPort), port, epmdPort);
    try {
      await rabbitmq.startEpmd();
      await rabbitmq.startAgain();
    } catch (error) {
      await rabbitmq.remove();
      throw new Error(`RabbitMQ did not start:\n${rabbitmq.log}`, { cause: error });
    }
    return rabbitmq;
  }

  /** Resolves when it takes connections. */
  async startAgain(): Promise<void> {
    const server = spawn(join(BINARIES, 'rabbitmq-server'), {
      cwd: this.folder,
      env: this.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [server.stdout, server.stderr]) {
      stream.on('data', (data: Buffer) => (this.log += data.toString()));
    }
    this.server = server;
    await eventually('RabbitMQ answers', () => this.answers(server), 90_000);
  }

  /** The names of its queues. */
  async queues(): Promise<string[]> {
    return (await this.control('list_queues', '-q', '-s', 'name')).map(([name = '']) => name);
  }

  /** As an operator closes a client's connection, told by the name that the client gave. */
  async closeConnection(clientName: string): Promise<void> {
    const rows = await this.control('list_connections', '-q', '-s', 'pid', 'client_properties');
    const [pid] = rows.find(([, properties]) => properties?.includes(`"${clientName}"`)) ?? [];
    if (pid === undefined) throw new Error(`no connection of ${clientName}: ${JSON.stringify(rows)}`);
    await this.control('close_connection', pid, 'a test');
  }

  /** `SIGSTOP` and `SIGCONT` freeze and wake it. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.server?.kill(signal);
  }

  /** Resolves when it is gone. */
  async kill(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    await killed(server);
  }

  async remove(): Promise<void> {
    await this.kill();
    await killed(this.epmd);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The rows that rabbitmqctl prints. */
  private async control(...command: string[]): Promise<string[][]> {
    const options = { cwd: this.folder, env: this.environment, timeout: 60_000 };
    const { stdout } = await run(join(BINARIES, 'rabbitmqctl'), command, options);
    const rows = stdout.split('\n').filter((row) => row !== '');
    return rows.map((row) => row.split('\t'));
  }

  private async startEpmd(): Promise<void> {
    this.epmd = spawn('epmd', ['-port', String(this.epmdPort), '-address', '127.0.0.1'], { stdio: 'ignore' });
    await eventually('epmd listens', () => listens(this.epmdPort), 30_000);
  }

  private async answers(server: ChildProcess): Promise<boolean> {
    if (server.exitCode !== null) throw new Error(`it ended:\n${this.log}`);
    if (!(await listens(this.port))) return false;
    const connection = await connect(this.url);
    await connection.close();
    return true;
  }
}

/** All of it inside the folder; the user's own RabbitMQ is not touched. */
function environmentOf(folder: string, port: number, dist: number, epmdPort: number): NodeJS.ProcessEnv {
  const none = join(folder, 'none');
  writeFileSync(none, '');
  writeFileSync(join(folder, 'enabled_plugins'), '[].\n');
  writeFileSync(join(folder, 'rabbitmq.conf'), `listeners.tcp.1 = 127.0.0.1:${port}\n`);
  mkdirSync(join(folder, 'home'));
  return {
    PATH: process.env['PATH'],
    HOME: join(folder, 'home'),
    RABBITMQ_NODENAME: `turnkeeper${port}@localhost`,
    RABBITMQ_DIST_PORT: String(dist),
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_LOGS: '-',
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_CONF_ENV_FILE: none,
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    // The Erlang machine takes the place of the script, so that its pid is the one that is killed.
    RUNNING_UNDER_SYSTEMD: '1',
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+S 1:1 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}',
    ERL_EPMD_PORT: String(epmdPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
  };
}

async function killed(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectSocket(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => {
      resolve(false);
    });
  });
}
