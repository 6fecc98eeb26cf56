import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AgentHome, type Credential } from '../support/agent';
import { eventually } from '../support/eventually';
import { total } from '../support/exposition-text';
import { freePorts } from '../support/free-ports';
import { TurnClient } from '../support/turn-client';
import { relayedCall } from '../support/webrtc-call';

let home: AgentHome;

afterEach(async () => {
  await home.remove();
});

async function start(credentials: object): Promise<void> {
  const limits = { perKey: 'unlimited', perUser: 'unlimited', perAddress: 'unlimited' };
  home = await AgentHome.create({}, { credentials: { limits, ...credentials } });
  await home.start();
}

async function call(method: string, path: string, body?: object): Promise<{ status: number; json: Answer }> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(home.url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  return { status: response.status, json: (await response.json()) as Answer };
}

interface Answer extends Credential {
  readonly error?: { code: string; message: string };
  readonly acceptedUntil: string;
  readonly [name: string]: unknown;
}

/**
 * Whether coturn gives an allocation for it. Over TCP: of two clients that have the same UDP port one after the other, coturn
 * takes the second for the first.
 */
async function isAccepted({ username, password }: { username: string; password: string }, at = home): Promise<boolean> {
  const client = await TurnClient.connect(at.ports.turn, 'tcp');
  try {
    await client.allocateWith(username, password);
    await client.refresh(0);
    return true;
  } catch {
    return false;
  } finally {
    client.close();
  }
}

const secretsOf = (): string[] => {
  const ring = JSON.parse(readFileSync(join(home.dataDir, 'rest-secrets.json'), 'utf8')) as {
    current: { value: string };
    old: { value: string }[];
  };
  return [ring.current, ...ring.old].map(({ value }) => value);
};

test('the credential of a signalling server is used by a browser at once, through the relay', async () => {
  await start({});
  const { iceServers } = (await call('POST', '/v1/credentials', { user: 'alice', label: 'room-7' })).json;
  const overUdp = iceServers.map((server) => ({ ...server, urls: server.urls.slice(0, 1) }));
  expect(await relayedCall(overUdp, 50_000)).toBe(50_000);
  await eventually('its session has a record', async () => {
    const { text } = await home.get('/v1/usage?groupBy=user');
    return text.includes('"user":"alice#room-7"');
  });
});

test('a credential that was altered or has expired is refused', async () => {
  await start({ ttl: '2s' });
  const good = await home.credential('alice');
  expect(await isAccepted(good)).toBe(true);
  expect(await isAccepted({ ...good, username: good.username.replace('alice', 'bob') })).toBe(false);
  expect(await isAccepted({ ...good, username: `9${good.username}` })).toBe(false);
  expect(await isAccepted({ ...good, password: good.password.toLowerCase() })).toBe(false);
  await eventually('it has expired', async () => !(await isAccepted(good)), 10_000);
});

test('over two rotations, with 50 credentials a second made and used, not one is refused while it is valid', async () => {
  await start({ ttl: '6s', maxTtl: '6s' });
  const first = await home.credential('first');
  const secrets = new Set(secretsOf());
  const uses: Promise<boolean>[] = [];
  for (let made = 0; made < 300; made++) {
    if (made === 100 || made === 200) {
      expect((await call('POST', '/v1/credentials/rotate')).status).toBe(200);
      secretsOf().forEach((secret) => secrets.add(secret));
    }
    const credential = await home.credential(`user-${made}`);
    // Some at once, some when the secret has been replaced.
    uses.push(sleep((made % 3) * 1000).then(() => isAccepted(credential)));
    await sleep(20);
  }
  const accepted = await Promise.all(uses);
  expect(accepted.flatMap((one, at) => (one ? [] : [at]))).toEqual([]);
  expect(secrets.size).toBe(3);
  await eventually('the secrets of before are gone', () => secretsOf().length === 1, 30_000);
  expect(await isAccepted(first)).toBe(false);
  expect(await isAccepted(await home.credential('last'))).toBe(true);
});

test('a rotation outlives the agent: what was made before it is accepted after a restart', async () => {
  await start({});
  const before = await home.credential('alice');
  await call('POST', '/v1/credentials/rotate');
  const after = await home.credential('alice');
  const secrets = secretsOf();
  await home.stopAll('SIGKILL');
  await home.start();
  expect(secretsOf()).toEqual(secrets);
  expect(await isAccepted(before)).toBe(true);
  expect(await isAccepted(after)).toBe(true);
});

test('who is revoked gets no credential and has no session, and with a rotation nothing of before is accepted', async () => {
  await start({});
  const alice = await home.credential('alice');
  const client = await TurnClient.connect(home.ports.turn);
  await client.allocateWith(alice.username, alice.password);
  await eventually('the session is under way', async () => total(await home.page(), 'coturn_sessions') === 1);

  const { json } = await call('DELETE', '/v1/users/alice');
  expect(json).toMatchObject({ user: 'alice', sessions: 1, allocations: 1, rotated: false });
  expect(Date.parse(String(json['usableUntil']))).toBeGreaterThan(Date.now());
  await eventually('its session has ended', async () => total(await home.page(), 'coturn_allocations') === 0);
  const refused = await call('POST', '/v1/credentials', { user: 'alice', label: 'x' });
  expect([refused.status, refused.json.error?.code]).toEqual([403, 'forbidden']);
  expect(refused.json.error?.message).toMatch(/^alice gets no credential until \d{4}-.*revoked/);

  // In REST mode what was issued can't be called back one by one.
  expect(await isAccepted(alice)).toBe(true);
  expect((await call('DELETE', '/v1/users/alice?rotate=true')).json).toMatchObject({
    rotated: true,
    usableUntil: null,
  });
  expect(await isAccepted(alice)).toBe(false);
  expect(await isAccepted(await home.credential('bob'))).toBe(true);
  const page = await home.page();
  expect(total(page, 'coturn_credentials_revocations_total')).toBe(2);
  expect(total(page, 'coturn_credentials_rejected_total', { reason: 'blocked' })).toBe(1);
  client.close();
});

test('who is revoked keeps no allocation, also none that lay idle while its session ended', async () => {
  await start({});
  const [peerPort = 0] = await freePorts(1);
  const { username, password } = (await call('POST', '/v1/credentials', { user: 'alice', label: 'room-7' })).json;
  const [talking, idle] = [await TurnClient.connect(home.ports.turn), await TurnClient.connect(home.ports.turn)];
  for (const client of [talking, idle]) await client.allocateWith(username, password);
  await talking.permit(peerPort);
  talking.sendTo(peerPort, Buffer.from('hello'));
  await talking.refresh(0);
  await eventually('its session has ended, one allocation goes on', async () => {
    const page = await home.page();
    return total(page, 'coturn_sessions') === 0 && total(page, 'coturn_allocations') === 1;
  });
  expect((await call('DELETE', '/v1/users/alice')).json).toMatchObject({ sessions: 0, allocations: 1 });
  await eventually('nothing is open', async () => total(await home.page(), 'coturn_allocations') === 0);
  await expect(idle.refresh(600)).rejects.toThrow();
  for (const client of [talking, idle]) client.close();
});

test('a revoked user stays so over a restart, until the time that was given', async () => {
  await start({});
  const until = new Date(Date.now() + 5_000).toISOString();
  expect((await call('DELETE', `/v1/users/alice?until=${until}`)).json).toMatchObject({ blockedUntil: until });
  await home.stopAll('SIGKILL');
  await home.start();
  expect((await call('POST', '/v1/credentials', { user: 'alice' })).status).toBe(403);
  await eventually('it is over', async () => (await call('POST', '/v1/credentials', { user: 'alice' })).status === 201);
});

test('with a quota of sessions, who has as many under way gets no further credential', async () => {
  await start({ quota: { sessions: 1 } });
  const alice = await home.credential('alice');
  const client = await TurnClient.connect(home.ports.turn);
  await client.allocateWith(alice.username, alice.password);
  await eventually('the session is under way', async () => total(await home.page(), 'coturn_sessions') === 1);
  const refused = await call('POST', '/v1/credentials', { user: 'alice' });
  expect([refused.status, refused.json.error?.message]).toEqual([429, expect.stringMatching(/credentials\.quota/)]);
  expect((await call('POST', '/v1/credentials', { user: 'bob' })).status).toBe(201);
  await client.refresh(0);
  await eventually('its session is over', async () => {
    return (await call('POST', '/v1/credentials', { user: 'alice' })).status === 201;
  });
  client.close();
});

test('with a quota of bytes, who has used them today gets no further credential', async () => {
  await start({ quota: { bytesPerDay: 50_000 } });
  const { iceServers } = await home.credential('alice');
  const overUdp = iceServers.map((server) => ({ ...server, urls: server.urls.slice(0, 1) }));
  expect(await relayedCall(overUdp, 50_000)).toBe(50_000);
  await eventually(
    'it is counted',
    async () => (await call('POST', '/v1/credentials', { user: 'alice' })).status === 429,
    30_000,
  );
  expect((await call('POST', '/v1/credentials', { user: 'bob' })).status).toBe(201);
});

describe('with long-term users', () => {
  const monitor = async (): Promise<{ userid: string; password: string; expired_time: number }> =>
    (await call('GET', '/turncredential')).json as never;
  const asCredential = ({ userid, password }: { userid: string; password: string }) => ({ username: userid, password });

  test('everybody gets one credential, renewed now and then, and the one before is accepted for a while', async () => {
    await start({ mode: 'user', rotateEvery: '6s', overlap: '3s' });
    const first = await monitor();
    expect(await monitor()).toEqual(first);
    expect((await call('POST', '/v1/credentials')).json).toMatchObject({ username: first.userid });
    expect((await call('POST', '/v1/credentials', { user: 'x' })).status).toBe(400);
    expect(await isAccepted(asCredential(first))).toBe(true);
    await home.stopAll('SIGKILL');
    await home.start();
    expect((await monitor()).userid).toBe(first.userid);
    await eventually('it is renewed', async () => (await monitor()).userid !== first.userid, 30_000);
    if (Date.now() < first.expired_time - 500) expect(await isAccepted(asCredential(first))).toBe(true);
    await eventually('the one before is gone', async () => !(await isAccepted(asCredential(first))), 30_000);
    expect(Date.now()).toBeGreaterThan(first.expired_time);
    expect(await isAccepted(asCredential(await monitor()))).toBe(true);
  });

  test('revoking the one that is handed out deletes it, and another takes its place', async () => {
    await start({ mode: 'user' });
    const first = await monitor();
    expect((await call('DELETE', `/v1/users/${first.userid}`)).json).toMatchObject({
      rotated: true,
      usableUntil: null,
    });
    expect(await isAccepted(asCredential(first))).toBe(false);
    const second = await monitor();
    expect(second.userid).not.toBe(first.userid);
    expect(await isAccepted(asCredential(second))).toBe(true);
  });
});

describe('with a user database that two relays share', () => {
  let redis: ChildProcess;

  afterEach(async () => {
    if (redis.exitCode === null && redis.kill('SIGKILL')) await once(redis, 'exit');
    await other.remove();
  });
  let other: AgentHome;

  test('either accepts what the other has issued, also after each has renewed its secret', async () => {
    const [port = 0] = await freePorts(1);
    const extra = { 'redis-userdb': `ip=127.0.0.1 dbname=2 port=${port}`, 'relay-threads': 2 };
    home = await AgentHome.create({ extra });
    other = await AgentHome.create({ extra });
    // turnadmin has Redis save what it holds.
    const flags = ['--port', String(port), '--bind', '127.0.0.1', '--dir', home.path];
    redis = spawn('redis-server', flags, { stdio: 'ignore' });
    await eventually('Redis answers', async () => {
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      socket.destroy();
      return true;
    });
    await home.start();
    await other.start();
    const [ours, theirs] = [await home.credential('alice'), await other.credential('bob')];
    await call('POST', '/v1/credentials/rotate');
    const renewed = await home.credential('carol');
    for (const one of [ours, theirs, renewed]) {
      expect(await isAccepted(one)).toBe(true);
      expect(await isAccepted(one, other)).toBe(true);
    }
    await call('DELETE', '/v1/users/alice?rotate=true');
    expect(await isAccepted(ours, other)).toBe(false);
    expect(await isAccepted(theirs)).toBe(true);
  });
});
