import { execFileSync } from 'node:child_process';
import { gunzipSync } from 'node:zlib';
import { pino } from 'pino';
import { Exposition } from '../../../src/collectors/exposition';
import type { Scraper } from '../../../src/http/metrics';
import { systemClock } from '../../../src/lib/clock';
import { ask, closeAll, errorOf, startServer } from './harness';

afterEach(closeAll);

/** What Prometheus 2.42 sends with each scrape. */
const PROMETHEUS = {
  accept:
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
  'accept-encoding': 'gzip',
};

function exposition(): Scraper {
  const collector = (name: string) => ({
    name,
    collect: () => [
      { name: `demo_${name}`, help: 'Demo. '.repeat(300), type: 'gauge' as const, samples: [{ value: 1 }] },
    ],
  });
  return new Exposition({
    collectors: [collector('one'), collector('two')],
    clock: systemClock,
    logger: pino({ enabled: false }),
  });
}

describe('GET /metrics', () => {
  test('answers Prometheus with gzipped OpenMetrics, and curl with plain text that promtool takes', async () => {
    const url = `${(await startServer({ scraper: exposition() })).url()}/metrics`;
    const scraped = await ask(url, { headers: PROMETHEUS });
    expect(scraped.headers).toMatchObject({
      'content-type': expect.stringMatching(/^application\/openmetrics-text/) as string,
      'content-encoding': 'gzip',
      vary: 'Accept, Accept-Encoding',
    });
    expect(gunzipSync(scraped.body).toString()).toMatch(/# EOF\n$/);

    const plain = await ask(url);
    expect(plain.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(plain.headers['content-encoding']).toBeUndefined();
    execFileSync('promtool', ['check', 'metrics'], { input: plain.text });
  });

  test('is not compressed for a client that refuses it, nor when it is small', async () => {
    const url = `${(await startServer({ scraper: exposition() })).url()}/metrics`;
    const refused = await ask(url, { headers: { 'accept-encoding': 'gzip;q=0, identity' } });
    expect(refused.headers['content-encoding']).toBeUndefined();
    const small = await ask(`${(await startServer()).url()}/metrics`, { headers: { 'accept-encoding': 'gzip' } });
    expect(small.headers['content-encoding']).toBeUndefined();
  });

  test('runs only the collectors asked for, and names those there are for one that is not', async () => {
    const url = `${(await startServer({ scraper: exposition() })).url()}/metrics`;
    const one = await ask(`${url}?collect[]=one`);
    expect(one.text).toContain('demo_one 1');
    expect(one.text).not.toContain('demo_two');
    const both = await ask(`${url}?collect[]=one&collect%5B%5D=two`);
    expect(both.text).toContain('demo_two 1');
    const unknown = await ask(`${url}?collect[]=three`);
    expect(unknown.status).toBe(400);
    expect(errorOf(unknown).message).toContain('one, two');
  });

  test('that fails is an internal error with its cause in the log alone', async () => {
    const log: string[] = [];
    const sink = { write: (line: string) => log.push(line) };
    const scraper = { scrape: () => Promise.reject(new Error('disk on fire')) };
    const answer = await ask(`${(await startServer({ scraper, logger: pino({}, sink) })).url()}/metrics`);
    expect(answer.status).toBe(500);
    expect(errorOf(answer)).toEqual({ code: 'internal', message: 'internal error' });
    expect(log.join('')).toContain('disk on fire');
  });
});

describe('health', () => {
  test('is 200 while the process runs', async () => {
    const answer = await ask(`${(await startServer()).url()}/-/healthy`);
    expect([answer.status, answer.text]).toEqual([200, 'turnkeeper is healthy.\n']);
  });

  test('is 503 with the reason when coturn is not ready, as text or JSON', async () => {
    const url = `${(await startServer({ readiness: () => ({ ready: false, reason: 'coturn crashes: <x>' }) })).url()}/-/ready`;
    const text = await ask(url);
    expect([text.status, text.text]).toEqual([503, 'coturn crashes: <x>\n']);
    expect(text.headers['content-type']).toMatch(/^text\/plain/);
    const json = await ask(url, { headers: { accept: 'application/json' } });
    expect(json.status).toBe(503);
    expect(errorOf(json)).toEqual({ code: 'unavailable', message: 'coturn crashes: <x>' });
  });

  test('is 200 when it is ready', async () => {
    const url = `${(await startServer()).url()}/-/ready`;
    expect((await ask(url)).text).toBe('turnkeeper is ready.\n');
    expect(JSON.parse((await ask(url, { headers: { accept: 'application/json' } })).text)).toEqual({ ready: true });
  });
});

describe('everything else', () => {
  test('/ is a page without scripts, under a policy that would let none run', async () => {
    const answer = await ask(`${(await startServer()).url()}/`);
    expect(answer.headers['content-type']).toMatch(/^text\/html/);
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
    expect(answer.text).toContain('0.0.0-test');
  });

  test('no answer says what it is served by', async () => {
    const { headers } = await ask(`${(await startServer()).url()}/`);
    expect(headers['x-powered-by']).toBeUndefined();
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  test.each(['/nothing', '/metrics/x', '/%zz', '/v1/', '/..%2f..%2fetc/passwd'])(
    '%s is a JSON 404 or 400',
    async (path) => {
      const answer = await ask(`${(await startServer()).url()}${path}`);
      expect([400, 404]).toContain(answer.status);
      expect(errorOf(answer).code).toMatch(/not_found|bad_request/);
    },
  );

  test.each([
    ['/metrics', 'POST', 'GET, HEAD'],
    ['/', 'DELETE', 'GET, HEAD'],
    ['/-/ready', 'PUT', 'GET, HEAD'],
    ['/-/healthy', 'OPTIONS', 'GET, HEAD'],
    ['/turncredential', 'POST', 'GET, HEAD'],
    ['/v1/credentials', 'GET', 'POST'],
  ])('%s does not take %s, and says what it takes', async (path, method, allow) => {
    const answer = await ask(`${(await startServer()).url()}${path}`, { method });
    expect([answer.status, answer.headers.allow]).toEqual([405, allow]);
    expect(errorOf(answer).code).toBe('method_not_allowed');
  });

  test('HEAD has the headers of GET and no body', async () => {
    const answer = await ask(`${(await startServer()).url()}/metrics`, { method: 'HEAD' });
    expect([answer.status, answer.text]).toEqual([200, '']);
    expect(answer.headers['content-length']).toBe('6');
  });
});
