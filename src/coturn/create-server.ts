import { Observer } from './observer';
import type { CoturnServer, CoturnServerOptions } from './server';
import { Supervisor } from './supervisor';

/** The coturn that the agent runs, or watches where `supervise` is false. */
export function createCoturnServer(options: CoturnServerOptions): CoturnServer {
  return options.settings.supervise ? new Supervisor(options) : new Observer(options);
}
