import type { MetricFamily } from '../../../src/collectors/collector';
import { renderFamilies } from '../../../src/collectors/text-format';

const families: readonly MetricFamily[] = [
  {
    name: 'relay_bytes_total',
    help: 'Bytes,\nrelayed \\ counted.',
    type: 'counter',
    samples: [
      { labels: { realm: 'a"b\\c\nd', transport: 'udp' }, value: 12345678901234 },
      { labels: { realm: '', transport: 'tcp' }, value: 0 },
    ],
  },
  { name: 'relay_up', help: 'Whether.', type: 'gauge', samples: [{ value: Infinity }] },
  {
    name: 'age_seconds',
    help: 'Ages.',
    type: 'histogram',
    samples: [
      { suffix: '_bucket', labels: { le: '0.5' }, value: 1 },
      { suffix: '_bucket', labels: { le: '+Inf' }, value: 2 },
      { suffix: '_sum', value: 3.25 },
      { suffix: '_count', value: 2 },
    ],
  },
  { name: 'nothing_yet', help: 'No series.', type: 'gauge', samples: [] },
];

test("Prometheus' text format has names as given, escaped help and label values, and its content type", async () => {
  const { body, contentType } = await renderFamilies(families, false);
  expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(body).toBe(`# HELP relay_bytes_total Bytes,\\nrelayed \\\\ counted.
# TYPE relay_bytes_total counter
relay_bytes_total{realm="a\\"b\\\\c\\nd",transport="udp"} 12345678901234
relay_bytes_total{realm="",transport="tcp"} 0

# HELP relay_up Whether.
# TYPE relay_up gauge
relay_up +Inf

# HELP age_seconds Ages.
# TYPE age_seconds histogram
age_seconds_bucket{le="0.5"} 1
age_seconds_bucket{le="+Inf"} 2
age_seconds_sum 3.25
age_seconds_count 2

# HELP nothing_yet No series.
# TYPE nothing_yet gauge
`);
});

test('OpenMetrics names a counter without _total, its samples with one, and ends with # EOF', async () => {
  const { body, contentType } = await renderFamilies(families, true);
  expect(contentType).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
  expect(body).toBe(`# HELP relay_bytes Bytes,\\nrelayed \\\\ counted.
# TYPE relay_bytes counter
relay_bytes_total{realm="a\\"b\\\\c\\nd",transport="udp"} 12345678901234
relay_bytes_total{realm="",transport="tcp"} 0
# HELP relay_up Whether.
# TYPE relay_up gauge
relay_up +Inf
# HELP age_seconds Ages.
# TYPE age_seconds histogram
age_seconds_bucket{le="0.5"} 1
age_seconds_bucket{le="+Inf"} 2
age_seconds_sum 3.25
age_seconds_count 2
# HELP nothing_yet No series.
# TYPE nothing_yet gauge
# EOF
`);
});

test('in OpenMetrics a counter beside a gauge of its name keeps its series and does not name the family twice', async () => {
  const { body } = await renderFamilies(
    [
      { name: 'failures', help: 'Now.', type: 'gauge', samples: [{ value: 1 }] },
      { name: 'failures_total', help: 'Ever.', type: 'counter', samples: [{ value: 5 }] },
    ],
    true,
  );
  expect(body).toBe(`# HELP failures Now.
# TYPE failures gauge
failures 1
# HELP failures_total Ever.
# TYPE failures_total unknown
failures_total 5
# EOF
`);
});
