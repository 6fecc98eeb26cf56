import { readdirSync, readlinkSync } from 'node:fs';
import { isHidden, pids, readProc } from './process-identity';

/** The kernel's tables of one protocol's sockets; a socket on `::` stands in the second and takes IPv4 too. */
const TABLES = { udp: ['net/udp', 'net/udp6'], tcp: ['net/tcp', 'net/tcp6'] } as const;
/** Of TCP sockets only the listening ones hold a port (include/net/tcp_states.h); UDP's have state 07. */
const STATES = { udp: '07', tcp: '0A' } as const;

export interface Holder {
  readonly pid: number;
  readonly command: string;
}

/** The process that listens on this port; undefined when /proc does not tell, as of another user's process. */
export function holderOf(protocol: 'udp' | 'tcp', port: number): Holder | undefined {
  const inodes = new Set(
    TABLES[protocol].flatMap((table) => socketInodes(readProc(table) ?? '', port, STATES[protocol])),
  );
  const pid = inodes.size === 0 ? undefined : pids().find((candidate) => holdsSocket(candidate, inodes));
  return pid === undefined ? undefined : { pid, command: (readProc(`${pid}/comm`) ?? '').trim() };
}

/** Inodes of the sockets of this local port and state in /proc/net/{tcp,udp}, see proc_net(5). */
export function socketInodes(table: string, port: number, state: string): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(suffix) === true && fields[3] === state)
    .map((fields) => fields[9] ?? '');
}

function holdsSocket(pid: number, inodes: ReadonlySet<string>): boolean {
  const directory = `/proc/${pid}/fd`;
  const names = ifVisible(() => readdirSync(directory)) ?? [];
  return names.some((name) => {
    const target = ifVisible(() => readlinkSync(`${directory}/${name}`)) ?? '';
    return inodes.has(/^socket:\[(\d+)\]$/.exec(target)?.[1] ?? '');
  });
}

/** Undefined for what has gone meanwhile, or belongs to another user. */
function ifVisible<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (isHidden(error)) return undefined;
    throw error;
  }
}
