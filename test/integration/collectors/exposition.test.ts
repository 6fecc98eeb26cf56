import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { agentCollector } from '../../../src/collectors/agent';
import { single, type Collector } from '../../../src/collectors/collector';
import { Exposition } from '../../../src/collectors/exposition';
import { networkCollector } from '../../../src/collectors/network';
import { processCollector } from '../../../src/collectors/process';
import { relayPortsCollector } from '../../../src/collectors/relay-ports';
import { udpCollector } from '../../../src/collectors/udp';
import { systemClock } from '../../../src/lib/clock';
import { recordingLogger } from '../../unit/collectors/recording-logger';
import { temporaryDirectory } from '../../support/coturn';
import { eventually } from '../../support/eventually';
import { Prometheus } from '../../support/prometheus';
import { Machine } from './machine';

const machine = new Machine();
const { logger } = recordingLogger();
/** The gauge and counter of one name are what OpenMetrics finds hardest. */
const extra: Collector = {
  name: 'extra',
  collect: () => [
    single('gauge', 'coturn_webrtc_ice_failures', 'Failures in the last interval.', 2),
    single('counter', 'coturn_webrtc_ice_failures_total', 'Failures.', 17),
  ],
};
const coturnPid = (): number => 4242;
const relays = { minPort: 49_152, maxPort: 65_535, relayIps: ['127.0.0.1'] };
const collectors = [
  relayPortsCollector({ roots: machine.roots, clock: systemClock, coturnPid, ...relays }),
  networkCollector({ roots: machine.roots, sampler: { rateOf: () => 0 }, devices: 'auto', capacityMbps: 1000 }),
  udpCollector(machine.roots, coturnPid),
  processCollector(machine.roots, coturnPid),
  agentCollector('1.2.3'),
  extra,
];
const exposition = new Exposition({ collectors, clock: systemClock, logger });

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
  expect(body.match(/^# HELP/gm)).toHaveLength(body.match(/^# TYPE/gm)?.length ?? 0);
  expect(body).not.toMatch(/^# HELP \S+ *$/m);
});

test('the histogram of garbage collection keeps its buckets, sum and count', async () => {
  const series = ['bucket\\{le="0.001",', 'sum\\{', 'count\\{'];
  await eventually('a garbage collection', async () => {
    Array.from({ length: 1e6 }, (_, index) => ({ index }));
    const { body } = await exposition.scrape({ collect: ['agent'], openMetrics: false });
    return series.every((one) => new RegExp(`^nodejs_gc_duration_seconds_${one}kind="\\w+"\\} \\S+$`, 'm').test(body));
  });
});

test('a real Prometheus takes the OpenMetrics exposition whole, under the names of the text format', async () => {
  const folder = temporaryDirectory();
  const accepted = new Set<string>();
  const server = createServer((request, response) => {
    accepted.add(request.headers.accept ?? '');
    void exposition.scrape({ openMetrics: true }).then(({ body, contentType }) => {
      response.setHeader('content-type', contentType).end(body);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const targets = [`127.0.0.1:${(server.address() as AddressInfo).port}`];
  const job = { job_name: 't', scrape_interval: '500ms', scrape_timeout: '400ms', static_configs: [{ targets }] };
  const prometheus = await Prometheus.start(folder.path, { scrape_configs: [job] });
  try {
    await eventually('the first scrape', async () => (await prometheus.query('up')) !== undefined, 30_000);
    expect(await prometheus.query('up')).toBe(1);
    expect([...accepted].join()).toContain('application/openmetrics-text');
    expect(await prometheus.query('coturn_process_cpu_seconds_total')).toBe(0.01);
    expect(await prometheus.query('coturn_webrtc_ice_failures_total')).toBe(17);
    expect(await prometheus.query('coturn_webrtc_ice_failures')).toBe(2);
    expect(await prometheus.query('count(turnkeeper_collector_success == 1)')).toBe(exposition.names.length);
    expect(await prometheus.query('count({__name__=~".*_total_total"})')).toBeUndefined();
  } finally {
    await prometheus.stop();
    server.close();
    server.closeAllConnections();
    folder.remove();
  }
});
