import type { ACL } from 'node-zookeeper-client';
import type { ZookeeperConnection } from './zookeeper-connection';

/** Makes what is missing of a path. It stays: what other agents make is in it. */
export async function makePath(connection: ZookeeperConnection, path: string, acl: ACL[]): Promise<void> {
  const names = path.slice(1).split('/');
  for (let depth = 1; depth <= names.length; depth++) {
    const part = `/${names.slice(0, depth).join('/')}`;
    // Who may not create anything there gets a refusal even where it exists.
    if (await connection.exists(part)) continue;
    await connection.create(part, Buffer.alloc(0), acl, 'persistent');
  }
}
