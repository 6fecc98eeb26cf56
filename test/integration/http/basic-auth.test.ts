import { hash } from 'bcryptjs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpServer } from '../../../src/http/server';
import { systemClock } from '../../../src/lib/clock';
import { temporaryFolder } from './certificates';
import { ask, closeAll, errorOf, startServer, type Answer } from './harness';

const folder = temporaryFolder();
let hashed = '';

beforeAll(async () => {
  hashed = await hash('right', 10);
});
afterAll(() => {
  folder.remove();
});
afterEach(closeAll);

const serve = (yaml = ''): Promise<HttpServer> =>
  startServer({ webConfigFile: folder.write('web.yml', `basic_auth_users: { prometheus: "${hashed}" }\n${yaml}`) });

const login = (server: HttpServer, auth: string | undefined, path = '/-/healthy'): Promise<Answer> =>
  ask(`${server.url()}${path}`, auth === undefined ? {} : { auth });

describe('basic auth', () => {
  test('is asked for on every route, also one that does not exist', async () => {
    const server = await serve();
    for (const path of ['/', '/metrics', '/-/healthy', '/-/ready', '/turncredential', '/none']) {
      const answer = await login(server, undefined, path);
      expect([answer.status, errorOf(answer).code]).toEqual([401, 'unauthorized']);
      expect(answer.headers['www-authenticate']).toMatch(/^Basic realm=/);
    }
    expect((await login(server, 'prometheus:right', '/metrics')).status).toBe(200);
  });

  test.each(['prometheus:wrong', 'prometheus:', 'nobody:right', ':', 'PROMETHEUS:right'])(
    'refuses %s',
    async (auth) => {
      expect((await login(await serve(), auth)).status).toBe(401);
    },
  );

  test('under a flood of wrong passwords a client that is known is served', async () => {
    const server = await serve();
    await login(server, 'prometheus:right');
    const flood = Array.from({ length: 100 }, (_, i) => login(server, `prometheus:wrong${i}`));
    const floodEnds = Promise.all(flood).then(() => true);
    let served = 0;
    while (!(await Promise.race([floodEnds, sleep(5, false)]))) {
      expect((await login(server, 'prometheus:right')).status).toBe(200);
      served++;
    }
    // A comparison takes some 60 ms: were they on the event loop, the known client would have waited for them all.
    expect(served).toBeGreaterThan(3);
    const statuses = (await Promise.all(flood)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
  });

  test('follows the file: a user who was taken out is out', async () => {
    const webConfigFile = folder.write(
      'live.yml',
      `basic_auth_users: { prometheus: "${hashed}", guest: "${hashed}" }\n`,
    );
    const clock = {
      ...systemClock,
      every: (_ms: number, ...rest: [() => void | Promise<void>, AbortSignal, (error: unknown) => void]) => {
        systemClock.every(25, ...rest);
      },
    };
    const server = await startServer({ webConfigFile, clock });
    expect((await login(server, 'guest:right')).status).toBe(200);
    folder.write('live.yml', `basic_auth_users: { prometheus: "${hashed}" }\n`);
    while ((await login(server, 'guest:right')).status !== 401) await sleep(25);
    expect((await login(server, 'prometheus:right')).status).toBe(200);
  });
});

test('configured headers stand on every answer, also on a refusal, and before the page’s own', async () => {
  const policy = "default-src 'self'";
  const server = await serve(
    `http_server_config: { headers: { X-Frame-Options: deny, Content-Security-Policy: "${policy}" } }\n`,
  );
  for (const auth of [undefined, 'prometheus:right']) {
    const { headers } = await login(server, auth, '/');
    expect(headers).toMatchObject({ 'x-frame-options': 'deny', 'content-security-policy': policy });
  }
});

test('a rate limit answers 429 once its burst is used up', async () => {
  const webConfigFile = folder.write('limited.yml', 'rate_limit: { interval: 1h, burst: 2 }\n');
  const server = await startServer({ webConfigFile });
  const statuses: number[] = [];
  for (let i = 0; i < 3; i++) statuses.push((await ask(`${server.url()}/-/healthy`)).status);
  expect(statuses).toEqual([200, 200, 429]);
});
