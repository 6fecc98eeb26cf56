import { webrtcCollector } from '../../../src/collectors/webrtc';
import { renderFamilies } from '../../../src/collectors/text-format';
import { Reports } from '../../../src/reports/reports';
import type { FailureSource } from '../../../src/webrtc/layers';
import { ManualClock } from '../collectors/manual-clock';

const licode: FailureSource = {
  source: 'licode',
  recent: { ice: 3, dtls: 0, sctp: 0 },
  total: { ice: 8, dtls: 1, sctp: 0 },
};

async function page(reports: Reports, sources: readonly FailureSource[], openMetrics = false): Promise<string[]> {
  const families = await webrtcCollector({ failures: sources, reports: reports.counts }).collect(
    new AbortController().signal,
  );
  return (await renderFamilies(families, openMetrics)).body.split('\n').filter((line) => /^[^#]/.test(line));
}

const newReports = (): Reports =>
  new Reports({ relayedOf: () => undefined, intervalMs: 1000, clock: new ManualClock() });

test('each source that is there has its series, gauges and totals apart', async () => {
  const reports = newReports();
  reports.take([{ layer: 'ice', state: 'failed' }]);
  const lines = await page(reports, [licode, reports]);
  expect(lines).toEqual(
    expect.arrayContaining([
      'coturn_webrtc_ice_failures{source="licode"} 3',
      'coturn_webrtc_ice_failures{source="report"} 0',
      'coturn_webrtc_ice_failures_total{source="licode"} 8',
      'coturn_webrtc_ice_failures_total{source="report"} 1',
      'coturn_webrtc_dtls_failures_total{source="licode"} 1',
      'coturn_webrtc_sctp_failures_total{source="report"} 0',
    ]),
  );
});

test.each([false, true])('reports make no series that was not there from the start (OpenMetrics: %s)', async (open) => {
  const reports = newReports();
  const names = async (): Promise<string[]> =>
    (await page(reports, [reports], open)).map((line) => line.slice(0, line.lastIndexOf(' ')));
  const before = await names();
  reports.take([
    { layer: 'ice', state: 'failed', user: 'alice', id: 'x' },
    {
      layer: 'ice',
      state: 'connected',
      candidateTypes: { local: 'prflx', remote: 'relay' },
      roundTripTimeSeconds: 9,
    },
    { layer: 'media', of: 'producer', score: 3.5 },
  ]);
  reports.counts.refused.limit++;
  expect(await names()).toEqual(before);
  expect(new Set(before).size).toBe(before.length);
});
