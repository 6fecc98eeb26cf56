import type { Clock } from '../lib/clock';
import type { Histogram } from '../turn/histogram';
import { byLabel, histogramSamples, single, type Collector, type MetricFamily } from './collector';

export interface CredentialsCollectorOptions {
  /** Read at each scrape; all modes and reasons are there from the start, at 0. */
  readonly counts: {
    readonly issued: Readonly<Record<string, number>>;
    readonly rejected: Readonly<Record<string, number>>;
    readonly revoked: number;
    readonly duration: Histogram;
  };
  /** When the secret was made, milliseconds since the Unix epoch; undefined for one from the configuration. */
  readonly secretMadeAt: () => number | undefined | Promise<number | undefined>;
  /** How often there is to be a new one; undefined where there never is. */
  readonly rotateEverySeconds: number | undefined;
  readonly clock: Clock;
}

/** The credentials that this agent handed out and refused, and how old the secret is that they are made with. */
export function credentialsCollector(options: CredentialsCollectorOptions): Collector {
  const { counts, secretMadeAt, rotateEverySeconds, clock } = options;
  return {
    name: 'credentials',
    async collect() {
      const madeAt = await secretMadeAt();
      return [
        byLabel('counter', 'coturn_credentials_issued_total', 'TURN credentials handed out.', 'mode', counts.issued),
        byLabel(
          'counter',
          'coturn_credentials_rejected_total',
          'Requests for a TURN credential refused, for: user, ttl or label (what was asked for), request (it made no sense), forbidden (no key), blocked (revoked), limit, unavailable.',
          'reason',
          counts.rejected,
        ),
        single(
          'counter',
          'coturn_credentials_revocations_total',
          'Users whose credentials were revoked.',
          counts.revoked,
        ),
        {
          name: 'coturn_credentials_duration_seconds',
          help: 'How long it took to answer a request for a TURN credential, in seconds.',
          type: 'histogram',
          samples: histogramSamples(counts.duration),
        },
        ...(madeAt === undefined ? [] : [secretAge((clock.now() - madeAt) / 1000)]),
        ...(rotateEverySeconds === undefined ? [] : [rotationInterval(rotateEverySeconds)]),
      ];
    },
  };
}

function secretAge(seconds: number): MetricFamily {
  return single(
    'gauge',
    'coturn_secret_age_seconds',
    'Seconds since the secret was made that credentials are signed with.',
    Math.max(0, seconds),
  );
}

function rotationInterval(seconds: number): MetricFamily {
  return single(
    'gauge',
    'coturn_secret_rotation_interval_seconds',
    'A new secret is due so often, in seconds.',
    seconds,
  );
}
