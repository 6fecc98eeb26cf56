import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCollectors } from '../../../src/collectors';
import { single, type Collector } from '../../../src/collectors/collector';
import { Exposition } from '../../../src/collectors/exposition';
import { NetworkSampler } from '../../../src/collectors/network-sampler';
import { configSchema } from '../../../src/config/schema';
import { systemClock } from '../../../src/lib/clock';
import { recordingLogger } from '../../unit/collectors/recording-logger';
import { Machine } from './machine';
import { until } from './running-coturn';

const machine = new Machine();
const { logger } = recordingLogger();
const networkSampler = new NetworkSampler(machine.roots, systemClock, logger);
const config = configSchema.parse({ network: { capacityMbps: 1000 } });
/** The gauge and counter of one name are what OpenMetrics finds hardest. */
const extra: Collector = {
  name: 'extra',
  collect: () => [
    single('gauge', 'coturn_webrtc_ice_failures', 'Failures in the last interval.', 2),
    single('counter', 'coturn_webrtc_ice_failures_total', 'Failures.', 17),
  ],
};
const all = createCollectors({
  config,
  clock: systemClock,
  roots: machine.roots,
  version: '1.2.3',
  coturnPid: () => 4242,
  networkSampler,
});
const exposition = new Exposition({ collectors: [...all, extra], clock: systemClock, logger });

afterAll(() => {
  machine.dispose();
});

test('promtool has nothing to say about the exposition', async () => {
  const { body } = await exposition.scrape({ openMetrics: false });
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: body, encoding: 'utf8' });
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
});

test('every collector succeeds on the captured machine, and each of its metrics has a help text', async () => {
  const { body } = await exposition.scrape({ openMetrics: false });
  expect(body.match(/^turnkeeper_collector_success.*$/gm)).toEqual(
    exposition.names.map((name) => `turnkeeper_collector_success{collector="${name}"} 1`),
  );
  expect(body).toMatch(/^turnkeeper_build_info\{version="1\.2\.3",node_version="\d+\.\d+\.\d+"\} 1$/m);
  expect(body).toMatch(/^coturn_relay_ports_used 6$/m);
  expect(body).toMatch(/^coturn_relay_ports_limit 16384$/m);
  expect(body).toMatch(/^coturn_start_time_seconds 1795233215.3$/m);
  expect(body).toMatch(/^nodejs_gc_duration_seconds_count\{kind="minor"\} \d+$/m);
  expect(body.match(/^# HELP/gm)).toHaveLength(body.match(/^# TYPE/gm)?.length ?? 0);
  expect(body).not.toMatch(/^# HELP \S+ *$/m);
});

describe('a real Prometheus', () => {
  const folder = mkdtempSync(join(tmpdir(), 'turnkeeper-prometheus-'));
  const accepted = new Set<string>();
  let server: Server;
  let prometheus: ChildProcess | undefined;
  let url = '';

  beforeAll(async () => {
    server = createServer((request, response) => {
      accepted.add(request.headers.accept ?? '');
      void exposition.scrape({ openMetrics: true }).then(({ body, contentType }) => {
        response.setHeader('content-type', contentType).end(body);
      });
    });
    const target = `127.0.0.1:${await listen(server)}`;
    const port = await freePort();
    writeFileSync(
      join(folder, 'prometheus.yml'),
      `scrape_configs: [{ job_name: t, scrape_interval: 500ms, scrape_timeout: 400ms, static_configs: [{ targets: ['${target}'] }] }]`,
    );
    const options = [`--web.listen-address=127.0.0.1:${port}`, `--storage.tsdb.path=${folder}/data`];
    prometheus = spawn('prometheus', [`--config.file=${folder}/prometheus.yml`, ...options], { stdio: 'ignore' });
    url = `http://127.0.0.1:${port}/api/v1/query?query=`;
  });

  afterAll(async () => {
    server.close();
    server.closeAllConnections();
    if (prometheus) {
      const ended = once(prometheus, 'exit');
      prometheus.kill('SIGKILL');
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  });

  /** The value of one series, or undefined while there is none. */
  async function query(expression: string): Promise<number | undefined> {
    const response = await fetch(url + encodeURIComponent(expression)).catch(() => undefined);
    if (response?.ok !== true) return undefined;
    const answer = (await response.json()) as { data: { result: { value: [number, string] }[] } };
    const text = answer.data.result[0]?.value[1];
    return text === undefined ? undefined : Number(text);
  }

  test('takes the OpenMetrics exposition whole, under the names of the text format', async () => {
    await until(async () => (await query('up')) !== undefined);
    expect(await query('up')).toBe(1);
    expect([...accepted].join()).toContain('application/openmetrics-text');
    expect(await query('coturn_process_cpu_seconds_total')).toBe(0.01);
    expect(await query('coturn_webrtc_ice_failures_total')).toBe(17);
    expect(await query('coturn_webrtc_ice_failures')).toBe(2);
    expect(await query('count(turnkeeper_collector_success == 1)')).toBe(exposition.names.length);
    expect(await query('count({__name__=~".*_total_total"})')).toBeUndefined();
  });
});

async function listen(server: Server, port = 0): Promise<number> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, 'close');
  return port;
}
