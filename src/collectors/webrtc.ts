import type { ReportCounts } from '../reports/report-counts';
import { LAYERS, type FailureSource, type Layer } from '../webrtc/layers';
import { byLabel, histogramSamples, single, type Collector, type MetricFamily } from './collector';

export interface WebRtcCollectorOptions {
  /** Those that are there: each has its series from the start. */
  readonly failures: readonly FailureSource[];
  readonly reports: ReportCounts;
}

const FAILURES: Record<Layer, string> = {
  ice: 'ICE connections that failed',
  dtls: 'DTLS connections of WebRTC transports that failed',
  sctp: 'SCTP associations of WebRTC transports that failed',
};

/** Whether calls worked, end to end, as media servers and clients tell it. */
export function webrtcCollector({ failures, reports }: WebRtcCollectorOptions): Collector {
  return {
    name: 'webrtc',
    collect: () => [
      ...LAYERS.flatMap((layer) => failuresOf(layer, failures)),
      connections(reports),
      candidatePairs(reports),
      ...measures(reports),
      ...requests(reports),
    ],
  };
}

function failuresOf(layer: Layer, sources: readonly FailureSource[]): MetricFamily[] {
  const name = `coturn_webrtc_${layer}_failures`;
  const samples = (valueOf: (source: FailureSource) => number) =>
    sources.map((source) => ({ labels: { source: source.source }, value: valueOf(source) }));
  return [
    {
      name,
      help: `${FAILURES[layer]} in the last whole interval of the source.`,
      type: 'gauge',
      samples: samples(({ recent }) => recent[layer]),
    },
    {
      name: `${name}_total`,
      help: `${FAILURES[layer]}, as the source tells it: licode over RabbitMQ, report from clients and media servers.`,
      type: 'counter',
      samples: samples(({ total }) => total[layer]),
    },
  ];
}

function connections({ connections: counts }: ReportCounts): MetricFamily {
  return {
    name: 'coturn_webrtc_connections_total',
    help: 'What was reported of connections, by layer and outcome. relayed: yes, coturn had told of peer traffic in a session of the user; no, not yet (it tells each 4096 packets and at the close); unknown, no session under way has that user.',
    type: 'counter',
    samples: Object.entries(counts).flatMap(([layer, outcomes]) =>
      Object.entries(outcomes).flatMap(([outcome, values]) =>
        Object.entries(values).map(([relayed, value]) => ({ labels: { layer, outcome, relayed }, value })),
      ),
    ),
  };
}

function candidatePairs({ candidatePairs: counts }: ReportCounts): MetricFamily {
  return {
    name: 'coturn_webrtc_candidate_pairs_total',
    help: 'ICE connections reported as connected, by the candidate types of the selected pair. relay: by whatever TURN server.',
    type: 'counter',
    samples: Object.entries(counts).flatMap(([local, remotes]) =>
      Object.entries(remotes).map(([remote, value]) => ({ labels: { local, remote }, value })),
    ),
  };
}

function measures({ roundTripSeconds, scores }: ReportCounts): MetricFamily[] {
  return [
    {
      name: 'coturn_webrtc_round_trip_time_seconds',
      help: 'Round-trip time of the selected pair when ICE was reported as connected, in seconds. path: relay where a relay stands at either end.',
      type: 'histogram',
      samples: Object.entries(roundTripSeconds).flatMap(([path, values]) => histogramSamples(values, { path })),
    },
    {
      name: 'coturn_webrtc_score',
      help: "Scores of streams that media servers reported, 0 to 10 (mediasoup's measure): producer, what it receives; consumer, what it sends.",
      type: 'histogram',
      samples: Object.entries(scores).flatMap(([of, values]) => histogramSamples(values, { of })),
    },
  ];
}

function requests({ taken, repeated, refused }: ReportCounts): MetricFamily[] {
  return [
    single('counter', 'coturn_webrtc_reports_total', 'Reports that were taken.', taken),
    single(
      'counter',
      'coturn_webrtc_reports_repeated_total',
      'Reports that were taken and not counted, since they say again what their connection had reported before.',
      repeated,
    ),
    byLabel(
      'counter',
      'coturn_webrtc_reports_rejected_total',
      'Requests with reports that were refused, for: request (it made no sense), forbidden (no key), limit.',
      'reason',
      refused,
    ),
  ];
}
