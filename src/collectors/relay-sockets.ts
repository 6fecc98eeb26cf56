import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { countSockets, type SocketFilter } from './proc-net-sockets';
import { parseStatus } from './proc-status';
import { ifPresent, readText, type SystemRoots } from './system-files';

/** Relay sockets have many peers: UDP ones are never connected, TCP ones (RFC 6062) listen. */
const UDP_UNCONNECTED = 0x07;
const TCP_LISTEN = 0x0a;

const TABLES = [
  { file: 'udp', state: UDP_UNCONNECTED },
  { file: 'udp6', state: UDP_UNCONNECTED },
  { file: 'tcp', state: TCP_LISTEN },
  { file: 'tcp6', state: TCP_LISTEN },
] as const;

export type RelaySockets = Pick<SocketFilter, 'minPort' | 'maxPort' | 'hasAddress'>;

/**
 * How many relay sockets coturn has; undefined when its process has ended. The kernel lists the sockets of a whole network
 * namespace: one counts when coturn's user made it, it is bound to a relay address and a relay port, and it has no
 * one peer. Another program's socket is counted only if it is all that too.
 */
export async function countRelaySockets(
  { proc }: SystemRoots,
  pid: number,
  wanted: RelaySockets,
  signal: AbortSignal,
): Promise<number | undefined> {
  const folder = join(proc, String(pid));
  const status = await ifPresent(readText(join(folder, 'status'), signal));
  if (status === undefined) return undefined;
  const { uid } = parseStatus(status);
  let count = 0;
  for (const { file, state } of TABLES) {
    const table = countInFile(join(folder, 'net', file), { ...wanted, state, uid }, signal);
    count += (await ifPresent(table)) ?? 0;
  }
  return count;
}

async function countInFile(path: string, filter: SocketFilter, signal: AbortSignal): Promise<number> {
  let count = 0;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { signal }) as AsyncIterable<Buffer>) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const wholeLines = bytes.lastIndexOf('\n') + 1;
    count += countSockets(bytes.subarray(0, wholeLines), filter);
    rest = bytes.subarray(wholeLines);
  }
  return count;
}
