import { createServer, type Server, type Socket } from 'node:net';
import { connect } from 'amqplib';
import type { LicodeSource } from '../../../src/licode/licode-source';
import type { LogLine } from '../../unit/collectors/recording-logger';
import { eventually } from '../../support/eventually';
import { freePorts } from '../../support/free-ports';
import { RabbitMq } from '../../support/rabbitmq';
import { mediasoupCluster } from '../../support/rov-clusters';
import type { RovCluster } from '../../support/rov-components';
import { makeSource, openSessions, valueOf } from './harness';

let rabbitmq: RabbitMq;
let cluster: RovCluster;
let source: LicodeSource;
let lines: LogLine[];

beforeAll(async () => {
  rabbitmq = await RabbitMq.start();
});

afterAll(() => rabbitmq.remove());

beforeEach(() => {
  cluster = mediasoupCluster();
});

afterEach(async () => {
  await source.stop();
  await cluster.stop();
});

async function startSource(amqp = rabbitmq.url, interval = 0.2): Promise<void> {
  ({ source, lines } = makeSource({ amqp, interval }));
  await source.start();
}

test('a broker that is killed takes the numbers away; when it is back, and licode, they come again', async () => {
  await cluster.start(rabbitmq.url);
  await startSource();
  await eventually('it gathered', () => source.up);
  await rabbitmq.kill();
  await eventually('it is down', () => !source.up);
  expect(valueOf(source, 'active_rooms')).toBeUndefined();
  expect(source.total.ice).toBe(6);
  await rabbitmq.startAgain();
  // licode's processes end with their broker and are started again; their sessions and counts are new.
  cluster = mediasoupCluster();
  await cluster.start(rabbitmq.url);
  await eventually('it gathered again', () => source.up && source.total.ice === 12, 60_000);
  expect(valueOf(source, 'active_rooms')).toBe(4);
  await source.stop();
  expect(openSessions(cluster)).toBe(0);
});

test('a broker without licode is waited for, untouched', async () => {
  await startSource();
  await eventually('it said so', () => lines.some(({ msg }) => msg.includes('is away')));
  expect(await rabbitmq.queues()).toEqual([]);
  await cluster.start(rabbitmq.url);
  await eventually('it gathered', () => source.up);
});

test('a connection that RabbitMQ closes is made again, and the sessions left open by it are closed', async () => {
  await cluster.start(rabbitmq.url);
  const agent = cluster.named('ErizoAgent_1111-aa');
  agent.distort = (data) => {
    if (typeof data === 'number') agent.hang();
    return data;
  };
  await startSource();
  await eventually('a session is open in an agent that hangs', () => agent.opened === 1);
  await rabbitmq.closeConnection('turnkeeper');
  await eventually('it is connected again', () => lines.filter(({ msg }) => msg.startsWith('connected')).length === 2);
  agent.distort = (data) => data;
  agent.wake();
  await eventually('all is well', () => source.components[1]?.answered === 2);
  await source.stop();
  expect(openSessions(cluster)).toBe(0);
});

test('failures of the last interval are shown no longer than there is a connection', async () => {
  await cluster.start(rabbitmq.url);
  await startSource(rabbitmq.url, 60);
  await eventually('they are shown', () => source.recent.ice === 6);
  await rabbitmq.closeConnection('turnkeeper');
  await eventually('it is down', () => !source.up);
  expect([source.recent.ice, source.total.ice]).toEqual([0, 6]);
});

test('an exchange that is deleted loses nothing but the time until it is declared again', async () => {
  await cluster.start(rabbitmq.url);
  await startSource();
  await eventually('it gathered', () => source.up);
  const connection = await connect(rabbitmq.url);
  await (await connection.createChannel()).deleteExchange('rpcExchange');
  await connection.close();
  await eventually('it is down', () => !source.up);
  await cluster.stop();
  cluster = mediasoupCluster();
  await cluster.start(rabbitmq.url);
  await eventually('it gathered', () => source.up);
});

test('a user that RabbitMQ refuses is told once, without the password', async () => {
  await cluster.start(rabbitmq.url);
  await startSource(rabbitmq.url.replace('guest:guest', 'guest:hunter2-secret'));
  await eventually('it said so', () => lines.length > 0);
  expect(JSON.stringify(lines)).toMatch(/ACCESS.REFUSED/);
  expect(JSON.stringify(lines)).not.toContain('hunter2');
});

test('a virtual host that RabbitMQ does not have is said to be the trouble', async () => {
  await startSource(`${rabbitmq.url}/nowhere`);
  await eventually('it said so', () => lines.length > 0);
  expect(JSON.stringify(lines)).toMatch(/virtual host/);
});

describe('what is no RabbitMQ', () => {
  const sockets = new Set<Socket>();
  let server: Server;

  async function listen(onSocket: (socket: Socket) => void): Promise<string> {
    const [port = 0] = await freePorts(1);
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined).resume();
      onSocket(socket);
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return `amqp://127.0.0.1:${port}`;
  }

  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    await new Promise((resolve) => server.close(resolve));
  });

  test('a server that says nothing does not keep the agent from stopping', async () => {
    await startSource(await listen(() => undefined));
    await eventually('it connected', () => sockets.size > 0);
    const begun = performance.now();
    await source.stop();
    expect(performance.now() - begun).toBeLessThan(500);
    const [socket] = sockets;
    await eventually('its connection is closed', () => socket?.readableEnded === true);
  });

  test('a server that speaks something else is tried again, and crashes nothing', async () => {
    await startSource(await listen((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    await eventually('it was tried again', () => sockets.size > 1);
    expect(source.up).toBe(false);
  });
});

test('a broker that is frozen does not keep the agent from stopping', async () => {
  await cluster.start(rabbitmq.url);
  await startSource();
  await eventually('it gathered', () => source.up);
  rabbitmq.signal('SIGSTOP');
  try {
    const begun = performance.now();
    await source.stop();
    expect(performance.now() - begun).toBeLessThan(4_000);
  } finally {
    rabbitmq.signal('SIGCONT');
  }
  await eventually('RabbitMQ noticed', async () => (await rabbitmq.queues()).length === cluster.components.length + 1);
});

test('a broker that is frozen is noticed by its missing heartbeats, and used again when it wakes', async () => {
  await cluster.start(rabbitmq.url);
  await startSource(`${rabbitmq.url}?heartbeat=1`);
  await eventually('it gathered', () => source.up);
  rabbitmq.signal('SIGSTOP');
  try {
    await eventually('it said so', () => lines.some(({ msg }) => msg.includes('is away')));
  } finally {
    rabbitmq.signal('SIGCONT');
  }
  await eventually('it gathered again', () => source.up, 30_000);
});
