import type { LogCounts } from '../coturn/log-counts';
import type { StunCode, StunMethod } from '../coturn/log-labels';
import { single, type Collector, type MetricFamily, type Sample } from './collector';

/** What a log source shows of itself. */
export interface LogSource {
  readonly counts: LogCounts;
  /** Why the log can't be read now. */
  readonly problem: string | undefined;
}

/** The errors that coturn 4.6.1 and 4.17.1 give to each method (ns_turn_server.c), so that their series exist from the start. */
const EXPECTED: Readonly<Partial<Record<StunMethod, readonly StunCode[]>>> = {
  allocate: ['400', '403', '437', '440', '442', '486', '500', '508'],
  refresh: ['400', '437', '500'],
  create_permission: ['400', '403', '443', '500'],
  channel_bind: ['400', '403', '443', '500'],
  connect: ['400', '403', '437', '446', '447', '500'],
  connection_bind: ['400', '437', '500'],
  other: ['400', '401', '420', '437', '438', '441'],
};

/** Errors as coturn's log tells them. It can be forged (COTURN.md): these counters are for eyes and alerts, not for money. */
export function logCollector(source: LogSource): Collector {
  return {
    name: 'log',
    collect() {
      const { counts, problem } = source;
      if (problem !== undefined) throw new Error(problem);
      return [
        {
          name: 'coturn_stun_errors_total',
          help: 'Error answers of coturn to requests with a user name, by STUN method and error code. method="other": refused before coturn looked at the method, mostly at authentication.',
          type: 'counter',
          samples: stunErrors(counts.stunErrors),
        },
        perLabel(
          'coturn_auth_failures_total',
          'Requests refused at authentication: unknown (no such user; with REST credentials also a wrong password), incorrect (password), expired (REST user name), malformed (user name or realm).',
          'reason',
          counts.authFailures,
        ),
        perLabel(
          'coturn_handshake_failures_total',
          'TLS and DTLS handshakes with the relay that failed. coturn 4.17 does not log every failed DTLS handshake.',
          'protocol',
          counts.handshakeFailures,
        ),
        single('counter', 'turnkeeper_log_lines_total', "Lines read from coturn's log.", counts.lines),
        single('counter', 'turnkeeper_log_bytes_total', "Bytes read from coturn's log.", counts.bytes),
        perLabel(
          'turnkeeper_log_lines_ignored_total',
          "Lines of coturn's log not looked at: a client may have written them, or they are too long to be a record.",
          'reason',
          counts.ignored,
        ),
      ];
    },
  };
}

function stunErrors(counts: LogCounts['stunErrors']): readonly Sample[] {
  const values = new Map<string, Sample>();
  const set = (method: string, code: string, value: number): void => {
    values.set(`${method} ${code}`, { labels: { method, code }, value });
  };
  for (const [method, codes] of Object.entries(EXPECTED)) for (const code of codes) set(method, code, 0);
  for (const [method, codes] of counts) for (const [code, value] of codes) set(method, code, value);
  return [...values.values()];
}

function perLabel(name: string, help: string, label: string, counts: Readonly<Record<string, number>>): MetricFamily {
  const samples = Object.entries(counts).map(([key, value]) => ({ labels: { [label]: key }, value }));
  return { name, help, type: 'counter', samples };
}
