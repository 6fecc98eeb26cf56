import type { DiagLogger } from '@opentelemetry/api';
import type { Clock } from '../../lib/clock';
import type { Logger } from '../../lib/logger';

/** A receiver that is away says so with each batch. */
const ONCE_IN_MS = 60_000;
const MAX_TEXT = 200;

/** What OpenTelemetry complains of, in the agent's log: now and then, and short, since it quotes what a receiver answered. */
export function diagnostics(clock: Clock, logger: Logger): DiagLogger {
  let saidAt = -Infinity;
  const say = (...said: unknown[]): void => {
    if (clock.monotonic() - saidAt < ONCE_IN_MS) return;
    saidAt = clock.monotonic();
    logger.warn({ problem: sentenceOf(said) }, 'traces can not be exported as they should be');
  };
  const nothing = (): void => undefined;
  return { error: say, warn: say, info: nothing, debug: nothing, verbose: nothing };
}

/** OpenTelemetry's error handler gives an error as JSON, with its stack (core 2.12, logging-error-handler.js). */
function sentenceOf(said: readonly unknown[]): string {
  const text = said.filter((part) => typeof part === 'string').join(': ');
  const message = /"message":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? text;
  return message.slice(0, MAX_TEXT);
}
