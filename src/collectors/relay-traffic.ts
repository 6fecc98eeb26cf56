import { CLIENT_LEG, PEER_LEG, RECEIVED_BYTES, RECEIVED_PACKETS, SENT_BYTES, SENT_PACKETS } from '../turn/counts';
import { CLOSE_REASONS } from '../turn/fact';
import type { Cell, RunningTotals } from '../turn/running-totals';
import type { Collector, MetricFamily, Sample } from './collector';

const LEGS = [
  { leg: CLIENT_LEG, name: 'client', between: 'clients' },
  { leg: PEER_LEG, name: 'peer', between: 'peers' },
] as const;

const FIELDS = [
  { field: RECEIVED_BYTES, name: 'received_bytes', what: 'Bytes received from' },
  { field: SENT_BYTES, name: 'sent_bytes', what: 'Bytes sent to' },
  { field: RECEIVED_PACKETS, name: 'received_packets', what: 'Packets received from' },
  { field: SENT_PACKETS, name: 'sent_packets', what: 'Packets sent to' },
] as const;

const ALLOCATION_COUNTERS = [
  { name: 'created', help: 'Allocations that coturn has granted.' },
  {
    name: 'refreshed',
    help: 'Refresh requests that coturn has granted; those that delete the allocation are not counted.',
  },
  { name: 'unused', help: 'Allocations closed without a packet to or from a peer.' },
  {
    name: 'unanswered',
    help: 'Allocations closed that sent to a peer and never heard back: ICE failed on the relay.',
  },
] as const;

/** What the relay carried and how its allocations fared, by realm and client transport. */
export function relayTrafficCollector(totals: RunningTotals): Collector {
  return {
    name: 'relay',
    collect: () => [...allocationFamilies(totals.cells), ...trafficFamilies(totals.cells)],
  };
}

function trafficFamilies(cells: readonly Cell[]): MetricFamily[] {
  return LEGS.flatMap(({ leg, name, between }) =>
    FIELDS.map(({ field, name: fieldName, what }) => ({
      name: `coturn_relay_${name}_${fieldName}_total`,
      help: `${what} ${between}, as coturn reports: every 4096 packets of an allocation, and when it closes.`,
      type: 'counter' as const,
      samples: byCell(cells, (cell) => cell.traffic[leg + field] ?? 0),
    })),
  );
}

function allocationFamilies(cells: readonly Cell[]): MetricFamily[] {
  return [
    {
      name: 'coturn_allocations',
      help: 'Allocations that are open now, by the transport between client and relay.',
      type: 'gauge',
      samples: byCell(cells, (cell) => cell.open),
    },
    closedFamily(cells),
    ...ALLOCATION_COUNTERS.map(({ name, help }) => ({
      name: `coturn_allocations_${name}_total`,
      help,
      type: 'counter' as const,
      samples: byCell(cells, (cell) => cell[name]),
    })),
  ];
}

function closedFamily(cells: readonly Cell[]): MetricFamily {
  return {
    name: 'coturn_allocations_closed_total',
    help: 'Allocations ended, by reason: client (deleted it), expired, closed (the connection went away), forced (by an operator), lost (coturn died), superseded (its id was given again), stale (not heard of beyond its lifetime).',
    type: 'counter',
    samples: cells.flatMap((cell) =>
      CLOSE_REASONS.map((reason) => ({ labels: { ...labelsOf(cell), reason }, value: cell.closed[reason] })),
    ),
  };
}

function byCell(cells: readonly Cell[], value: (cell: Cell) => number): Sample[] {
  return cells.map((cell) => ({ labels: labelsOf(cell), value: value(cell) }));
}

function labelsOf({ realm, transport }: Cell): Record<string, string> {
  return { realm, transport };
}
