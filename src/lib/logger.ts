import { pino, type Logger } from 'pino';

export type { Logger };

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export const LOG_FORMATS = ['logfmt', 'json'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export type LogFormat = (typeof LOG_FORMATS)[number];

/**
 * A logger on standard error: JSON by pino, or the `logfmt` lines that Prometheus' own programs write. `mixin` gives
 * what stands in each line beside its own fields.
 */
export function createLogger(level: LogLevel, format: LogFormat, mixin?: () => object): Logger {
  const options = {
    level,
    base: null,
    ...(mixin && { mixin }),
    timestamp: () => `,"ts":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  if (format === 'json') return pino(options, pino.destination({ dest: 2, sync: true }));
  return pino(options, { write: (line: string) => process.stderr.write(`${toLogfmt(line)}\n`) });
}

function toLogfmt(line: string): string {
  const fields = JSON.parse(line) as Record<string, unknown>;
  return Object.entries(fields)
    .map(([key, value]) => `${key}=${quote(value)}`)
    .join(' ');
}

/** Control characters are escaped by JSON, so that hostile text can't forge a second line. */
function quote(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /^[\w.:/@+-]+$/.test(text) ? text : JSON.stringify(text);
}
