import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AgentHome } from '../support/agent';
import { eventually } from '../support/eventually';
import { total } from '../support/exposition-text';
import { normalisedExposition, seriesOf } from '../support/normalised-exposition';
import { openMetricsFaults } from '../support/openmetrics';
import { RawTurn } from '../support/raw-turn';
import { uclient } from '../support/uclient';

/** Rewritten by `UPDATE_GOLDEN=1 npx jest --selectProjects e2e --testPathPatterns exposition`. */
const GOLDEN = join(__dirname, '../fixtures/exposition.txt');
const OPENMETRICS = 'application/openmetrics-text; version=1.0.0';

/** What an agent shows only after its first seconds: a heartbeat, a network rate, a garbage collection. */
const LATE = [
  'coturn_last_heartbeat_timestamp_seconds ',
  'coturn_network_free_mbps{',
  'nodejs_gc_duration_seconds_sum{',
];

let home: AgentHome;
const text = async (): Promise<string> => (await home.get('/metrics')).text;

beforeAll(async () => {
  // Loopback, because every machine has it under one name.
  home = await AgentHome.create({}, { network: { devices: ['lo'], capacityMbps: 1000 } });
  await home.start();
  await eventually('all is there that comes late', async () => {
    const page = await text();
    return LATE.every((series) => page.includes(`\n${series}`));
  });
});

afterAll(async () => {
  await home.remove();
});

test('names, labels, help texts and first values are those of the golden file', async () => {
  const normalised = normalisedExposition(await text());
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(GOLDEN, normalised);
  expect(normalised).toBe(readFileSync(GOLDEN, 'utf8'));
});

test('promtool has nothing to say about it', async () => {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: await text(),
    encoding: 'utf8',
  });
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
});

test('OpenMetrics has the same series, and no fault', async () => {
  const { text: openMetrics } = await home.get('/metrics', { accept: OPENMETRICS });
  expect(openMetricsFaults(openMetrics)).toEqual([]);
  const samples = (page: string): string[] => seriesOf(page).filter((line) => !line.startsWith('#'));
  expect(samples(openMetrics)).toEqual(samples(await text()));
});

test.each([
  ['no end', '# TYPE a gauge\na 1\n'],
  ['a counter named with _total', '# TYPE a_total counter\na_total 1\n# EOF\n'],
  ['a counter whose sample is not', '# TYPE a counter\na 1\n# EOF\n'],
  ['a series twice', '# TYPE a gauge\na{b="c"} 1\na{b="c"} 2\n# EOF\n'],
  ['a family in two places', '# TYPE a gauge\na 1\n# TYPE b gauge\nb 1\n# TYPE a gauge\na{b="c"} 1\n# EOF\n'],
  ['a blank line', '# TYPE a gauge\n\na 1\n# EOF\n'],
  ['a label that is not escaped', '# TYPE a gauge\na{b="c\\d"} 1\n# EOF\n'],
])('that check of OpenMetrics finds %s', (_, page) => {
  expect(openMetricsFaults(page)).not.toEqual([]);
});

test('clients, good and bad ones, move values and add no series', async () => {
  const before = seriesOf(await text());
  const clients = await Promise.all([uclient(home, 'alice'), uclient(home, 'bob', { transport: 'tcp' })]);
  for (const client of clients) expect(await client.done).toBe(0);
  await new RawTurn(home.ports.turn).allocateAs('1999999999:mallory');
  await eventually(
    'all has happened',
    async () => {
      const page = await home.page();
      return total(page, 'coturn_auth_failures_total') > 0 && total(page, 'coturn_sessions_closed_total') >= 2;
    },
    60_000,
  );
  expect(seriesOf(await text())).toEqual(before);
});
