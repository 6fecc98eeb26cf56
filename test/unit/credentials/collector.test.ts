import { credentialsCollector } from '../../../src/collectors/credentials';
import { systemClock } from '../../../src/lib/clock';
import { Histogram } from '../../../src/turn/histogram';

const clock = { ...systemClock, now: () => 100_000 };
const signal = new AbortController().signal;

describe('the credentials collector', () => {
  test('shows every mode and reason from the start, at 0, and what is counted later', async () => {
    const counts = { issued: { rest: 0 }, rejected: { user: 0, ttl: 0 }, revoked: 2, duration: new Histogram([1]) };
    const collector = credentialsCollector({ counts, secretMadeAt: () => 40_000, rotateEverySeconds: 600, clock });
    const before = await collector.collect(signal);
    expect(before.map(({ name, samples }) => [name, samples])).toEqual([
      ['coturn_credentials_issued_total', [{ labels: { mode: 'rest' }, value: 0 }]],
      [
        'coturn_credentials_rejected_total',
        [
          { labels: { reason: 'user' }, value: 0 },
          { labels: { reason: 'ttl' }, value: 0 },
        ],
      ],
      ['coturn_credentials_revocations_total', [{ value: 2 }]],
      [
        'coturn_credentials_duration_seconds',
        [
          { suffix: '_bucket', labels: { le: '1' }, value: 0 },
          { suffix: '_bucket', labels: { le: '+Inf' }, value: 0 },
          { suffix: '_sum', labels: {}, value: 0 },
          { suffix: '_count', labels: {}, value: 0 },
        ],
      ],
      ['coturn_secret_age_seconds', [{ value: 60 }]],
      ['coturn_secret_rotation_interval_seconds', [{ value: 600 }]],
    ]);
    counts.rejected.ttl = 3;
    expect((await collector.collect(signal))[1]?.samples[1]?.value).toBe(3);
  });

  test('shows no age of a secret that nobody knows the age of', async () => {
    const collector = credentialsCollector({
      counts: { issued: {}, rejected: {}, revoked: 0, duration: new Histogram([1]) },
      secretMadeAt: () => undefined,
      rotateEverySeconds: undefined,
      clock,
    });
    expect((await collector.collect(signal)).map(({ name }) => name)).not.toContain('coturn_secret_age_seconds');
  });
});
