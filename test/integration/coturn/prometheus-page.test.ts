import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { coturnPageCollector, pageCounters } from '../../../src/collectors/coturn-page';
import { checkBinding } from '../../../src/coturn/binding-check';
import { prometheusUrl } from '../../../src/coturn/prometheus-port';
import { readPrometheusPage } from '../../../src/coturn/prometheus-page';
import { lifeIn } from '../../../src/coturn/server';
import { Supervisor } from '../../../src/coturn/supervisor';
import { systemClock } from '../../../src/lib/clock';
import { loopbackConfig, notingHooks, serverOptions, temporaryDirectory } from '../../support/coturn';
import { eventually } from '../../support/eventually';
import { freePorts } from '../../support/free-ports';
import { testWithNewerCoturn } from '../../support/newer-coturn';

jest.setTimeout(60_000);

let directory = temporaryDirectory();
let server: Supervisor | undefined;
let metricsPort = 0;
const holder: Server = createServer();

beforeEach(async () => {
  directory = temporaryDirectory();
  [metricsPort = 0] = await freePorts(1);
});

afterEach(async () => {
  await server?.stop();
  server = undefined;
  holder.close();
  directory.remove();
});

async function start(coturn: object): Promise<{ host: string; port: number }> {
  const config = await loopbackConfig(directory.path, { metricsPort, ...coturn });
  server = new Supervisor(serverOptions(config, notingHooks()));
  await server.start();
  return { host: '127.0.0.1', port: config.coturn.listeningPort };
}

const writtenPort = (): number | undefined => server && lifeIn(server.state())?.metricsPort;
const conf = (): string => readFileSync(join(directory.path, 'turnserver.conf'), 'utf8');
const hold = (): Promise<void> => new Promise((resolve) => holder.listen(metricsPort, '127.0.0.1', resolve));

test("Debian's coturn has no page: nothing is said of one, and its port may be anybody's", async () => {
  await hold();
  await start({});
  expect(writtenPort()).toBeUndefined();
  expect(conf()).not.toContain('prometheus');
});

async function figures(): Promise<Record<string, number>> {
  const collector = coturnPageCollector(() => prometheusUrl(metricsPort), pageCounters());
  const families = await collector.collect(AbortSignal.timeout(5000));
  return Object.fromEntries(families.map(({ name, samples }) => [name, samples[0]?.value ?? NaN]));
}

/** A thread of its own brings it up, after coturn answers. */
const pageIsThere = (): Promise<void> =>
  eventually('the page is there', async () => Object.keys(await figures()).length > 0);

testWithNewerCoturn("a newer coturn's page is on, counts, and knows no user", async (binary) => {
  const stun = await start({ binary });
  expect(writtenPort()).toBe(metricsPort);
  await pageIsThere();
  const before = await figures();
  expect(Object.keys(before)).toHaveLength(8);
  for (let asked = 0; asked < 5; asked++) expect(await checkBinding(stun, systemClock, 5000)).toBeDefined();
  await eventually('the Bindings are counted', async () => {
    const { coturn_stun_binding_responses_total: now = 0 } = await figures();
    return now >= (before['coturn_stun_binding_responses_total'] ?? 0) + 5;
  });
  expect(await readPrometheusPage(prometheusUrl(metricsPort), AbortSignal.timeout(5000))).not.toContain('user=');
});

testWithNewerCoturn('its page is for this machine alone', async (binary) => {
  await start({ binary });
  await pageIsThere();
  const outside = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .filter(({ internal, scopeid }) => !internal && !scopeid);
  const urls = ['127.0.0.2', ...outside.map(({ address, family }) => (family === 'IPv6' ? `[${address}]` : address))];
  for (const host of urls) {
    await expect(
      readPrometheusPage(`http://${host}:${metricsPort}/metrics`, AbortSignal.timeout(5000)),
    ).rejects.toThrow('fetch failed');
  }
});

testWithNewerCoturn(
  'another run of the agent finds the page where it is, though the configuration has changed',
  async (binary) => {
    await start({ binary });
    const first = server;
    await first?.release();
    const config = await loopbackConfig(directory.path, { binary });
    server = new Supervisor(serverOptions(config, notingHooks()));
    await server.start();
    expect(writtenPort()).toBe(metricsPort);
    expect(config.coturn.metricsPort).not.toBe(metricsPort);
  },
);

testWithNewerCoturn(
  "a port where somebody listens is refused: coturn would share it with another coturn's page",
  async (binary) => {
    await hold();
    await expect(start({ binary })).rejects.toThrow(
      /^TCP port \d+ on 127\.0\.0\.1 is already in use by .*coturn\.metricsPort/,
    );
  },
);
