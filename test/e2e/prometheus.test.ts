import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AgentHome } from '../support/agent';
import { loggedUsage } from '../support/coturn-usage';
import { eventually } from '../support/eventually';
import { total } from '../support/exposition-text';
import { Prometheus } from '../support/prometheus';
import { uclient } from '../support/uclient';

const RECEIVED = 'coturn_relay_peer_received_bytes_total';
/** Of the two below. */
const JOBS = ['openmetrics', 'text'] as const;
/** Long enough for several reports of coturn, one of which comes every 4096 packets of an allocation. */
const LOAD = { clients: 4, messages: 3000, bytes: 500, everyMs: 3 };

let home: AgentHome;
let textOnly: Server;
let prometheus: Prometheus;

beforeAll(async () => {
  home = await AgentHome.create();
  await home.start();
  textOnly = await startTextOnlyProxy();
  prometheus = await Prometheus.start(home.path, {
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: JOBS.map((job) => ({
      job_name: job,
      static_configs: [{ targets: [new URL(home.url).host] }],
      ...(job === 'text' && { proxy_url: `http://127.0.0.1:${(textOnly.address() as AddressInfo).port}` }),
    })),
  });
});

afterAll(async () => {
  await prometheus.stop();
  textOnly.close();
  await home.remove();
});

test('the agent and coturn are up in both formats, with the same series', async () => {
  for (const job of JOBS) {
    await eventually(`job ${job} is scraped`, async () => (await prometheus.query(`up{job="${job}"}`)) === 1, 30_000);
    expect(await prometheus.query(`coturn_up{job="${job}"}`)).toBe(1);
  }
  // The name of a counter's family has no _total in OpenMetrics alone.
  expect(await jobsThatDescribe('coturn_restarts')).toEqual(['openmetrics']);
  expect(await jobsThatDescribe('coturn_restarts_total')).toEqual(['text']);
  await eventually('a heartbeat, the last to come, is there', async () => {
    return (await prometheus.query('count(coturn_last_heartbeat_timestamp_seconds)')) === JOBS.length;
  });
  const [inOpenMetrics, inText] = await Promise.all(JOBS.map(seriesIn));
  expect(inOpenMetrics).toEqual(inText);
  expect(inText?.size).toBeGreaterThan(200);
});

test('traffic shows as a rate while it flows, and as the sum that coturn reported when it is over', async () => {
  const load = await uclient(home, 'load', LOAD);
  for (const job of JOBS) {
    const rate = `sum(rate(${RECEIVED}{job="${job}"}[30s]))`;
    await eventually(`job ${job} has a rate`, async () => ((await prometheus.query(rate)) ?? 0) > 0, 60_000);
    expect(await prometheus.query(`sum(increase(${RECEIVED}{job="${job}"}[30s]))`)).toBeGreaterThan(0);
  }
  expect(await prometheus.query('min(max_over_time(coturn_sessions[1m]))')).toBe(1);
  expect(await load.done).toBe(0);
  await eventually('no allocation is open', async () => total(await home.page(), 'coturn_allocations') === 0, 60_000);
  const received = total(await home.page(), RECEIVED);
  // Not what was sent: on a busy machine datagrams are lost on their way.
  expect(received).toBe(loggedUsage(home.coturnLog(), 'load').peer.receivedBytes);
  expect(received).toBeGreaterThan(0);
  for (const job of JOBS) {
    await eventually(
      `job ${job} has all bytes`,
      async () => (await prometheus.query(`sum(${RECEIVED}{job="${job}"})`)) === received,
    );
  }
});

test('no scrape failed, and Prometheus complains of no sample', async () => {
  expect(await prometheus.query('min(min_over_time(up[10m]))')).toBe(1);
  const { activeTargets } = (await prometheus.api('targets?state=active')) as {
    activeTargets: { lastError: string }[];
  };
  expect(activeTargets.map(({ lastError }) => lastError)).toEqual(['', '']);
  const page = await prometheus.ownPage();
  for (const kind of ['duplicate_timestamp', 'out_of_order', 'out_of_bounds']) {
    const name = `prometheus_target_scrapes_sample_${kind}_total`;
    expect([name, page.get(name)]).toEqual([name, 0]);
  }
  expect(prometheus.log.split('\n').filter((line) => !/^$|level=info/.test(line))).toEqual([]);
});

/** Which of the jobs gave a HELP and a TYPE for a metric of exactly this name. */
async function jobsThatDescribe(metric: string): Promise<string[]> {
  const described = (await prometheus.api(`targets/metadata?metric=${metric}`)) as { target: { job: string } }[];
  return described.map(({ target }) => target.job);
}

/** What Prometheus has of coturn and of the agent through a job. */
async function seriesIn(job: string): Promise<Set<string>> {
  const selector = encodeURIComponent(`{__name__=~"(coturn|turnkeeper)_.+",job="${job}"}`);
  const series = (await prometheus.api(`series?match[]=${selector}`)) as Record<string, string>[];
  return new Set(series.map((labels) => JSON.stringify(Object.entries({ ...labels, job: '' }).sort())));
}

/** Prometheus 2.42 prefers OpenMetrics and cannot be told otherwise; behind this proxy it gets what older ones ask for. */
async function startTextOnlyProxy(): Promise<Server> {
  const server = createServer((request, response) => {
    void fetch(request.url ?? '', { headers: { accept: 'text/plain;version=0.0.4' } }).then(async (answer) => {
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
      response.end(await answer.text());
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
