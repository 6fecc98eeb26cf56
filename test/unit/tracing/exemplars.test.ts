import { histogramSamples } from '../../../src/collectors/collector';
import { renderFamilies } from '../../../src/collectors/text-format';
import { Histogram } from '../../../src/turn/histogram';

const TRACE = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };

function page(openMetrics: boolean): Promise<{ body: string }> {
  const histogram = new Histogram([1, 5]);
  for (const value of [0.5, 3, 4]) histogram.observe(value);
  histogram.note({ value: 3, at: 1_700_000_000_000, ...TRACE });
  histogram.note({ value: 4, at: 1_700_000_001_500, ...TRACE });
  const family = {
    name: 'duration_seconds',
    help: 'h',
    type: 'histogram',
    samples: histogramSamples(histogram),
  } as const;
  return renderFamilies([family], openMetrics);
}

test('the last example of a bucket stands behind it in OpenMetrics, its time in seconds', async () => {
  const lines = (await page(true)).body.split('\n').filter((line) => line.includes('trace_id'));
  expect(lines).toEqual([
    `duration_seconds_bucket{le="5"} 3 # {trace_id="${TRACE.traceId}",span_id="${TRACE.spanId}"} 4 1700000001.5`,
  ]);
});

test('the text format 0.0.4 has no place for it', async () => {
  expect((await page(false)).body).not.toContain('#  {');
  expect((await page(false)).body).not.toContain('trace_id');
});
