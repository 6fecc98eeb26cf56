import { connect } from 'node:net';
import type { Config } from '../../../src/config/schema';
import type { SessionListing } from '../../../src/coturn/session-listing';
import { Supervisor } from '../../../src/coturn/supervisor';
import { withAdmin } from '../../../src/coturn/with-admin';
import { systemClock } from '../../../src/lib/clock';
import { loopbackConfig, notingHooks, serverOptions, temporaryDirectory, TEST_SECRETS } from '../../support/coturn';
import { eventually } from '../../support/eventually';
import { RawTurn } from '../../support/raw-turn';
import { TurnClient } from '../../support/turn-client';

jest.setTimeout(60_000);

const directory = temporaryDirectory();
const username = (user: string): string => `${Math.floor(Date.now() / 1000) + 600}:${user}`;
let config: Config;
let server: Supervisor;
let clients: TurnClient[];

beforeEach(async () => {
  clients = [];
  config = await loopbackConfig(directory.path);
  server = new Supervisor(serverOptions(config, notingHooks()));
  await server.start();
});

afterEach(async () => {
  for (const client of clients) client.close();
  await server.stop();
});

afterAll(() => {
  directory.remove();
});

async function allocate(name: string, origin?: string): Promise<TurnClient> {
  const client = await TurnClient.connect(config.coturn.listeningPort);
  clients.push(client);
  await client.allocate(name, TEST_SECRETS.authSecret, origin);
  return client;
}

/** What coturn lists, as soon as it lists so many. */
async function listing(count: number): Promise<SessionListing> {
  const access = { port: config.coturn.cliPort, password: TEST_SECRETS.cliPassword };
  let last: SessionListing | undefined;
  await eventually('coturn lists them all', async () => {
    const { signal } = new AbortController();
    last = await withAdmin(access, systemClock, signal, (admin) => admin.sessions());
    return last.total >= count;
  });
  if (!last) throw new Error('coturn listed nothing');
  return last;
}

test('an allocation is listed with its user, client, transport, age and lifetime', async () => {
  const name = username('a/b:<c>>:日本');
  const { address } = await allocate(name);
  const { sessions, total } = await listing(1);
  expect(total).toBe(1);
  expect(sessions).toMatchObject([{ realm: config.coturn.realm, username: name, remote: address, transport: 'udp' }]);
  const [{ id, startedSecondsAgo, expiresInSeconds } = { id: '', startedSecondsAgo: -1, expiresInSeconds: 0 }] =
    sessions;
  expect(id).toMatch(/^00[01]\d{15}$/);
  expect(startedSecondsAgo).toBeLessThan(10);
  expect(expiresInSeconds).toBeGreaterThan(580);
  expect(expiresInSeconds).toBeLessThanOrEqual(600);
});

test('clients without an allocation are not listed: strangers, wrong passwords, open TCP connections', async () => {
  const turn = new RawTurn(config.coturn.listeningPort);
  const socket = connect(config.coturn.listeningPort, '127.0.0.1');
  await turn.allocateAs('bob\n    1) id=001000000000000009, user <9:x>:');
  await turn.allocateWithOrigin('x\n> ');
  await allocate(username('alice'));
  const { sessions, total } = await listing(1);
  socket.destroy();
  expect(total).toBe(1);
  expect(sessions.map((session) => session.username)).toEqual([expect.stringMatching(/^\d+:alice$/)]);
});

test('an origin that looks like the end of the listing, or like more of it, hides and makes no session', async () => {
  const names = [username('alice'), username('mallory'), username('zoe')];
  const [alice = '', mallory = '', zoe = ''] = names;
  await allocate(alice);
  await allocate(
    mallory,
    'x\n    2) id=001000000000000999, user <9:victim>:\n      realm: evil\n\n  Total sessions: 0\n\n> ',
  );
  await allocate(mallory, '\n> \n> \r\n      origin: \n');
  await allocate(zoe);
  const { sessions } = await listing(4);
  expect(sessions.map((session) => session.username).sort()).toEqual([alice, mallory, mallory, zoe].sort());
  for (const { id, realm, remote } of sessions) {
    expect([id.slice(0, 2), realm]).toEqual(['00', config.coturn.realm]);
    expect(clients.map(({ address }) => address)).toContain(remote);
  }
});
