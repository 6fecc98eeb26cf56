import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { AgentHome } from './agent';
import { selfSigned, temporaryDirectory } from './coturn';
import { eventually } from './eventually';
import { relayRange } from './free-ports';
import { Postgres } from './postgres';
import { Prometheus } from './prometheus';
import { RabbitMq } from './rabbitmq';
import { RedisServer } from './redis-server';
import { mediasoupCluster } from './rov-clusters';
import { ZookeeperServer } from './zookeeper';

const ROOT = join(__dirname, '../..');
const SECRET = 'auth-secret-of-an-outsider';
/** Of coturn 4.17.1: Debian's has no page of its own. */
const COTURN_PAGE = join(ROOT, 'test/fixtures/coturn-4.17.1/metrics.txt');
const RULES = join(ROOT, 'alerts/turnkeeper.rules.yml');
/** Loopback carries it all, and tells no capacity. */
const NETWORK = { devices: ['lo'], capacityMbps: 1000 };

/** Two relays with everything that an agent can be configured with, in one registry, watched by a real Prometheus. */
export interface ObservedFleet {
  /** Runs its coturn, asks media servers over RabbitMQ, keeps its records in PostgreSQL. */
  readonly own: AgentHome;
  /** Measures a coturn that somebody else runs, through Redis and that coturn's own page. */
  readonly outsider: AgentHome;
  readonly prometheus: Prometheus;
  remove(): Promise<void>;
}

type End = () => void | Promise<void>;

/** Resolves when both relays are ready and Prometheus scrapes them every 3 s, under the job `turnkeeper`. */
export async function startObservedFleet(): Promise<ObservedFleet> {
  const ends: End[] = [];
  const remove = async (): Promise<void> => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const zookeeper = await ZookeeperServer.start();
    ends.push(() => zookeeper.remove());
    const own = await startOwn(zookeeper.address, ends);
    const outsider = await startOutsider(zookeeper.address, ends);
    const prometheus = await startPrometheus([own, outsider], ends);
    return { own, outsider, prometheus, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function startOwn(zookeeper: string, ends: End[]): Promise<AgentHome> {
  const rabbitmq = await RabbitMq.start();
  ends.push(() => rabbitmq.remove());
  const signalling = mediasoupCluster();
  await signalling.start(rabbitmq.url);
  ends.push(() => signalling.stop());
  const postgres = await Postgres.start();
  ends.push(() => postgres.remove());
  const certificates = temporaryDirectory();
  ends.push(() => {
    certificates.remove();
  });
  const home = await AgentHome.create(await selfSigned(certificates.path, 'turn'), {
    network: NETWORK,
    registry: { zookeeper, server: 'own', region: 'kr' },
    licode: { amqp: rabbitmq.url, interval: '2s' },
    usage: { store: postgres.url },
    reports: { interval: '1s' },
  });
  ends.push(() => home.remove());
  await home.start();
  return home;
}

async function startOutsider(zookeeper: string, ends: End[]): Promise<AgentHome> {
  const redis = await RedisServer.start();
  ends.push(() => redis.remove());
  const home = await AgentHome.create({ supervise: false }, { network: NETWORK, credentials: { secret: SECRET } });
  ends.push(() => home.remove());
  home.configure(
    {},
    {
      registry: { zookeeper, server: 'outsider', region: 'jp' },
      sources: {
        redis: { url: redis.url },
        metrics: { url: await servePage(COTURN_PAGE, ends) },
        log: { path: join(home.path, 'coturn.log') },
      },
    },
  );
  await home.start();
  await redis.awaitSubscriber();
  await startCoturn(home, redis, ends);
  return home;
}

/** The address of a server that always answers with the text of a file. */
async function servePage(file: string, ends: End[]): Promise<string> {
  const server = createServer((_, response) => response.end(readFileSync(file)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
}

/** A coturn that nobody supervises, and that writes to Redis. */
async function startCoturn(home: AgentHome, redis: RedisServer, ends: End[]): Promise<void> {
  const { turn, tls, cli } = home.ports;
  const { minPort, maxPort } = relayRange(500);
  const flags = [
    ...['-n', '-L', '127.0.0.1', '-E', '127.0.0.1', '-p', turn, '--tls-listening-port', tls, '--cli-port', cli],
    ...['--min-port', minPort, '--max-port', maxPort, '--realm', 'outsider.example', '--cli-password', 'x'],
    ...['--use-auth-secret', '--static-auth-secret', SECRET, '--allow-loopback-peers', '--no-tls', '--no-dtls'],
    ...['--redis-statsdb', `ip=127.0.0.1 port=${redis.port} password=${redis.password} connect_timeout=5`],
    ...['--log-file', join(home.path, 'coturn.log'), '--simple-log', '--no-stdout-log', '-v'],
    ...['--pidfile', join(home.path, 'coturn.pid'), '--userdb', join(home.path, 'userdb'), '-m', 2],
    ...['--max-allocate-lifetime', 15],
  ];
  const child = spawn('turnserver', flags.map(String), { stdio: 'ignore' });
  const gone = once(child, 'exit');
  ends.push(async () => {
    if (child.kill('SIGKILL')) await gone;
  });
  await eventually('coturn answers', async () => (await home.get('/-/ready')).status === 200, 30_000);
}

async function startPrometheus(homes: readonly AgentHome[], ends: End[]): Promise<Prometheus> {
  const folder = temporaryDirectory();
  ends.push(() => {
    folder.remove();
  });
  const prometheus = await Prometheus.start(folder.path, {
    // A busy machine answers late, and a scrape that is given up takes every series away.
    global: { scrape_interval: '3s', scrape_timeout: '3s', evaluation_interval: '3s' },
    rule_files: existsSync(RULES) ? [RULES] : [],
    scrape_configs: [
      { job_name: 'turnkeeper', static_configs: [{ targets: homes.map(({ url }) => new URL(url).host) }] },
    ],
  });
  ends.push(() => prometheus.stop());
  return prometheus;
}
