/** What the machine or the installed software names: the labels of these have their values hidden. */
const NAMED_BY_MACHINE = /^(coturn_info|turnkeeper_build_info|nodejs_\w+)\{/;

/** What no two runs have alike: the values of these are hidden. Every other value of an agent without clients is constant. */
const VARYING = [
  /^(process|nodejs|coturn_process|coturn_udp)_/,
  /^coturn_network_(?!capacity)/,
  /^coturn_(start_time|last_heartbeat_timestamp|secret_age)_seconds$/,
  /^turnkeeper_(collector_duration_seconds|log_lines_total|log_bytes_total)\b/,
  /^turnkeeper_events_total\{.*kind="heartbeat"/,
  // Counted by owner, address and port range: another coturn of this user on the machine may hold some.
  /^coturn_relay_ports_used$/,
  // coturn reports the agent's own Binding requests as traffic of no allocation, about a minute later.
  /^turnkeeper_events_rejected_total\{.*reason="unknown_allocation"/,
];

/** An exposition as any machine gives it: without blank lines, `*` for what varies, each series once. */
export function normalisedExposition(text: string): string {
  const lines = text.split('\n').filter((line) => line !== '');
  return [...new Set(lines.map((line) => (line.startsWith('#') ? line : normalisedSample(line))))].join('\n') + '\n';
}

/** The normalised exposition without any value: what is there, whatever has happened. */
export function seriesOf(text: string): string[] {
  const lines = normalisedExposition(text).trimEnd().split('\n');
  return lines.map((line) => (line.startsWith('#') ? line : line.slice(0, line.lastIndexOf(' '))));
}

export function varies(series: string): boolean {
  return VARYING.some((pattern) => pattern.test(series));
}

function normalisedSample(line: string): string {
  const at = line.lastIndexOf(' ');
  const series = line.slice(0, at);
  const value = line.slice(at + 1);
  const named = NAMED_BY_MACHINE.test(series) ? series.replace(/(?<![{,]le)="[^"]*"/g, '="*"') : series;
  return `${named} ${varies(series) ? '*' : value}`;
}
