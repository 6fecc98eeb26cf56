import { traced } from '../lib/traced';
import type { SpanDescription, Tracer } from '../lib/tracer';
import type { ZookeeperConnection } from './zookeeper-connection';

/** The same connection, whose questions are spans. `exists` is also asked as a sign of life, every few seconds: it is none. */
export function tracedConnection(connection: ZookeeperConnection, tracer: Tracer): ZookeeperConnection {
  return traced(tracer, connection, {
    read: (path) => span('getData', path),
    children: (path) => span('getChildren', path),
    create: (path) => span('create', path),
    write: (path) => span('setData', path),
    remove: (path) => span('delete', path),
  });
}

/** Operations have the names of ZooKeeper's own clients. Paths name relays, never users. */
function span(operation: string, path: string): SpanDescription {
  const attributes = { 'db.system.name': 'zookeeper', 'db.operation.name': operation, 'zookeeper.path': path };
  return { name: `zookeeper ${operation}`, kind: 'client', attributes };
}
