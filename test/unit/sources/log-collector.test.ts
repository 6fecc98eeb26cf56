import { logCollector } from '../../../src/collectors/log';
import type { MetricFamily } from '../../../src/collectors/collector';
import { LogCounts } from '../../../src/coturn/log-counts';

function collect(counts: LogCounts, problem?: string): ReadonlyMap<string, MetricFamily> {
  const families = logCollector({ counts, problem }).collect(new AbortController().signal) as readonly MetricFamily[];
  return new Map(families.map((family) => [family.name, family]));
}

function value(
  families: ReadonlyMap<string, MetricFamily>,
  name: string,
  labels: Record<string, string>,
): number | undefined {
  const wanted = JSON.stringify(labels);
  return families.get(name)?.samples.find((sample) => JSON.stringify(sample.labels) === wanted)?.value;
}

test('before anything has gone wrong the series of what can are there, at 0', () => {
  const families = collect(new LogCounts());
  expect(value(families, 'coturn_stun_errors_total', { method: 'allocate', code: '486' })).toBe(0);
  expect(value(families, 'coturn_stun_errors_total', { method: 'other', code: '401' })).toBe(0);
  expect(value(families, 'coturn_auth_failures_total', { reason: 'expired' })).toBe(0);
  expect(value(families, 'coturn_handshake_failures_total', { protocol: 'tls' })).toBe(0);
  expect(value(families, 'coturn_handshake_failures_total', { protocol: 'dtls' })).toBe(0);
});

test('a scrape shows what was counted, and each series once', () => {
  const counts = new LogCounts();
  for (const code of ['486', '486', '447'] as const) counts.add({ kind: 'stun_error', method: 'allocate', code });
  counts.add({ kind: 'auth_failure', reason: 'incorrect' });
  counts.add({ kind: 'handshake_failure', protocol: 'dtls' });
  counts.add({ kind: 'doubtful' });
  const families = collect(counts);
  expect(value(families, 'coturn_stun_errors_total', { method: 'allocate', code: '486' })).toBe(2);
  expect(value(families, 'coturn_stun_errors_total', { method: 'allocate', code: '447' })).toBe(1);
  expect(value(families, 'coturn_auth_failures_total', { reason: 'incorrect' })).toBe(1);
  expect(value(families, 'coturn_handshake_failures_total', { protocol: 'dtls' })).toBe(1);
  expect(value(families, 'turnkeeper_log_lines_ignored_total', { reason: 'doubtful' })).toBe(1);
  for (const { samples } of families.values()) {
    expect(new Set(samples.map(({ labels }) => JSON.stringify(labels))).size).toBe(samples.length);
  }
});

test('a log that can not be read fails the collector instead of showing numbers that stand still', () => {
  expect(() => collect(new LogCounts(), 'There is no log.')).toThrow('There is no log.');
});
