import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { textOf } from '../../../scripts/dashboards/all';
import { fleet } from '../../../scripts/dashboards/fleet';
import { filled, queriesOf } from '../../../scripts/dashboards/queries';
import { temporaryDirectory } from '../../support/coturn';
import { eventually } from '../../support/eventually';
import { freePorts } from '../../support/free-ports';
import { Prometheus } from '../../support/prometheus';

const folder = temporaryDirectory();
const page = createServer((_, answer) => answer.end('turnkeeper_build_info{version="1"} 1\n'));
let prometheus: Prometheus | undefined;

afterAll(async () => {
  await prometheus?.stop();
  page.close();
  page.closeAllConnections();
  folder.remove();
});

/** What Grafana puts in for "All": the values of the label as they are now. */
async function all(name: string, chosen: Readonly<Record<string, string>>): Promise<string> {
  const query = queriesOf(textOf(fleet)).find(({ panel }) => panel === `variable: ${name}`);
  const path = `query?query=${encodeURIComponent(filled(query?.expr ?? '', chosen))}`;
  const { result } = (await prometheus?.api(path)) as { result: { metric: Record<string, string> }[] };
  return result.map(({ metric }) => metric[name] ?? '').join('|');
}

test('a relay that Prometheus never reached is one of all: the fleet counts it as not scraped', async () => {
  page.listen(0, '127.0.0.1');
  await once(page, 'listening');
  const [nobody = 0] = await freePorts(1);
  const targets = [(page.address() as AddressInfo).port, nobody].map((port) => `127.0.0.1:${port}`);
  const started = (prometheus = await Prometheus.start(folder.path, {
    global: { scrape_interval: '1s' },
    scrape_configs: [{ job_name: 'turnkeeper', static_configs: [{ targets }] }],
  }));
  await eventually(
    'one is reached, and one is not',
    async () => (await started.query('sum(up) == count(up) - 1')) === 1,
  );
  const job = await all('job', {});
  const instance = await all('instance', { job });
  const panel = queriesOf(textOf(fleet)).find((query) => query.panel === 'Agents not scraped');
  expect(await started.query(filled(panel?.expr ?? '', { job, instance }))).toBe(1);
});
