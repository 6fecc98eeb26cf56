import type { Config } from '../config/schema';
import type { Secrets } from '../config/secrets';
import type { Clock } from '../lib/clock';
import type { Logger } from '../lib/logger';
import type { Tracer } from '../lib/tracer';
import type { Tracing } from '../tracing/tracing';
import type { OpenUsage } from '../usage/open-usage';

/** What everything is made from. */
export interface Context {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly usage: OpenUsage;
  /** Of this boot of the machine. */
  readonly bootId: string;
  /** The agent's own. */
  readonly version: string;
  /** What work is traced with; traces may be off. */
  readonly tracer: Tracer;
  /** The same, while traces are on. */
  readonly tracing: Tracing | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}
