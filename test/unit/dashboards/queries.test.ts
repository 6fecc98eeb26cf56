import { filled, metricsIn, queriesOf } from '../../../scripts/dashboards/queries';
import { panelTable } from '../../../scripts/dashboards/panel-values';

test.each([
  ['sum by (instance) (rate(a_total{job=~"x_y"}[5m])) > 0', ['a_total']],
  ['a / (b > 0) or vector(0)', ['a', 'b']],
  ['histogram_quantile(0.5, sum by (le, path) (rate(a_bucket[1m]))) >= 0', ['a_bucket']],
  ['label_replace(a{}, "agent", "$1", "version", "(.+)") and on (instance) b unless a', ['a', 'b']],
])('the metrics of %s are found', (expr, metrics) => {
  expect(metricsIn(expr)).toEqual(metrics);
});

test('variables are filled in, in both forms, and what is none is left', () => {
  const expr = 'label_replace(${prefix}rooms{job=~"$job"}[$__rate_interval], "a", "$1", "b", "(.+)")';
  expect(filled(expr, { prefix: 'p_', job: 'j', __rate_interval: '1m' })).toBe(
    'label_replace(p_rooms{job=~"j"}[1m], "a", "$1", "b", "(.+)")',
  );
});

test('queries of panels, annotations and variables are found', () => {
  const text = JSON.stringify({
    title: 'D',
    panels: [{ title: 'row' }, { title: 'P', targets: [{ expr: 'a', legendFormat: 'l' }] }],
    annotations: { list: [{ name: 'n', expr: 'b' }] },
    templating: { list: [{ name: 'datasource' }, { name: 'v', definition: 'label_values(c{d="e"}, f)' }] },
  });
  expect(queriesOf(text).map(({ panel, expr }) => [panel, expr])).toEqual([
    ['P', 'a'],
    ['annotation: n', 'b'],
    ['variable: v', 'count by (f) (c{d="e"})'],
  ]);
});

test('the table shows a value, a range, and that there is nothing', () => {
  const query = { dashboard: 'D', panel: 'P', legend: 'L', expr: 'x' };
  const series = (...values: string[]) => values.map((value) => ({ metric: {}, value: [0, value] as const }));
  const lines = panelTable([
    { query, series: series('1.23456') },
    { query, series: series('2', '1') },
    { query, series: [] },
  ]).split('\n');
  expect(lines.map((line) => line.split(/\s{2,}/).at(-1))).toEqual(['1.235', '1 to 2 (2 series)', 'nothing', '']);
});
