import type { DashboardPlan, Panel, Row } from './panel';
import { buckets, failures, perSecond, quantile, RELAYS, share, unansweredShare } from './promql';

const LAYERS = ['ice', 'dtls', 'sctp'] as const;

const outcomes = (layer: string, more: string): string =>
  `sum(rate(coturn_webrtc_connections_total{${RELAYS},layer="${layer}"${more}}[$__rate_interval]))`;

const failed: Row = {
  title: 'Failures',
  panels: [
    ...LAYERS.map((layer): Panel => ({
      kind: 'figure',
      title: `${layer.toUpperCase()} failures`,
      description: `${layer.toUpperCase()} connections that failed in the last whole interval of the source: licode over RabbitMQ, report from clients and media servers.`,
      width: 4,
      unit: 'short',
      thresholds: [['green'], ['orange', 1], ['red', 10]],
      queries: [{ expr: `sum by (source) (coturn_webrtc_${layer}_failures{${RELAYS}})`, legend: '{{source}}' }],
    })),
    {
      kind: 'graph',
      title: 'Part of the connections that failed',
      description:
        'Of those that came to an end: failed, or connected. Only what was reported; who reports nothing is not counted.',
      width: 12,
      unit: 'percentunit',
      max: 1,
      thresholds: [['green'], ['orange', 0.05], ['red', 0.2]],
      queries: LAYERS.map((layer) => ({
        expr: share(outcomes(layer, ',outcome="failed"'), outcomes(layer, ',outcome=~"failed|connected"')),
        legend: layer.toUpperCase(),
      })),
    },
    ...LAYERS.map((layer): Panel => ({
      kind: 'graph',
      title: `${layer.toUpperCase()} failures, by source`,
      description: `How many ${layer.toUpperCase()} connections failed, as each source counted them. ICE also fails without this relay being at fault.`,
      width: 8,
      unit: 'short',
      queries: [
        {
          expr: `sum by (source) (increase(coturn_webrtc_${layer}_failures_total{${RELAYS}}[$__rate_interval]))`,
          legend: '{{source}}',
        },
      ],
    })),
  ],
};

const paths: Row = {
  title: 'Paths',
  panels: [
    {
      kind: 'graph',
      title: 'ICE, by outcome',
      description:
        'relayed: yes where coturn had told of peer traffic in a session of the user; no is not never, coturn tells every 4096 packets and at the close.',
      width: 8,
      unit: 'ops',
      queries: [
        {
          expr: `sum by (outcome, relayed) (rate(coturn_webrtc_connections_total{${RELAYS},layer="ice"}[$__rate_interval])) > 0`,
          legend: '{{outcome}}, relayed {{relayed}}',
        },
      ],
    },
    {
      kind: 'graph',
      title: 'Selected candidate pairs',
      description: 'Which kinds of path calls found. relay: through a TURN server, this one or another.',
      width: 8,
      unit: 'short',
      stacked: true,
      queries: [
        { expr: failures('coturn_webrtc_candidate_pairs_total', 'local, remote'), legend: '{{local}} to {{remote}}' },
      ],
    },
    {
      kind: 'graph',
      title: 'Unanswered on the relay',
      description:
        'Part of the used allocations that sent to a peer and never heard back: what the relay itself sees of failed ICE.',
      width: 8,
      unit: 'percentunit',
      max: 1,
      thresholds: [['green'], ['orange', 0.1], ['red', 0.3]],
      queries: [{ expr: unansweredShare(), legend: '{{instance}}' }],
    },
    {
      kind: 'heat map',
      title: 'Round-trip time of relayed calls',
      description: 'Of the selected pair at the moment it connected, end to end, where a relay stands at either end.',
      width: 12,
      unit: 's',
      queries: [{ expr: buckets('coturn_webrtc_round_trip_time_seconds', `${RELAYS},path="relay"`), legend: '{{le}}' }],
    },
    {
      kind: 'graph',
      title: 'Round-trip time, by path',
      description: 'Median and 95th percentile of the selected pair at the moment it connected, end to end.',
      width: 12,
      unit: 's',
      queries: [
        { expr: quantile(0.5, 'coturn_webrtc_round_trip_time_seconds', ['path']), legend: 'median, {{path}}' },
        { expr: quantile(0.95, 'coturn_webrtc_round_trip_time_seconds', ['path']), legend: '95th, {{path}}' },
      ],
    },
  ],
};

const score = `sum by (of) (rate(coturn_webrtc_score_sum{${RELAYS}}[$__rate_interval]))`;
const scores = `sum by (of) (rate(coturn_webrtc_score_count{${RELAYS}}[$__rate_interval]))`;

const reports: Row = {
  title: 'Reports',
  panels: [
    {
      kind: 'graph',
      title: 'Scores',
      description:
        "mediasoup's measure of packet loss, 0 to 10, on average. producer: what it receives; consumer: what it sends.",
      width: 8,
      unit: 'short',
      max: 10,
      thresholds: [['red'], ['orange', 6], ['green', 8]],
      queries: [{ expr: share(score, scores), legend: '{{of}}' }],
    },
    {
      kind: 'graph',
      title: 'Reports',
      description: 'Reports that were taken, and those among them that said nothing new.',
      width: 8,
      unit: 'ops',
      queries: [
        { expr: perSecond('coturn_webrtc_reports_total', 'instance'), legend: 'taken, {{instance}}' },
        { expr: perSecond('coturn_webrtc_reports_repeated_total', 'instance'), legend: 'repeated, {{instance}}' },
      ],
    },
    {
      kind: 'graph',
      title: 'Refused',
      description:
        'Requests with reports that were refused. request: it made no sense; forbidden: no key; limit: too many.',
      width: 8,
      unit: 'short',
      queries: [{ expr: failures('coturn_webrtc_reports_rejected_total', 'reason'), legend: '{{reason}}' }],
    },
  ],
};

/** What licode's and mediasoup-signal's own exporters showed, under their names. */
function original(title: string, description: string, names: Readonly<Record<string, string>>): Panel {
  const queries = Object.entries(names).map(([name, legend]) => ({
    expr: `max(\${prefix}${name}{${RELAYS}})`,
    legend,
  }));
  return { kind: 'graph', title, description, width: 8, unit: 'short', queries };
}

const rov: Row = {
  title: 'licode and mediasoup, over RabbitMQ',
  panels: [
    original('Rooms and clients', 'What is open in all controllers. The prefix of the names is a variable above.', {
      active_rooms: 'rooms',
      active_clients: 'clients',
    }),
    original('Streams', 'Publishers and subscribers of all agents.', {
      total_publishers: 'publishers',
      total_subscribers: 'subscribers',
    }),
    original('Workers', 'mediasoup workers, or erizoJS processes, of all agents.', {
      active_erizojs_processes: 'workers',
    }),
    original(
      'Failures since asked before',
      'Connections that failed, as the media servers count them. They are asked every licode.interval.',
      {
        total_ice_connections_failed: 'ICE',
        total_dtls_connections_failed: 'DTLS',
        total_sctp_connections_failed: 'SCTP',
      },
    ),
    original(
      'Scores and cost of a call',
      'Scores 0 to 10 of what clients send and get, and the milliseconds that a call from a controller to an agent took. mediasoup-signal alone tells them.',
      {
        produce_score: 'what clients send',
        consume_score: 'what clients get',
        rpcCost: 'call, ms',
      },
    ),
    {
      kind: 'graph',
      title: 'Components that answer',
      description: 'Controllers, agents and processes, by whether they answered every question of the last gathering.',
      width: 8,
      unit: 'short',
      queries: [
        { expr: `sum by (kind, state) (turnkeeper_licode_components{${RELAYS}})`, legend: '{{kind}} {{state}}' },
      ],
    },
  ],
};

/** Whether calls work. */
export const quality: DashboardPlan = {
  uid: 'turnkeeper-quality',
  title: 'turnkeeper / Quality',
  description:
    'Whether calls work: ICE, DTLS and SCTP as clients and media servers tell it, and what the relay itself sees.',
  of: 'many',
  hasPrefix: true,
  rows: [failed, paths, reports, rov],
};
