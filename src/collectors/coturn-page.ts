import { readPrometheusPage } from '../coturn/prometheus-page';
import { parsePrometheusPage } from '../coturn/prometheus-text';
import { SourceCounters } from '../sources/source-counters';
import { single, type Collector, type MetricFamily } from './collector';

/** Our name and help for a family of coturn's page. Its traffic and allocations are left out: we count them better. */
const FAMILIES: Readonly<Record<string, { name: string; help: string }>> = {
  turn_packet_processed: {
    name: 'coturn_packets_processed_total',
    help: "Datagrams that came to coturn's UDP listeners and were processed, as coturn counts them since its start.",
  },
  turn_packet_dropped: {
    name: 'coturn_packets_dropped_total',
    help: "Datagrams that came to coturn's UDP listeners and were dropped, being neither STUN nor TURN nor DTLS, as coturn counts them since its start.",
  },
  stun_binding_request: {
    name: 'coturn_stun_binding_requests_total',
    help: "STUN Binding requests, as coturn counts them since its start; the agent's own are among them.",
  },
  stun_binding_response: {
    name: 'coturn_stun_binding_responses_total',
    help: 'STUN Binding requests answered with success, as coturn counts them since its start.',
  },
  stun_binding_error: {
    name: 'coturn_stun_binding_errors_total',
    help: 'STUN Binding requests answered with an error, as coturn counts them since its start.',
  },
  turn_unauthenticated_401_requests: {
    name: 'coturn_unauthorized_requests_total',
    help: 'Requests over UDP that call for error 401, as coturn counts them since its start: the first of every allocation, and those with wrong credentials.',
  },
  turn_unauthenticated_401_responses: {
    name: 'coturn_unauthorized_responses_total',
    help: 'Errors 401 sent over UDP, as coturn counts them since its start.',
  },
  turn_unauthenticated_401_dropped_responses: {
    name: 'coturn_unauthorized_responses_suppressed_total',
    help: "Errors 401 not sent over UDP because the address had too many, as coturn counts them since its start: somebody's flood, or many clients behind one address.",
  },
};

const WANTED: ReadonlySet<string> = new Set(Object.keys(FAMILIES));

export type PageCounters = SourceCounters<'page', 'malformed'>;

export function pageCounters(): PageCounters {
  return new SourceCounters('coturn_page', ['page'], ['malformed']);
}

/** What coturn tells of itself on its own Prometheus page; `url` is undefined while it has none. */
export function coturnPageCollector(url: () => string | undefined, counters: PageCounters): Collector {
  return {
    name: 'coturn_page',
    async collect(signal) {
      const where = url();
      if (where === undefined) return [];
      const { values, malformed } = parsePrometheusPage(await readPrometheusPage(where, signal), WANTED);
      counters.refused.malformed.count += malformed;
      if (values.size === 0) throw new Error("what answers there is not coturn's Prometheus page");
      counters.taken.page.count += 1;
      return familiesOf(values);
    },
  };
}

/** Older coturns have not all of them. */
function familiesOf(values: ReadonlyMap<string, number>): MetricFamily[] {
  return Object.entries(FAMILIES).flatMap(([theirs, { name, help }]) => {
    const value = values.get(theirs);
    return value === undefined ? [] : [single('counter', name, help, value)];
  });
}
