import { createSocket } from 'node:dgram';
import type { Config } from '../../../src/config/schema';
import { Observer } from '../../../src/coturn/observer';
import { Supervisor } from '../../../src/coturn/supervisor';
import { loopbackConfig, notingHooks, serverOptions, temporaryDirectory, TEST_SECRETS } from '../../support/coturn';
import { eventually } from '../../support/eventually';
import { testWithNewerCoturn } from '../../support/newer-coturn';
import { TurnClient } from '../../support/turn-client';

jest.setTimeout(60_000);

const directory = temporaryDirectory();
const username = (user: string): string => `${Math.floor(Date.now() / 1000) + 600}:${user}`;
let config: Config;
let server: Supervisor;
const clients: TurnClient[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await server.stop();
});

afterAll(() => {
  directory.remove();
});

const echo = createSocket('udp4');
const echoPort = (): number => echo.address().port;
beforeAll(async () => {
  echo.on('message', (data, { port, address }) => {
    echo.send(data, port, address);
  });
  await new Promise<void>((resolve) => {
    echo.bind(0, '127.0.0.1', () => {
      resolve();
    });
  });
});
afterAll(() => {
  echo.close();
});

async function start(coturn: object = {}): Promise<void> {
  config = await loopbackConfig(directory.path, coturn);
  server = new Supervisor(serverOptions(config, notingHooks()));
  await server.start();
}

async function allocate(user: string): Promise<TurnClient> {
  const client = await TurnClient.connect(config.coturn.listeningPort);
  clients.push(client);
  await client.allocate(username(user), TEST_SECRETS.authSecret);
  return client;
}

/** Whether the peer's echo comes back through the relay. */
async function hears(one: TurnClient, text: string): Promise<boolean> {
  let heard = '';
  one.onData = (data) => (heard = data.toString());
  one.sendTo(echoPort(), Buffer.from(text));
  await eventually('it is heard', () => heard === text);
  return true;
}

async function refusesAndTakesAgain(coturn: object): Promise<void> {
  await start(coturn);
  const client = await allocate('before');
  await client.permit(echoPort());
  expect(await hears(client, 'before')).toBe(true);
  for (let times = 0; times < 2; times++) {
    await server.admitAllocations(false);
    await server.admitAllocations(false);
    await expect(allocate('meanwhile')).rejects.toThrow('coturn refused method 3');
    // Everything that keeps a call going.
    await client.refresh(600);
    await client.permit(echoPort());
    await client.bindChannel(echoPort());
    expect(await hears(client, `meanwhile ${times}`)).toBe(true);
    await server.admitAllocations(true);
    await allocate('afterwards');
  }
  expect(server.restarts()).toEqual({ exit: 0, signal: 0, unresponsive: 0, requested: 0 });
}

test('coturn refuses new allocations, goes on with those it has, and takes new ones again, without a restart', async () => {
  await refusesAndTakesAgain({});
});

testWithNewerCoturn('a newer coturn does so too, and does not end', async (binary) => {
  await refusesAndTakesAgain({ binary, extra: { 'relay-threads': 2, 'allowed-peer-ip': '127.0.0.1' } });
});

test('what the configuration refuses for good stays refused', async () => {
  await start({ extra: { 'relay-threads': 2, 'no-udp-relay': true } });
  await server.admitAllocations(false);
  await server.admitAllocations(true);
  await expect(allocate('alice')).rejects.toThrow('coturn refused method 3');
});

test('a coturn that does not run, or is of somebody else, is not told: who asks learns why', async () => {
  await start();
  await server.stop();
  await expect(server.admitAllocations(false)).rejects.toThrow('coturn is not running now (stopped)');
  const observer = new Observer(serverOptions(config, notingHooks()));
  await expect(observer.admitAllocations()).rejects.toThrow('coturn.supervise: false');
});
