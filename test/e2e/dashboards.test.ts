import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileOf, PLANS } from '../../scripts/dashboards/all';
import { panelTable, panelValues, type PanelValue, type Series } from '../../scripts/dashboards/panel-values';
import { filled, metricsIn, queriesOf, type DashboardQuery } from '../../scripts/dashboards/queries';
import { readFamilies, type Family } from '../../scripts/docs/families';
import { metricsPage, type CollectorPage } from '../../scripts/docs/metrics';
import type { AgentHome } from '../support/agent';
import { letAllHappen } from '../support/all-that-happens';
import { eventually } from '../support/eventually';
import { startObservedFleet, type ObservedFleet } from '../support/observed-fleet';

const ROOT = join(__dirname, '../..');
/** Longer than all of this takes: what happened is in every rate. */
const RATE_INTERVAL = '5m';
/** Metrics that are Prometheus' own. */
const OF_PROMETHEUS = ['up', 'ALERTS'];
/** Panels that the relay which runs its coturn has no series for, and why. */
const OF_THE_OUTSIDER = new Map([
  ["Datagrams at coturn's listeners", "Debian's coturn has no Prometheus page"],
  ['Requests without credentials', "Debian's coturn has no Prometheus page"],
]);

/** What is 0 although all of this happened: it takes a fault that no test provokes here, or the panel shows the moment. */
const QUIET = new RegExp(
  [
    'Agents not scraped|Draining|Starts tried in vain|Collectors that fail|Records waiting',
    'Drops and errors of the devices|UDP buffer errors|Backlog of the CPUs|Redis unheard|Redis buffer|Bindings lost',
    // Of the last interval; what is seen depends on when one looks.
    'failures$|Failures since asked before',
    // From a page that was captured once.
    "Datagrams at coturn's listeners|Requests without credentials",
  ].join('|'),
);
/** The same of single queries, by their legend or what they ask. */
const QUIET_QUERIES = /^(ignored|left out|sessions expired|lost|waiting),|coturn_draining/;

const METRICS_PAGE = join(ROOT, 'docs/metrics.md');
/** How to write it anew. */
const HOW = 'UPDATE_GOLDEN=1 npx jest --selectProjects e2e --testPathPatterns e2e/dashboards';

let fleet: ObservedFleet;
const queries = PLANS.flatMap((plan) => queriesOf(readFileSync(join(ROOT, fileOf(plan)), 'utf8')));

beforeAll(async () => {
  fleet = await startObservedFleet();
  await eventually(
    'every relay is scraped',
    async () => (await fleet.prometheus.query('sum(coturn_up)')) === 2,
    90_000,
  );
  await letAllHappen(fleet);
}, 480_000);

afterAll(async () => {
  await fleet.remove();
});

async function ask(expr: string): Promise<readonly Series[]> {
  return ((await fleet.prometheus.api(`query?query=${encodeURIComponent(expr)}`)) as { result: Series[] }).result;
}

/** As a reader has chosen: all relays, or the one that runs its coturn where a dashboard shows one. */
async function valuesOf(query: DashboardQuery): Promise<PanelValue> {
  const isOfOne = PLANS.some(({ title, of }) => title === query.dashboard && of === 'one');
  const one = OF_THE_OUTSIDER.has(query.panel) ? fleet.outsider : fleet.own;
  const instance = isOfOne ? new URL(one.url).host : '.*';
  const variables = { job: 'turnkeeper', instance, realm: '.*', prefix: 'mediasoup_', __rate_interval: RATE_INTERVAL };
  const [value] = await panelValues([query], variables, ask);
  if (!value) throw new Error('no answer');
  return value;
}

/** The queries whose answer is not what it should be, once they have had a minute to become it. */
async function wrongOnes(isRight: (value: PanelValue) => boolean): Promise<string[]> {
  let wrong = queries;
  const lookAgain = async (): Promise<boolean> => {
    const answers = await Promise.all(wrong.map(valuesOf));
    wrong = answers.filter((value) => !isRight(value)).map(({ query }) => query);
    return wrong.length === 0;
  };
  await eventually('all are right', lookAgain, 60_000).catch(() => undefined);
  return wrong.map(({ dashboard, panel, legend, expr }) => [dashboard, panel, legend, expr].join(': '));
}

test('every query of every panel, annotation and variable shows something after all has happened', async () => {
  expect(await wrongOnes(({ series }) => series.length > 0)).toEqual([]);
});

test('no query shows anything but finite numbers', async () => {
  expect(await wrongOnes(({ series }) => series.every(({ value }) => Number.isFinite(Number(value[1]))))).toEqual([]);
});

test('no query shows 0 alone that should have moved', async () => {
  const hasMoved = ({ query: { panel, legend, expr }, series }: PanelValue): boolean =>
    QUIET.test(panel) || QUIET_QUERIES.test(`${legend} ${expr}`) || series.some(({ value }) => Number(value[1]) !== 0);
  expect(await wrongOnes(hasMoved)).toEqual([]);
  if (process.env['SHOW_PANELS'] === '1') process.stdout.write(panelTable(await Promise.all(queries.map(valuesOf))));
});

test('every metric that a query names stands on the page of an agent', async () => {
  const known = (await allPages()).reduce(
    (families, { text }) => readFamilies(text, families),
    new Map<string, Family>(),
  );
  const isKnown = (name: string): boolean => known.has(name) || known.has(name.replace(/_(bucket|sum|count)$/, ''));
  const named = new Set(queries.flatMap(({ expr }) => metricsIn(filled(expr, { prefix: 'mediasoup_' }))));
  expect(named.size).toBeGreaterThan(80);
  expect([...named].filter((name) => !isKnown(name) && !OF_PROMETHEUS.includes(name))).toEqual([]);
});

test('docs/metrics.md is what the agents show', async () => {
  const text = await metricsPage(await allPages(), HOW);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(METRICS_PAGE, text);
  expect(text).toBe(readFileSync(METRICS_PAGE, 'utf8'));
});

async function allPages(): Promise<CollectorPage[]> {
  return [...(await pagesOf(fleet.own)), ...(await pagesOf(fleet.outsider))];
}

/** What each of its collectors gives. On a busy machine one may be given up, and is asked again. */
async function pagesOf(home: AgentHome): Promise<CollectorPage[]> {
  const { text: all } = await home.get('/metrics');
  const names = [...all.matchAll(/^turnkeeper_collector_success\{collector="(\w+)"\}/gm)].map(([, name = '']) => name);
  const pages: CollectorPage[] = [];
  for (const collector of names) {
    await eventually(
      `collector ${collector} answers`,
      async () => {
        const { text } = await home.get(`/metrics?collect[]=${collector}`);
        const isWhole = text.includes(`turnkeeper_collector_success{collector="${collector}"} 1\n`);
        if (isWhole) pages.push({ collector, text });
        return isWhole;
      },
      60_000,
    );
  }
  return pages;
}
