import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { agentCollector } from '../../../src/collectors/agent';
import { coturnPageCollector, pageCounters, type PageCounters } from '../../../src/collectors/coturn-page';
import { Exposition } from '../../../src/collectors/exposition';
import { systemClock } from '../../../src/lib/clock';
import { recordingLogger } from '../../unit/collectors/recording-logger';
import { servePage, type PageServer } from './page-server';

const captured = readFileSync('test/fixtures/coturn-4.17.1/metrics.txt', 'utf8');

let server: PageServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

/** What a scrape shows where coturn's page is this; `timeoutMs` as the exposition's. */
async function scrape(page: RequestListener | undefined, counters = pageCounters(), timeoutMs = 2000): Promise<string> {
  if (page) server = await servePage(page);
  const { logger } = recordingLogger();
  const collectors = [coturnPageCollector(() => server?.url, counters), agentCollector('1.2.3')];
  const { body } = await new Exposition({ collectors, clock: systemClock, logger, timeoutMs }).scrape({
    openMetrics: false,
  });
  return body;
}

const ofPage = (body: string): string[] => body.split('\n').filter((line) => /^coturn_/.test(line));
const success = (body: string): string | undefined =>
  /^turnkeeper_collector_success\{collector="coturn_page"\} (\d)$/m.exec(body)?.[1];
const tallied = ({ events, rejected }: PageCounters): object => ({ ...events, ...rejected });

test('the captured page of 4.17.1 under our names, without the traffic and allocations that we count ourselves', async () => {
  const counters = pageCounters();
  const body = await scrape((_, response) => response.end(captured), counters);
  expect(ofPage(body)).toEqual([
    'coturn_packets_processed_total 20825',
    'coturn_packets_dropped_total 1',
    'coturn_stun_binding_requests_total 13',
    'coturn_stun_binding_responses_total 13',
    'coturn_stun_binding_errors_total 0',
    'coturn_unauthorized_requests_total 40',
    'coturn_unauthorized_responses_total 40',
    'coturn_unauthorized_responses_suppressed_total 0',
  ]);
  expect(tallied(counters)).toEqual({ page: 1, malformed: 0 });
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: body, encoding: 'utf8' });
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
});

test('a coturn without a page costs nothing and shows nothing', async () => {
  const body = await scrape(undefined);
  expect(success(body)).toBe('1');
  expect(ofPage(body)).toEqual([]);
});

const endless: RequestListener = (_, response) => {
  const more = (): void => {
    while (response.write('# x\n'.repeat(16_384)));
  };
  response.on('drain', more);
  more();
};

const FAULTS: readonly (readonly [string, RequestListener])[] = [
  ['says 404', (_, response) => response.writeHead(404).end(captured)],
  ['leads elsewhere', (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end()],
  ['is another', (_, response) => response.end('node_cpu_seconds_total 1\n<html>')],
  ['is empty', (_, response) => response.end()],
  ['hangs up halfway', (_, response) => response.writeHead(200, { 'content-length': 9e3 }).end(captured.slice(0, 600))],
  ['has no end', endless],
  ['never answers', () => undefined],
];

test.each(FAULTS)('a page that %s: success 0, and the rest of the scrape unharmed', async (_, page) => {
  const counters = pageCounters();
  const body = await scrape(page, counters, 1000);
  expect(success(body)).toBe('0');
  expect(ofPage(body)).toEqual([]);
  expect(body).toMatch(/^turnkeeper_build_info/m);
  expect(tallied(counters)).toEqual({ page: 0, malformed: 0 });
});

test('a page where nobody listens: success 0', async () => {
  server = await servePage(() => undefined);
  const { url } = server;
  await server.stop();
  server = { url, stop: () => Promise.resolve() };
  expect(success(await scrape(undefined))).toBe('0');
});

test('a line that can not be right is counted and left out, the others stay', async () => {
  const counters = pageCounters();
  const hostile = captured.replace(/^turn_packet_dropped .*$/m, 'turn_packet_dropped{user="<hostile>"} -3');
  const body = await scrape((_, response) => response.end(hostile), counters);
  expect(ofPage(body)).toHaveLength(7);
  expect(body).not.toContain('coturn_packets_dropped_total');
  expect(body).not.toContain('hostile');
  expect(tallied(counters)).toEqual({ page: 1, malformed: 1 });
});
