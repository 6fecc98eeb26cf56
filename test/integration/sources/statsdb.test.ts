import { execFile } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { statusKey } from '../../../src/coturn/stats-channel';
import { systemClock } from '../../../src/lib/clock';
import { createLogger } from '../../../src/lib/logger';
import { StatsdbSource } from '../../../src/sources/statsdb/statsdb-source';
import { Relay } from '../../../src/turn/relay';
import { resp } from '../../support/captures';
import { eventually } from '../../support/eventually';

const run = promisify(execFile);
const PASSWORD = 'a-password-for-tests';
const NEW = 'new lifetime=600, type=UDP, local=127.0.0.1:3478, remote=192.0.2.1:1, ssl=NONE, cipher=NONE';
const keyOf = (username: string, id = 1): string => statusKey({ realm: 'r', username }, String(id).padStart(18, '0'));

let relay: Relay;
let source: StatsdbSource;
const sockets: Socket[] = [];

beforeEach(async () => {
  relay = new Relay({ lingerMs: 10_000, separator: ':', maxAllocations: 1000, realms: [] });
  source = new StatsdbSource({
    listen: { host: '127.0.0.1', port: 0 },
    password: PASSWORD,
    ownName: 'here',
    relay,
    lives: {
      ended: (_life, origin, diedAt) => {
        relay.endOrigin(origin, diedAt);
      },
      threadLost: () => undefined,
      connected: () => undefined,
    },
    clock: systemClock,
    logger: createLogger('error', 'logfmt'),
  });
  await source.start();
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await source.stop();
});

/** A client whose replies are gathered as text. */
class Client {
  text = '';
  closed = false;

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk) => (this.text += chunk.toString('latin1')));
    socket.on('close', () => (this.closed = true));
    socket.on('error', () => undefined);
  }

  static connect(): Promise<Client> {
    return new Promise((resolve, reject) => {
      const socket = connect({ ...source.address() }, () => {
        resolve(new Client(socket));
      });
      socket.once('error', reject);
      sockets.push(socket);
    });
  }

  static async authenticated(database = 0): Promise<Client> {
    const client = await Client.connect();
    client.send(['AUTH', PASSWORD], ['select', String(database)]);
    await eventually('AUTH and SELECT are answered', () => client.text === '+OK\r\n+OK\r\n');
    client.text = '';
    return client;
  }

  send(...commands: readonly (readonly string[])[]): void {
    this.socket.write(Buffer.concat(commands.map((args) => resp(...args))));
  }

  async says(text: string): Promise<void> {
    await eventually(`the reply holds ${text}`, () => this.text.includes(text));
  }

  async isClosed(): Promise<void> {
    await eventually('the connection is closed', () => this.closed);
  }
}

async function redisCli(...args: string[]): Promise<string> {
  const { port } = source.address();
  const env = { ...process.env, REDISCLI_AUTH: PASSWORD };
  return (await run('redis-cli', ['-p', String(port), ...args], { env })).stdout.trim();
}

test.each([
  ['the wrong password', [['AUTH', 'wrong']], 'WRONGPASS', 'wrong_password'],
  ['no password', [['AUTH']], 'WRONGPASS', 'wrong_password'],
  ['the empty password that coturn sends without one', [['AUTH', '']], 'WRONGPASS', 'wrong_password'],
  ['a command before AUTH', [['publish', keyOf('u'), NEW]], 'NOAUTH', 'unauthenticated'],
  ['PING before AUTH', [['PING']], 'NOAUTH', 'unauthenticated'],
] as const)('%s gets an error, is counted, and that connection is closed', async (_, commands, reply, reason) => {
  const other = await Client.authenticated();
  const client = await Client.connect();
  client.send(...commands);
  await client.says(`-${reply}`);
  await client.isClosed();
  expect(source.counters.rejected[reason]).toBe(1);
  expect(relay.openAllocations).toBe(0);
  other.send(['ping']);
  await other.says('+PONG');
});

test.each([
  ['what is not RESP', Buffer.from('GET / HTTP/1.1\r\n\r\n'), 'malformed'],
  ['TLS', Buffer.from([0x16, 3, 1, 0, 200, 1, 0, 0, 196]), 'malformed'],
  ['a length beyond all bounds', Buffer.from('*1\r\n$999999999\r\n'), 'oversized'],
  ['traffic that is none', resp('publish', keyOf('u').replace('status', 'traffic'), 'rcvp=x'), 'malformed'],
  ['a status that is none', resp('PUBLISH', keyOf('u'), 'born lifetime=1'), 'malformed'],
] as const)('%s, after AUTH, closes that connection and no other', async (_, bytes, reason) => {
  const [client, other] = [await Client.authenticated(1), await Client.authenticated(2)];
  client.socket.write(bytes);
  await client.says('-ERR');
  await client.isClosed();
  expect(source.counters.rejected[reason]).toBe(1);
  other.send(['publish', keyOf('u'), NEW]);
  await eventually('the allocations are open', () => relay.openAllocations === 1);
});

test('commands are understood in upper and lower case, and answered in order', async () => {
  const client = await Client.authenticated();
  client.send(['SET', 'k', 'v'], ['PUBLISH', keyOf('u'), NEW], ['del', 'k', ''], ['Ping'], ['GET', 'nothing']);
  await client.says('$-1');
  expect(client.text).toBe('+OK\r\n:0\r\n:0\r\n+PONG\r\n$-1\r\n');
});

test('an unknown channel or command is answered and counted, and the connection goes on', async () => {
  const client = await Client.authenticated();
  client.send(['publish', 'news', 'x'], ['flushall'], ['ping']);
  await client.says('+PONG');
  expect(source.counters.rejected).toMatchObject({ unknown_channel: 1, unknown_command: 1 });
});

test('a client that reads no replies is cut off', async () => {
  const coturn = await Client.authenticated();
  for (let i = 0; i < 900; i++) coturn.send(['publish', keyOf('u'.repeat(400), i + 1), NEW]);
  await eventually('the allocations are open', () => relay.openAllocations === 900);
  const client = await Client.authenticated();
  client.socket.pause();
  const ask = (): void => {
    client.send(...Array.from({ length: 20 }, () => ['keys', '*']));
  };
  await eventually('it is cut off', () => (client.socket.destroyed || ask(), source.counters.rejected.slow_reader > 0));
});

test('coturn, which may read no replies, is heard all the same, and its replies take no memory', async () => {
  const coturn = await Client.authenticated();
  coturn.socket.pause();
  const beats = Array.from({ length: 10_000 }, () => resp('publish', '__XXX__', '__YYY__'));
  for (let i = 0; i < 300; i++) coturn.socket.write(Buffer.concat(beats));
  await eventually('every heartbeat is taken', () => source.counters.events.heartbeat === 3_000_000, 60_000);
  expect(coturn.closed).toBe(false);
});

test('a command that coturn 4.6.1 cut, for a long user name, does not end its connection', async () => {
  const coturn = await Client.authenticated();
  coturn.send(['publish', 'turn/realm/r/user/' + 'a'.repeat(480) + 'rcvp=1, rcvb=2'], ['publish', keyOf('u'), NEW]);
  await eventually('the allocation is open', () => relay.openAllocations === 1);
  expect(source.counters.rejected.malformed).toBe(1);
});

test('strangers beyond the limit are refused, and those who know the password still get in later', async () => {
  const strangers = await Promise.all(Array.from({ length: 80 }, () => Client.connect()));
  await eventually('some are refused', () => source.counters.rejected.too_many_connections >= 16);
  for (const stranger of strangers) stranger.socket.destroy();
  await eventually('a client gets in', async () => {
    const client = await Client.connect();
    client.send(['AUTH', PASSWORD]);
    await eventually('it is answered', () => client.text !== '' || client.closed);
    return client.text === '+OK\r\n';
  });
});

test('a stranger who says nothing is sent away', async () => {
  const stranger = await Client.connect();
  await stranger.isClosed();
  expect(stranger.text).toContain('NOAUTH');
}, 20_000);

test('random bytes on many connections disturb no other', async () => {
  const coturn = await Client.authenticated();
  for (let i = 0; i < 50; i++) {
    const client = i % 2 === 0 ? await Client.connect() : await Client.authenticated(i);
    const noise = Buffer.from(Array.from({ length: 500 }, (_, at) => (at * 31 * (i + 7) + i * i) % 256));
    client.socket.write(Buffer.concat([Buffer.from(i % 3 === 0 ? '*3\r\n$7\r\npublish\r\n' : ''), noise]));
    client.socket.end();
  }
  coturn.send(['publish', keyOf('u'), NEW], ['ping']);
  await coturn.says('+PONG');
  expect(relay.openAllocations).toBe(1);
});

test('sessions that coturn lists after a take-over are open at once, and are those that its connection speaks of', async () => {
  const listed = { realm: 'r', transport: 'tls', remote: '192.0.2.1:1', relayed: '127.0.0.1:50000' } as const;
  const ages = { startedSecondsAgo: 60, expiresInSeconds: 540 };
  source.adopt(
    7,
    [1, 2].map((id) => ({ id: String(id).padStart(18, '0'), username: '9:u', ...listed, ...ages })),
  );
  expect(source.openAllocations(7)).toEqual(['000000000000000001', '000000000000000002']);
  expect(source.openAllocations(8)).toEqual([]);
  const coturn = await Client.authenticated(1007);
  coturn.send(['publish', keyOf('9:u', 1), NEW.replace('new', 'refreshed')], ['publish', keyOf('9:u', 2), 'deleted']);
  for (const kind of ['total_traffic', 'total_traffic/peer']) {
    coturn.send(['publish', keyOf('9:u', 2).replace('status', kind), 'rcvp=0, rcvb=0, sentp=0, sentb=0']);
  }
  await eventually('one has ended', () => relay.openAllocations === 1);
  expect(source.openAllocations(7)).toEqual(['000000000000000001']);
  expect(await redisCli('get', keyOf('9:u', 1))).toMatch(/^lifetime=(600|599), type=TLS, remote=192.0.2.1:1$/);
});

test('redis-cli is a usable client', async () => {
  const coturn = await Client.authenticated(3);
  coturn.send(['publish', keyOf('9:a/b'), NEW], ['publish', keyOf('', 2), NEW]);
  await eventually('the allocations are open', () => relay.openAllocations === 2);
  expect(await redisCli('ping')).toBe('PONG');
  expect((await redisCli('keys', '*')).split('\n').sort()).toEqual([keyOf('', 2), keyOf('9:a/b')]);
  expect(await redisCli('keys', '*/user/9:?/b/*')).toBe(keyOf('9:a/b'));
  expect(await redisCli('get', keyOf('9:a/b'))).toMatch(/^lifetime=(600|599), type=UDP, remote=192.0.2.1:1$/);
  expect(await redisCli('-n', '5', 'get', 'nothing')).toBe('');
  expect(await redisCli('flushall')).toContain('unknown command');
});
