import { pino } from 'pino';
import { systemClock } from '../../../src/lib/clock';
import { startTracing } from '../../../src/tracing/start';
import type { Tracing } from '../../../src/tracing/tracing';

const started: Tracing[] = [];

/** Traces with these variables, which stand in the process' environment till `stopTracing`. `log` gets what is complained of. */
export async function tracingWith(variables: Record<string, string>, log: string[] = []): Promise<Tracing> {
  Object.assign(process.env, variables);
  const logger = pino({ level: 'debug' }, { write: (line: string) => log.push(line) });
  const tracing = await startTracing({ environment: process.env, version: '1.2.3', clock: systemClock, logger });
  if (!tracing) throw new Error('the variables ask for no traces');
  started.push(tracing);
  return tracing;
}

/** After each test: one process has one OpenTelemetry. */
export async function stopTracing(): Promise<void> {
  for (const tracing of started.splice(0)) await tracing.stop();
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('OTEL_')) Reflect.deleteProperty(process.env, name);
  }
}
