import { GOOD, UP } from './meanings';
import type { DashboardPlan, Panel, Row } from './panel';
import { failures, perRelay, perSecond, quantile, RELAYS, sum } from './promql';

const now: Row = {
  title: 'Now',
  panels: [
    {
      kind: 'figure',
      title: 'Collectors that fail',
      description: 'Collectors that did not answer the last scrape; their metrics are missing, all others are there.',
      width: 4,
      unit: 'short',
      thresholds: [['green'], ['red', 1]],
      queries: [{ expr: `count(turnkeeper_collector_success{${RELAYS}} == 0) or vector(0)`, legend: 'failing' }],
    },
    {
      kind: 'figure',
      title: 'Data directory',
      description: 'Whether it takes usage records. Where it does not, they wait in memory.',
      width: 4,
      unit: 'short',
      meaning: GOOD,
      queries: [{ expr: `min(turnkeeper_usage_ledger_up{${RELAYS}})`, legend: 'data directory' }],
    },
    {
      kind: 'figure',
      title: 'Usage store',
      description:
        'Whether SQLite or PostgreSQL takes usage records. Where it does not, they wait in the data directory.',
      width: 4,
      unit: 'short',
      meaning: GOOD,
      queries: [{ expr: `min(turnkeeper_usage_store_up{${RELAYS}})`, legend: 'store' }],
    },
    {
      kind: 'figure',
      title: 'Records waiting',
      description: 'Usage records that are not in the store yet.',
      width: 4,
      unit: 'short',
      thresholds: [['green'], ['orange', 100], ['red', 10_000]],
      queries: [{ expr: sum('turnkeeper_usage_pending'), legend: 'waiting' }],
    },
    {
      kind: 'figure',
      title: 'Age of the secret',
      description:
        'Since the secret was made that credentials are signed with; credentials.rotateEvery renews it. Nothing where the configuration gives it.',
      width: 4,
      unit: 's',
      thresholds: [['green'], ['orange', 8 * 86_400], ['red', 30 * 86_400]],
      queries: [{ expr: `max(coturn_secret_age_seconds{${RELAYS}})`, legend: 'oldest' }],
    },
    {
      kind: 'figure',
      title: 'Agents',
      description: 'How many agents are of which version.',
      width: 4,
      unit: 'short',
      queries: [{ expr: `count by (version) (turnkeeper_build_info{${RELAYS}})`, legend: '{{version}}' }],
    },
  ],
};

const sources: Row = {
  title: 'Collectors and sources',
  panels: [
    {
      kind: 'timeline',
      title: 'Collectors',
      description: 'Whether each collector answered, in time and without an error.',
      width: 12,
      unit: 'short',
      meaning: GOOD,
      queries: [{ expr: `min by (collector) (turnkeeper_collector_success{${RELAYS}})`, legend: '{{collector}}' }],
    },
    {
      kind: 'graph',
      title: 'How long collectors take',
      description: 'What the slowest scrape waited for each. At 2 s one is given up.',
      width: 12,
      unit: 's',
      thresholds: [['green'], ['orange', 0.5], ['red', 2]],
      queries: [
        { expr: `max by (collector) (turnkeeper_collector_duration_seconds{${RELAYS}})`, legend: '{{collector}}' },
      ],
    },
    {
      kind: 'graph',
      title: 'Events',
      description:
        "Messages taken from each source, by kind. Silence while calls run: coturn's stats connection is broken.",
      width: 12,
      unit: 'ops',
      queries: [{ expr: `${perSecond('turnkeeper_events_total', 'source, kind')} > 0`, legend: '{{source}} {{kind}}' }],
    },
    {
      kind: 'graph',
      title: 'Events refused',
      description:
        'unknown_allocation is normal: coturn reports also clients that never got an allocation. wrong_password and malformed are somebody else at the door.',
      width: 12,
      unit: 'short',
      queries: [
        { expr: failures('turnkeeper_events_rejected_total', 'source, reason'), legend: '{{source}} {{reason}}' },
      ],
    },
    {
      kind: 'graph',
      title: "coturn's log",
      description: 'Lines read, and those not looked at: a client may have written them, or they are too long.',
      width: 12,
      unit: 'ops',
      queries: [
        { expr: perSecond('turnkeeper_log_lines_total', 'instance'), legend: 'read, {{instance}}' },
        { expr: perSecond('turnkeeper_log_lines_ignored_total', 'instance'), legend: 'ignored, {{instance}}' },
      ],
    },
    {
      kind: 'graph',
      title: 'Heartbeat of the stats connection',
      description: 'Since the last one. coturn up to 4.6.1 sends one every 5 s; later ones send none.',
      width: 12,
      unit: 's',
      thresholds: [['green'], ['orange', 15], ['red', 30]],
      queries: [
        {
          expr: `time() - max by (instance) (coturn_last_heartbeat_timestamp_seconds{${RELAYS}})`,
          legend: '{{instance}}',
        },
      ],
    },
  ],
};

const ledger: Row = {
  title: 'Usage records',
  panels: [
    {
      kind: 'graph',
      title: 'Records written',
      description:
        'exact: coturn told the totals; recovered: the agent was away; estimated: coturn died, up to 4095 packets an allocation are missing.',
      width: 8,
      unit: 'ops',
      stacked: true,
      queries: [{ expr: perSecond('turnkeeper_usage_records_total', 'settled'), legend: '{{settled}}' }],
    },
    {
      kind: 'graph',
      title: 'Records waiting, and lost',
      description:
        'Waiting ones are on disk, or in memory where the data directory takes none. Lost: too many waited in memory.',
      width: 8,
      unit: 'short',
      queries: [
        { expr: perRelay('turnkeeper_usage_pending'), legend: 'waiting, {{instance}}' },
        { expr: perRelay('turnkeeper_usage_dropped_total'), legend: 'lost, {{instance}}' },
      ],
    },
    {
      kind: 'graph',
      title: 'Recovered from the log',
      description: "Allocations whose end only coturn's log told, and what of it was not believed.",
      width: 8,
      unit: 'short',
      queries: [
        { expr: perRelay('turnkeeper_usage_recovered_allocations_total'), legend: 'recovered, {{instance}}' },
        { expr: `sum by (reason) (turnkeeper_usage_left_out_total{${RELAYS}})`, legend: 'left out, {{reason}}' },
      ],
    },
  ],
};

const credentials: Row = {
  title: 'Credentials',
  panels: [
    {
      kind: 'graph',
      title: 'Issued',
      description: 'TURN credentials handed out, by mode.',
      width: 8,
      unit: 'ops',
      queries: [{ expr: perSecond('coturn_credentials_issued_total', 'mode'), legend: '{{mode}}' }],
    },
    {
      kind: 'graph',
      title: 'Refused, and revoked',
      description:
        'user, ttl, label: what was asked for; request: it made no sense; forbidden: no key; blocked: revoked before; limit; unavailable.',
      width: 8,
      unit: 'short',
      queries: [
        { expr: failures('coturn_credentials_rejected_total', 'reason'), legend: '{{reason}}' },
        {
          expr: `sum(increase(coturn_credentials_revocations_total{${RELAYS}}[$__rate_interval]))`,
          legend: 'users revoked',
        },
      ],
    },
    {
      kind: 'graph',
      title: 'Time to answer',
      description: 'How long a request for a credential took.',
      width: 8,
      unit: 's',
      queries: [
        { expr: quantile(0.5, 'coturn_credentials_duration_seconds', []), legend: 'median' },
        { expr: quantile(0.99, 'coturn_credentials_duration_seconds', []), legend: '99th percentile' },
      ],
    },
  ],
};

function redisPanel(
  title: string,
  description: string,
  unit: string,
  metrics: Readonly<Record<string, string>>,
): Panel {
  const queries = Object.entries(metrics).map(([expr, legend]) => ({ expr, legend: `${legend}{{instance}}` }));
  return { kind: 'graph', title, description, width: 6, unit, queries };
}

const others: Row = {
  title: 'ZooKeeper, Redis, RabbitMQ',
  panels: [
    {
      kind: 'timeline',
      title: 'Connections',
      description:
        'Whether ZooKeeper, Redis and licode over RabbitMQ are there. Only those that are configured have a line.',
      width: 12,
      unit: 'short',
      meaning: UP,
      queries: [
        { expr: `min by (instance) (coturn_registry_connected{${RELAYS}})`, legend: 'ZooKeeper, {{instance}}' },
        { expr: `min by (instance) (coturn_redis_up{${RELAYS}})`, legend: 'Redis, {{instance}}' },
        { expr: `min by (instance) (turnkeeper_licode_up{${RELAYS}})`, legend: 'licode, {{instance}}' },
      ],
    },
    {
      kind: 'graph',
      title: 'Registry',
      description:
        'How long ago the relay was written to the registry (10 s at most while all is well), and how often its session expired.',
      width: 12,
      unit: 'short',
      queries: [
        {
          expr: `time() - max by (instance) (coturn_registry_last_update_timestamp_seconds{${RELAYS}} > 0)`,
          legend: 'seconds since written, {{instance}}',
        },
        { expr: perRelay('coturn_registry_sessions_expired_total'), legend: 'sessions expired, {{instance}}' },
      ],
    },
    redisPanel(
      'Redis unheard',
      'Times that what coturn published was not heard, and how long; they are settled from its keys.',
      'short',
      {
        [perRelay('coturn_redis_gaps_total')]: 'times, ',
        [perRelay('coturn_redis_gap_seconds_total')]: 'seconds, ',
      },
    ),
    redisPanel('Redis ping', 'How long Redis took to answer, at each scrape.', 's', {
      [perRelay('coturn_redis_ping_seconds')]: '',
    }),
    redisPanel(
      'Redis buffer',
      'What the slowest subscriber has yet to read; at client-output-buffer-limit pubsub Redis cuts it off.',
      'bytes',
      {
        [perRelay('coturn_redis_subscriber_buffer_bytes')]: '',
      },
    ),
    redisPanel('Redis memory', 'Memory that Redis uses; when it is full the status keys may go.', 'bytes', {
      [perRelay('coturn_redis_memory_used_bytes')]: '',
    }),
  ],
};

const process: Row = {
  title: "The agent's process",
  panels: [
    {
      kind: 'graph',
      title: 'CPU',
      description: 'CPUs that the agent keeps busy.',
      width: 6,
      unit: 'short',
      queries: [{ expr: perSecond('process_cpu_seconds_total', 'instance'), legend: '{{instance}}' }],
    },
    {
      kind: 'graph',
      title: 'Memory',
      description: 'Resident memory, and what of it is the heap of Node.js.',
      width: 6,
      unit: 'bytes',
      queries: [
        { expr: perRelay('process_resident_memory_bytes'), legend: 'resident, {{instance}}' },
        { expr: perRelay('nodejs_heap_size_used_bytes'), legend: 'heap, {{instance}}' },
      ],
    },
    {
      kind: 'graph',
      title: 'Event loop',
      description: 'How late the event loop is, one time in a hundred. 10 ms are the resolution of the measure.',
      width: 6,
      unit: 's',
      thresholds: [['green'], ['orange', 0.1], ['red', 1]],
      queries: [{ expr: `max by (instance) (nodejs_eventloop_lag_p99_seconds{${RELAYS}})`, legend: '{{instance}}' }],
    },
    {
      kind: 'graph',
      title: 'Garbage collection',
      description: 'Part of the time that it takes, by kind.',
      width: 6,
      unit: 'percentunit',
      queries: [{ expr: perSecond('nodejs_gc_duration_seconds_sum', 'kind'), legend: '{{kind}}' }],
    },
  ],
};

/** The agents themselves. */
export const agent: DashboardPlan = {
  uid: 'turnkeeper-agent',
  title: 'turnkeeper / Agent',
  description: 'Whether the agents hear, count and keep all that they should.',
  of: 'many',
  rows: [now, sources, ledger, credentials, others, process],
};
