import { UP } from './meanings';
import type { DashboardPlan, Panel, Row } from './panel';
import { buckets, failures, perSecond, quantile, REALMS, RELAYS, share, sum, unansweredShare } from './promql';

const UPTIME = `time() - max(coturn_start_time_seconds{${RELAYS}})`;

const state: Row = {
  title: 'Now',
  panels: [
    {
      kind: 'figure',
      title: 'coturn',
      description: 'Whether coturn answers STUN Binding requests.',
      width: 3,
      unit: 'short',
      meaning: UP,
      queries: [{ expr: `min(coturn_up{${RELAYS}})`, legend: 'coturn' }],
    },
    {
      kind: 'figure',
      title: 'Up for',
      description: 'Since coturn was started, or first seen where somebody else runs it.',
      width: 3,
      unit: 's',
      thresholds: [['orange'], ['green', 300]],
      queries: [{ expr: UPTIME, legend: 'up for' }],
    },
    {
      kind: 'figure',
      title: 'Crashes, 24 h',
      description: 'Times that coturn was started again after it had ended by itself, was killed, or hung.',
      width: 3,
      unit: 'short',
      decimals: 0,
      thresholds: [['green'], ['orange', 0.5], ['red', 2.5]],
      queries: [
        {
          expr: `sum(increase(coturn_restarts_total{${RELAYS},reason!="requested"}[1d]))`,
          legend: 'crashes',
        },
      ],
    },
    {
      kind: 'figure',
      title: 'Starts tried in vain',
      description: 'Since coturn was last healthy, while it is down. More than 2 is a crash loop.',
      width: 3,
      unit: 'short',
      thresholds: [['green'], ['orange', 1], ['red', 3]],
      queries: [{ expr: sum('coturn_failed_starts'), legend: 'failed starts' }],
    },
    {
      kind: 'figure',
      title: 'Draining',
      description: 'Whether coturn takes no new allocations until those open are gone.',
      width: 3,
      unit: 'short',
      meaning: { 0: { text: 'no', color: 'green' }, 1: { text: 'draining', color: 'blue' } },
      queries: [{ expr: `max(coturn_draining{${RELAYS}})`, legend: 'draining' }],
    },
    {
      kind: 'figure',
      title: 'Sessions',
      description: 'Sessions open now, and the users that have them.',
      width: 3,
      unit: 'short',
      queries: [
        { expr: sum('coturn_sessions', REALMS), legend: 'sessions' },
        { expr: sum('coturn_users', REALMS), legend: 'users' },
      ],
    },
    {
      kind: 'figure',
      title: 'Allocations',
      description: 'Allocations open now. A WebRTC call makes several and uses few.',
      width: 3,
      unit: 'short',
      queries: [{ expr: sum('coturn_allocations', REALMS), legend: 'allocations' }],
    },
    {
      kind: 'figure',
      title: 'Free',
      description: 'Free capacity of the network device with the least, as the registry publishes it.',
      width: 3,
      unit: 'Mbits',
      thresholds: [['red'], ['orange', 50], ['green', 150]],
      queries: [{ expr: `min(coturn_network_free_mbps{${RELAYS}})`, legend: 'free' }],
    },
  ],
};

/** Received above the axis, sent below. */
function leg(name: 'client' | 'peer', what: 'bytes' | 'packets'): Panel {
  const [factor, unit] = what === 'bytes' ? ['8 * ', 'bps'] : ['', 'pps'];
  const rate = (direction: string): string =>
    perSecond(`coturn_relay_${name}_${direction}_${what}_total`, 'transport', REALMS);
  return {
    kind: 'graph',
    title: `${name === 'client' ? 'Client leg' : 'Peer leg'}, ${what}`,
    description: `Received from ${name}s, and sent to them below the axis, by the transport between client and relay. coturn tells it every 4096 packets of an allocation and when it closes, so that it comes in steps.`,
    width: 12,
    unit,
    queries: [
      { expr: `${factor}${rate('received')}`, legend: 'received, {{transport}}' },
      { expr: `-${factor || '1 * '}${rate('sent')}`, legend: 'sent, {{transport}}' },
    ],
  };
}

const traffic: Row = {
  title: 'Relayed traffic',
  panels: [leg('client', 'bytes'), leg('peer', 'bytes'), leg('client', 'packets'), leg('peer', 'packets')],
};

const closed = perSecond('coturn_allocations_closed_total', 'instance', REALMS);
const unused = perSecond('coturn_allocations_unused_total', 'instance', REALMS);

const allocations: Row = {
  title: 'Allocations',
  panels: [
    {
      kind: 'graph',
      title: 'Open, by transport',
      description: 'Allocations that are open, by the transport between client and relay.',
      width: 8,
      unit: 'short',
      stacked: true,
      queries: [{ expr: `sum by (transport) (coturn_allocations{${REALMS}})`, legend: '{{transport}}' }],
    },
    {
      kind: 'graph',
      title: 'Granted, refreshed',
      description: 'Allocations and refreshes that coturn granted, a second.',
      width: 8,
      unit: 'ops',
      queries: [
        { expr: perSecond('coturn_allocations_created_total', 'transport', REALMS), legend: 'granted, {{transport}}' },
        {
          expr: perSecond('coturn_allocations_refreshed_total', 'transport', REALMS),
          legend: 'refreshed, {{transport}}',
        },
      ],
    },
    {
      kind: 'graph',
      title: 'Closed, by reason',
      description:
        'client: gave it back; expired: went without a Refresh; closed: the connection went away; forced: by an operator; lost: coturn died; superseded, stale: never heard of again.',
      width: 8,
      unit: 'ops',
      stacked: true,
      queries: [
        { expr: `${perSecond('coturn_allocations_closed_total', 'reason', REALMS)} > 0`, legend: '{{reason}}' },
      ],
    },
    {
      kind: 'graph',
      title: 'Unanswered and unused',
      description:
        'Unused: part of the closed allocations that saw no packet to or from a peer; most of a call are. Unanswered: part of all others that sent to a peer and never heard back, so that ICE failed on the relay. A rise of it is a firewall, or a wrong external address.',
      width: 8,
      unit: 'percentunit',
      max: 1,
      queries: [
        { expr: unansweredShare(), legend: 'unanswered' },
        { expr: share(unused, closed), legend: 'unused' },
      ],
    },
    {
      kind: 'heat map',
      title: 'How long allocations lasted',
      description: 'Closed allocations by their duration.',
      width: 8,
      unit: 's',
      queries: [{ expr: buckets('coturn_allocation_duration_seconds', REALMS), legend: '{{le}}' }],
    },
    {
      kind: 'graph',
      title: 'Relay ports',
      description:
        'Ports that coturn holds for allocations, and how many it can hold. At the limit allocations fail with error 508.',
      width: 8,
      unit: 'short',
      queries: [
        { expr: sum('coturn_relay_ports_used'), legend: 'used' },
        { expr: sum('coturn_relay_ports_limit'), legend: 'limit' },
      ],
    },
  ],
};

const sessions: Row = {
  title: 'Sessions',
  panels: [
    {
      kind: 'heat map',
      title: 'How long sessions lasted',
      description: 'Ended sessions by their duration.',
      width: 8,
      unit: 's',
      queries: [{ expr: buckets('coturn_session_duration_seconds', REALMS), legend: '{{le}}' }],
    },
    {
      kind: 'heat map',
      title: 'How much sessions relayed',
      description: 'Ended sessions by the bytes that they relayed, to and from peers together.',
      width: 8,
      unit: 'decbytes',
      queries: [{ expr: buckets('coturn_session_relayed_bytes', REALMS), legend: '{{le}}' }],
    },
    {
      kind: 'graph',
      title: 'Duration of sessions',
      description:
        'Half of the ended sessions were shorter than the median, one in twenty longer than the 95th percentile.',
      width: 8,
      unit: 's',
      queries: [
        { expr: quantile(0.5, 'coturn_session_duration_seconds', [], REALMS), legend: 'median' },
        { expr: quantile(0.95, 'coturn_session_duration_seconds', [], REALMS), legend: '95th percentile' },
      ],
    },
    {
      kind: 'graph',
      title: 'Sessions open',
      description: 'Sessions that are open, by realm.',
      width: 12,
      unit: 'short',
      stacked: true,
      queries: [{ expr: `sum by (realm) (coturn_sessions{${REALMS}})`, legend: '{{realm}}' }],
    },
    {
      kind: 'graph',
      title: 'Sessions ended',
      description: 'Sessions that ended, a second, by realm.',
      width: 12,
      unit: 'ops',
      queries: [{ expr: perSecond('coturn_sessions_closed_total', 'realm', REALMS), legend: '{{realm}}' }],
    },
  ],
};

const errors: Row = {
  title: 'Errors',
  panels: [
    {
      kind: 'graph',
      title: 'STUN errors',
      description:
        'Error answers to requests with a user name. 403: a peer that is not allowed; 437: no such allocation; 438: an old nonce, normal now and then; 486: over quota; 508: no port left. Kinds that did not happen draw no line.',
      width: 12,
      unit: 'short',
      queries: [{ expr: failures('coturn_stun_errors_total', 'method, code'), legend: '{{method}} {{code}}' }],
    },
    {
      kind: 'graph',
      title: 'Authentication failures',
      description:
        'unknown: no such user, and with REST credentials also a wrong password; incorrect: wrong password; expired: REST credential past its time; malformed: no user name at all. The first 401 of every allocation is none.',
      width: 6,
      unit: 'short',
      queries: [{ expr: failures('coturn_auth_failures_total', 'reason'), legend: '{{reason}}' }],
    },
    {
      kind: 'graph',
      title: 'Handshake failures',
      description:
        'TLS and DTLS handshakes with the relay itself that failed: scanners, old clients, a certificate that they refuse.',
      width: 6,
      unit: 'short',
      queries: [{ expr: failures('coturn_handshake_failures_total', 'protocol'), legend: '{{protocol}}' }],
    },
    {
      kind: 'graph',
      title: "Datagrams at coturn's listeners",
      description:
        "From coturn's own page, which Debian's coturn has not. Dropped: neither STUN nor TURN nor DTLS, so scanners and floods.",
      width: 12,
      unit: 'pps',
      queries: [
        { expr: perSecond('coturn_packets_processed_total', 'instance'), legend: 'processed' },
        { expr: perSecond('coturn_packets_dropped_total', 'instance'), legend: 'dropped' },
      ],
    },
    {
      kind: 'graph',
      title: 'Requests without credentials',
      description:
        "Errors 401 over UDP, from coturn's own page, which Debian's coturn has not. The first answer to every allocation is one: only a rate far above that of new allocations says something.",
      width: 12,
      unit: 'reqps',
      queries: [
        { expr: perSecond('coturn_unauthorized_responses_total', 'instance'), legend: 'answered' },
        { expr: perSecond('coturn_unauthorized_responses_suppressed_total', 'instance'), legend: 'kept back' },
      ],
    },
  ],
};

const rate = (metric: string): string => perSecond(metric, 'device');
const packets = (what: string): string => rate(`coturn_network_${what}_total`);

const network: Row = {
  title: 'Network and kernel',
  panels: [
    {
      kind: 'graph',
      title: 'Network devices',
      description:
        'Received, and transmitted below the axis, as the kernel counts them; with what the device can carry in each direction.',
      width: 12,
      unit: 'bps',
      queries: [
        { expr: `8 * ${packets('receive_bytes')}`, legend: 'received, {{device}}' },
        { expr: `-8 * ${packets('transmit_bytes')}`, legend: 'transmitted, {{device}}' },
        {
          expr: `8 * max by (device) (coturn_network_capacity_bytes_per_second{${RELAYS}})`,
          legend: 'capacity, {{device}}',
        },
      ],
    },
    {
      kind: 'graph',
      title: 'Drops and errors of the devices',
      description: 'Packets that the card or its driver lost, and those that were broken.',
      width: 12,
      unit: 'pps',
      queries: ['receive_drops', 'transmit_drops', 'receive_errors', 'transmit_errors'].map((what) => ({
        expr: packets(what),
        legend: `${what.replace('_', ' ')}, {{device}}`,
      })),
    },
    {
      kind: 'graph',
      title: 'UDP buffer errors',
      description:
        'Datagrams that the kernel dropped because a socket was full: coturn did not read in time, or net.core.rmem_max is small.',
      width: 12,
      unit: 'pps',
      thresholds: [['green'], ['red', 1]],
      queries: [
        { expr: perSecond('coturn_udp_receive_buffer_errors_total', 'instance'), legend: 'receive' },
        { expr: perSecond('coturn_udp_send_buffer_errors_total', 'instance'), legend: 'send' },
      ],
    },
    {
      kind: 'graph',
      title: 'Backlog of the CPUs',
      description:
        'Dropped: the backlog of a CPU was full (net.core.netdev_max_backlog). Squeezed: a CPU spent its budget with packets left, normal now and then. Of the whole machine.',
      width: 12,
      unit: 'ops',
      queries: [
        { expr: perSecond('coturn_network_softnet_drops_total', 'instance'), legend: 'dropped' },
        { expr: perSecond('coturn_network_softnet_squeezes_total', 'instance'), legend: 'squeezed' },
      ],
    },
  ],
};

const process: Row = {
  title: "coturn's process",
  panels: [
    {
      kind: 'graph',
      title: 'CPU',
      description: 'CPUs that coturn keeps busy.',
      width: 6,
      unit: 'short',
      queries: [{ expr: perSecond('coturn_process_cpu_seconds_total', 'instance'), legend: 'CPUs' }],
    },
    {
      kind: 'graph',
      title: 'Memory',
      description: "Resident memory of coturn's process.",
      width: 6,
      unit: 'bytes',
      queries: [{ expr: sum('coturn_process_resident_memory_bytes'), legend: 'resident' }],
    },
    {
      kind: 'graph',
      title: 'Open files',
      description: 'File descriptors, sockets among them, and how many coturn may have.',
      width: 6,
      unit: 'short',
      queries: [
        { expr: sum('coturn_process_open_fds'), legend: 'open' },
        { expr: sum('coturn_process_max_fds'), legend: 'limit' },
      ],
    },
    {
      kind: 'graph',
      title: 'Threads',
      description: "Threads of coturn's process.",
      width: 6,
      unit: 'short',
      queries: [{ expr: sum('coturn_process_threads'), legend: 'threads' }],
    },
  ],
};

/** One server. */
export const relay: DashboardPlan = {
  uid: 'turnkeeper-relay',
  title: 'turnkeeper / Relay',
  description: 'One coturn: what it relays, what it refuses, and what it needs of its machine.',
  of: 'one',
  rows: [state, traffic, allocations, sessions, errors, network, process],
};
