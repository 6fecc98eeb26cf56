/** `turnkeeper/report`: for media servers in Node.js that tell a turnkeeper whether their calls work. */
export { createReporter } from './reporter';
export type { Reporter, ReporterOptions } from './reporter';
export type { Report, ScoreReport, StateReport } from './report';
export type { About, Emitter, WatchedTransport } from './watch-transport';
