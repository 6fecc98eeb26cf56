/** What coturn puts before each message of its log. */
export interface LogHeader {
  /** Where the message begins. */
  readonly length: number;
  /** Whether this coturn writes each record on one line, whatever its message holds (4.17 and later, `turn_log_flatten`). */
  readonly oneLine: boolean;
}

/** When coturn wrote a record: by its own clock since its start, or by the machine's. */
export type LogTime =
  | { readonly kind: 'since_start'; readonly seconds: number }
  /** Milliseconds since the epoch; 4.6.1 leaves out the fraction of the second. */
  | { readonly kind: 'epoch'; readonly ms: number };

const LEVEL = '(?:DEBUG|INFO|CONTROL|WARNING|ERROR)';
/** Seconds since the start, or ISO time (`--new-log-timestamp`, the default from 4.17 on, there with milliseconds). */
const STAMP = String.raw`(?:\d{1,10}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?[+-]\d{4})`;
/** `12: : ` and `12: : ERROR: `. */
const UP_TO_4_6_1 = String.raw`(?:: )?: (?:ERROR: )?`;
/** `12: (4711): INFO: `; with `--log-file-line` also the place in the source. */
const UP_TO_4_16 = String.raw`(?:: )?\(\d{1,10}\): (?:[\w./-]+\(\d+\):)?${LEVEL}: `;
/** `2026-11-21T02:40:25.770+0000 INFO `. */
const SINCE_4_17 = String.raw` (?:[\w./-]+\(\d+\) )?${LEVEL} `;
const HEADER = new RegExp(`^${STAMP}(?:(${SINCE_4_17})|${UP_TO_4_16}|${UP_TO_4_6_1})`);

/** The header of a line; undefined where a line goes on with the record before it. */
export function parseLogHeader(line: string): LogHeader | undefined {
  const match = HEADER.exec(line);
  return match === null ? undefined : { length: match[0].length, oneLine: match[1] !== undefined };
}

const SECONDS = /^(\d{1,10}):/;
const ISO = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?[+-]\d\d)(\d\d)\b/;

/** The time in the header of a line; undefined where it has none, or where it is no time. */
export function parseLogTime(line: string): LogTime | undefined {
  const seconds = SECONDS.exec(line);
  if (seconds) return { kind: 'since_start', seconds: Number(seconds[1]) };
  const iso = ISO.exec(line);
  if (!iso) return undefined;
  const ms = Date.parse(`${iso[1] ?? ''}:${iso[2] ?? ''}`);
  return Number.isNaN(ms) ? undefined : { kind: 'epoch', ms };
}
