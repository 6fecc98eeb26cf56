import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { configSchema, type Config } from '../../../src/config/schema';
import type { HttpServer } from '../../../src/http/server';
import { addressGroup } from '../../../src/http/address-group';
import { createRequestLimits, type RequestLimits } from '../../../src/http/request-limits';
import { countHashed } from '../../../src/http/window-counter';
import { systemClock } from '../../../src/lib/clock';
import { eventually } from '../../support/eventually';
import { testIssuer } from '../../support/issuer';
import { apiKey, bearer } from './api-keys';
import { ask, closeAll, credentialCalls, errorOf, startServer, type Answer } from './harness';

afterEach(closeAll);

const KEYS = [apiKey('first-key', 'credentials'), apiKey('second-key', 'credentials')];
const NONE = { perKey: 'unlimited', perUser: 'unlimited', perAddress: 'unlimited' };

type Limits = Config['credentials']['limits'];
const limitsOf = (given: object): Limits =>
  configSchema.parse({ credentials: { limits: { ...NONE, ...given } } }).credentials.limits;

const serverWith = (given: object): Promise<HttpServer> =>
  startServer({ keys: KEYS, credentialLimits: limitsOf(given) });

const post = (server: HttpServer, user?: string, headers = {}): Promise<Answer> =>
  ask(`${server.url()}/v1/credentials`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ user }),
  });

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const statuses = async (asked: readonly (() => Promise<Answer>)[]): Promise<number[]> => {
  const seen: number[] = [];
  for (const one of asked) seen.push((await one()).status);
  return seen;
};

describe('over HTTP', () => {
  test('a user who has had the credentials is refused with the limit and the time, another one is not', async () => {
    const server = await serverWith({ perUser: '2/1m' });
    expect(await statuses([() => post(server, 'alice'), () => post(server, 'alice')])).toEqual([201, 201]);
    const refused = await post(server, 'alice');
    expect(refused.status).toBe(429);
    expect(refused.headers['retry-after']).toMatch(/^(5\d|60)$/);
    expect(errorOf(refused)).toEqual({
      code: 'too_many',
      message: expect.stringMatching(
        /^This user has had its credentials for now \(credentials\.limits\.perUser: 2\/60s\): try again in \d\d s\.$/,
      ) as string,
    });
    expect((await post(server, 'bob')).status).toBe(201);
  });

  test('the draft’s call counts for the same user, and who names no user counts for none', async () => {
    const server = await serverWith({ perUser: '1/1m' });
    const draft = (): Promise<Answer> => ask(`${server.url()}/?service=turn&username=alice`);
    const nobody = (): Promise<Answer> => ask(`${server.url()}/turncredential`);
    expect(await statuses([() => post(server, 'alice'), draft, nobody, nobody])).toEqual([201, 429, 200, 200]);
  });

  test('a key is limited over all calls and users; another key, and a program of this machine, go on', async () => {
    const server = await serverWith({ perKey: '2/1m' });
    const monitor = (): Promise<Answer> => ask(`${server.url()}/turncredential`, { headers: bearer('first-key') });
    expect(await statuses([() => post(server, 'a', bearer('first-key')), monitor, monitor])).toEqual([201, 200, 429]);
    expect(errorOf(await monitor()).message).toMatch(/^This key .*credentials\.limits\.perKey: 2\/60s/);
    expect(await statuses([() => post(server, 'b', bearer('second-key')), () => post(server, 'c')])).toEqual([
      201, 201,
    ]);
  });

  test('this machine’s own addresses are not limited: neither its programs nor what comes through a proxy on it', async () => {
    const server = await serverWith({ perAddress: '1/1m' });
    const proxied = { ...bearer('first-key'), 'x-forwarded-for': '192.0.2.1' };
    const calls = [{}, {}, proxied, proxied].map((headers) => () => post(server, undefined, headers));
    expect(await statuses(calls)).toEqual([201, 201, 201, 201]);
  });

  test('what makes no sense, or may not be asked, uses nothing up', async () => {
    const server = await serverWith({ perUser: '1/1m', perKey: '1/1m' });
    const nonsense = (): Promise<Answer> =>
      ask(`${server.url()}/v1/credentials`, { method: 'POST', headers: bearer('first-key'), body: '{' });
    expect(await statuses([nonsense, () => post(server, 'alice', bearer('guess'))])).toEqual([415, 401]);
    expect((await post(server, 'alice', bearer('first-key'))).status).toBe(201);
  });

  test('each refusal is counted by its reason', async () => {
    const issuer = testIssuer('a-test-secret');
    const credentials = credentialCalls(issuer);
    const server = await startServer({ credentialLimits: limitsOf({ perUser: '1/1m' }), credentials });
    await statuses([1, 2, 3].map(() => () => post(server, 'alice')));
    expect([issuer.counts.rejected.limit, issuer.counts.issued.rest]).toEqual([2, 1]);
  });

  test('the time that is told is enough: after it there is one again', async () => {
    const server = await serverWith({ perUser: '1/1s' });
    await post(server, 'alice');
    const refused = await post(server, 'alice');
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '1']);
    await systemClock.sleep(1000, new AbortController().signal);
    expect((await post(server, 'alice')).status).toBe(201);
  });
});

describe('the limits', () => {
  const make = (given: object): RequestLimits => createRequestLimits(limitsOf(given), () => undefined);
  const take = (limits: RequestLimits, whose: { key?: string; address?: string; user?: string }): Promise<string> =>
    limits.take({ key: undefined, address: undefined, user: undefined, ...whose }).then(
      () => 'given',
      (error: unknown) => /perKey|perUser|perAddress/.exec(String(error))?.[0] ?? 'failed',
    );

  test('one that refuses takes nothing from the others', async () => {
    const limits = make({ perKey: '2/1m', perAddress: '2/1m', perUser: '1/1m' });
    const alice = { key: 'k', address: '192.0.2.1', user: 'alice' };
    expect(await take(limits, alice)).toBe('given');
    for (let i = 0; i < 50; i++) expect(await take(limits, alice)).toBe('perUser');
    expect(await take(limits, { ...alice, user: 'bob' })).toBe('given');
    expect(await take(limits, { ...alice, user: 'carol' })).toBe('perKey');
    expect(await take(limits, { ...alice, key: 'other', user: 'carol' })).toBe('perAddress');
    expect(await take(limits, { key: 'other', address: '192.0.2.2', user: 'carol' })).toBe('given');
  });

  test('asking while refused does not put off the end of it', async () => {
    const limits = make({ perUser: '1/1s' });
    await take(limits, { user: 'alice' });
    await eventually('given again', async () => (await take(limits, { user: 'alice' })) === 'given', 5_000);
  });

  test('many at the same moment get no more than there are', async () => {
    const limits = make({ perKey: '50/1m', perUser: '7/1m' });
    const asked = Array.from({ length: 100 }, () => take(limits, { key: 'k', user: 'alice' }));
    expect((await Promise.all(asked)).filter((answer) => answer === 'given')).toHaveLength(7);
  });

  test('an address is one whatever user is named, and of IPv6 its whole /64', async () => {
    const limits = make({ perAddress: '1/1m' });
    expect(await take(limits, { address: '2001:db8:1:2::1', user: 'a' })).toBe('given');
    expect(await take(limits, { address: '2001:db8:1:2:ffff::9', user: 'b' })).toBe('perAddress');
    expect(await take(limits, { address: '2001:db8:1:3::1', user: 'b' })).toBe('given');
    expect(await take(limits, { address: '::ffff:192.0.2.1' })).toBe('given');
    expect(await take(limits, { address: '192.0.2.1' })).toBe('perAddress');
    expect(await take(limits, { address: '192.0.2.2' })).toBe('given');
  });

  test('memory does not grow with the users that are sent', async () => {
    const counter = countHashed({ count: 1_000_000, seconds: 3600 });
    const megabytesAfter = async (from: number, to: number): Promise<number> => {
      for (let i = from; i < to; i++) await counter.take(`user-${i}`);
      collectGarbage();
      return process.memoryUsage().heapUsed / 1e6;
    };
    // After the first round 95 % of the 65,536 counters are there; one for each user would add more than 25 MB.
    const before = await megabytesAfter(0, 200_000);
    expect((await megabytesAfter(200_000, 400_000)) - before).toBeLessThan(18);
  });

  test('hostile user names are counted like any other', async () => {
    const limits = make({ perUser: '1/1m' });
    for (const user of ['', '__proto__', 'a\nb', '\ud800', 'x'.repeat(16_000)]) {
      expect(await take(limits, { user })).toBe('given');
      expect(await take(limits, { user })).toBe('perUser');
    }
  });
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8::5', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['1::2:3:4:5:6:7', '1:0:2:3::/64'],
  ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
])('%s counts as %s', (address, group) => {
  expect(addressGroup(address)).toBe(group);
});
