import type { Clock } from '../lib/clock';
import type { Logger } from '../lib/logger';
import type { Tracing } from './tracing';
import { tracesWanted, type Environment } from './wanted';

export interface TracingOptions {
  readonly environment: Environment;
  /** The agent's own. */
  readonly version: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Starts traces where OpenTelemetry's variables ask for them; undefined otherwise, and then nothing of OpenTelemetry is
 * loaded, which would take a quarter of a second. Throws UserError `bad_config`.
 */
export async function startTracing(options: TracingOptions): Promise<Tracing | undefined> {
  if (!tracesWanted(options.environment)) return undefined;
  const { openTelemetry } = await import('./otel/open-telemetry.js');
  return openTelemetry(options);
}
