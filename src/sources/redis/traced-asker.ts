import { traced } from '../../lib/traced';
import type { SpanDescription, Tracer } from '../../lib/tracer';
import type { RedisAsker } from './asker';

/** The same asker, whose questions are spans. Keys hold user names: a span says how many there were. */
export function tracedAsker(asker: RedisAsker, tracer: Tracer): RedisAsker {
  return traced(tracer, asker, {
    idleSeconds: (keys) => span('OBJECT IDLETIME', keys.length),
    exist: (keys) => span('EXISTS', keys.length),
    values: (keys) => span('MGET', keys.length),
    info: () => span('INFO'),
    clients: () => span('CLIENT LIST'),
    ping: () => span('PING'),
  });
}

function span(command: string, keys = 0): SpanDescription {
  const attributes = { 'db.system.name': 'redis', 'db.operation.name': command };
  return {
    name: `redis ${command}`,
    kind: 'client',
    attributes: keys > 1 ? { ...attributes, 'db.operation.batch.size': keys } : attributes,
  };
}
