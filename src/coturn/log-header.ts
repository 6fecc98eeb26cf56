/** What coturn puts before each message of its log. */
export interface LogHeader {
  /** Where the message begins. */
  readonly length: number;
  /** Whether this coturn writes each record on one line, whatever its message holds (4.17 and later, `turn_log_flatten`). */
  readonly oneLine: boolean;
}

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
