import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashSync } from 'bcryptjs';
import type { ApiKey } from '../../../src/config/api-keys';
import type { HttpServer } from '../../../src/http/server';
import { ask, closeAll, errorOf, startServer, type Answer } from './harness';

afterEach(closeAll);

const key = (name: string, ...scopes: ApiKey['scopes']): ApiKey => ({
  name,
  sha256: createHash('sha256').update(`key of ${name}`).digest('hex'),
  scopes,
});
const KEYS = [key('reader', 'read'), key('issuer', 'credentials'), key('operator', 'admin')];
const bearer = (name: string): Record<string, string> => ({ authorization: `Bearer key of ${name}` });

/** A server that others can reach. */
const startOpen = (): Promise<HttpServer> => startServer({ listen: { host: '0.0.0.0', port: 0 }, keys: KEYS });

const get = (server: HttpServer, path: string, headers: Record<string, string> = {}): Promise<Answer> =>
  ask(`http://127.0.0.1:${server.address().port}${path}`, { headers });

const READ = ['/v1/sessions', '/v1/usage', '/openapi.json'];
const CREDENTIALS = ['/turncredential', '/?service=turn'];

test.each([...READ, ...CREDENTIALS, '/v1/events', '/v1/sessions/1'])('beyond loopback %s needs a key', async (path) => {
  const answer = await get(await startOpen(), path);
  expect([answer.status, errorOf(answer).code]).toEqual([401, 'unauthorized']);
  expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
});

test.each(['/metrics', '/', '/-/healthy', '/-/ready'])('beyond loopback %s needs none', async (path) => {
  expect((await get(await startOpen(), path)).status).toBe(200);
});

test.each([
  ...READ.map((path) => ['reader', path, 200]),
  ...READ.map((path) => ['operator', path, 200]),
  ...READ.map((path) => ['issuer', path, 403]),
  ...CREDENTIALS.map((path) => ['issuer', path, 200]),
  ...CREDENTIALS.map((path) => ['operator', path, 200]),
  ...CREDENTIALS.map((path) => ['reader', path, 403]),
] as [string, string, number][])('the key of %s gets from %s: %d', async (name, path, status) => {
  const answer = await get(await startOpen(), path, bearer(name));
  expect(answer.status).toBe(status);
  if (status === 403) expect(errorOf(answer).message).toMatch(/^The key \w+ lacks the scope (read|credentials)/);
});

test('only an admin key ends sessions', async () => {
  const server = await startOpen();
  const end = (name: string): Promise<Answer> =>
    ask(`http://127.0.0.1:${server.address().port}/v1/sessions/1`, { method: 'DELETE', headers: bearer(name) });
  expect((await end('reader')).status).toBe(403);
  expect((await end('operator')).status).toBe(404);
});

test.each([
  'Bearer ',
  'Bearer nobody',
  `Bearer ${'x'.repeat(10_000)}`,
  `Bearer ${KEYS[2]?.sha256 ?? ''}`,
  'bearer key of Operator',
  'Bearer key of operator\u00e4',
])('the header %j opens nothing, not even from this machine', async (authorization) => {
  const answer = await get(await startServer({ keys: KEYS }), '/v1/usage', { authorization });
  expect(answer.status).toBe(401);
  expect(answer.text).not.toContain('nobody');
});

test('on loopback programs need no key, and web pages get nothing without one', async () => {
  const server = await startServer({ keys: KEYS });
  expect((await get(server, '/v1/usage')).status).toBe(200);
  const page = { origin: 'https://evil.example' };
  expect((await get(server, '/v1/usage', page)).status).toBe(401);
  expect((await get(server, '/v1/usage', { ...page, ...bearer('reader') })).status).toBe(200);
});

test('where users and passwords are asked for, a key does instead of one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'turnkeeper-keys-'));
  try {
    const webConfigFile = join(folder, 'web.yml');
    writeFileSync(webConfigFile, `basic_auth_users: { alice: ${hashSync('secret', 4)} }\n`);
    const server = await startServer({ keys: KEYS, webConfigFile });
    expect((await get(server, '/v1/usage', bearer('reader'))).status).toBe(200);
    expect((await get(server, '/v1/usage', bearer('nobody'))).status).toBe(401);
    expect((await get(server, '/v1/usage')).status).toBe(401);
    const basic = `Basic ${Buffer.from('alice:secret').toString('base64')}`;
    expect((await get(server, '/v1/usage', { authorization: basic })).status).toBe(200);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
