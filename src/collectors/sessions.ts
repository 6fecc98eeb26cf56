import type { Histogram } from '../turn/histogram';
import type { RealmTotals, RunningTotals } from '../turn/running-totals';
import { histogramSamples, type Collector, type MetricFamily } from './collector';

/** Sessions and users, by realm. */
export function sessionsCollector({ realms }: Pick<RunningTotals, 'realms'>): Collector {
  return { name: 'sessions', collect: () => [...counts(realms), ...histograms(realms)] };
}

function counts(realms: readonly RealmTotals[]): MetricFamily[] {
  const open = "Sessions that are open now. A session is a user's allocations that belong together.";
  return [
    byRealm('gauge', 'coturn_sessions', open, realms, (realm) => realm.sessions),
    byRealm('gauge', 'coturn_users', 'Users that have an open allocation now.', realms, (realm) => realm.users),
    byRealm(
      'counter',
      'coturn_sessions_closed_total',
      'Sessions that have ended.',
      realms,
      (realm) => realm.sessionsClosed,
    ),
  ];
}

function histograms(realms: readonly RealmTotals[]): MetricFamily[] {
  const lasted = 'How long ended sessions lasted, in seconds: from the first allocation to the last traffic or close.';
  const relayed = 'Bytes that ended sessions relayed, to and from peers together.';
  return [
    histogram('coturn_session_duration_seconds', lasted, realms, (realm) => realm.sessionSeconds),
    histogram('coturn_session_relayed_bytes', relayed, realms, (realm) => realm.sessionBytes),
    histogram(
      'coturn_allocation_duration_seconds',
      'How long closed allocations lasted, in seconds.',
      realms,
      (realm) => realm.allocationSeconds,
    ),
  ];
}

function byRealm(
  type: 'counter' | 'gauge',
  name: string,
  help: string,
  realms: readonly RealmTotals[],
  value: (realm: RealmTotals) => number,
): MetricFamily {
  return {
    name,
    help,
    type,
    samples: realms.map((realm) => ({ labels: { realm: realm.realm }, value: value(realm) })),
  };
}

function histogram(
  name: string,
  help: string,
  realms: readonly RealmTotals[],
  of: (realm: RealmTotals) => Histogram,
): MetricFamily {
  return {
    name,
    help,
    type: 'histogram',
    samples: realms.flatMap((realm) => histogramSamples(of(realm), { realm: realm.realm })),
  };
}
