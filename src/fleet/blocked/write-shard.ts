import type { ACL } from 'node-zookeeper-client';
import { makePath } from '../make-path';
import type { ZookeeperConnection } from '../zookeeper-connection';
import { beyond, decodeBlocks, encodeBlocks, MAX_ENTRIES, union, type Blocks } from './blocks';

export interface ShardPlace {
  readonly connection: ZookeeperConnection;
  /** In which the shards are. */
  readonly folder: string;
  readonly shard: string;
  /** Of the folder, and of what is in it. */
  readonly acl: { readonly folder: ACL[]; readonly shard: ACL[] };
}

/** Others write the same shard: one of them gets through each time. */
const TRIES = 50;

/**
 * Adds users to a shard; nobody else's are lost, since it is written only as it was read (by the node's version). What makes
 * no sense there is written anew: whoever has put something there before has it still, and adds it again. Rejects with
 * ConnectionLost, with what ZooKeeper refuses, or where the shard is full.
 */
export async function addToShard(place: ShardPlace, blocks: Blocks, now: number): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) if (await tryToAdd(place, blocks, now)) return;
  throw new Error('others change it all the time');
}

/** Whether it is there now; otherwise somebody was faster. */
async function tryToAdd({ connection, folder, shard, acl }: ShardPlace, blocks: Blocks, now: number): Promise<boolean> {
  const path = `${folder}/${shard}`;
  const node = await connection.read(path);
  const there = (node && decodeBlocks(shard, node.data)) ?? new Map<string, number>();
  if (beyond(blocks, there).size === 0) return true;
  const all = union(there, blocks, now);
  if (all.size > MAX_ENTRIES)
    throw new Error(`it is full: at most ${64 * MAX_ENTRIES} users can be blocked fleet-wide`);
  if (node) return (await connection.write(path, encodeBlocks(all), node.stat.version)) === 'written';
  const made = await connection.create(path, encodeBlocks(all), acl.shard, 'persistent');
  if (made === 'no parent') await makePath(connection, folder, acl.folder);
  return made === 'created';
}
