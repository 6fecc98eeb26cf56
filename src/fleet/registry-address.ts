import { isIPv6 } from 'node:net';
import type { NetworkInterfaceInfo } from 'node:os';
import type { RegistryConfig } from '../config/registry';
import { formatListenAddress, type ListenAddress } from '../config/units';
import { isLoopbackHost } from '../lib/loopback';

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/**
 * Where the registry is: the servers, and the whole path of the relays' nodes. The chroot is a part of the path here, so
 * that it is made where it is missing, which ZooKeeper does not do.
 */
export function registryPlace({ zookeeper, path }: Pick<RegistryConfig, 'zookeeper' | 'path'>): {
  readonly servers: string;
  readonly path: string;
} {
  const [servers = '', ...chroot] = zookeeper.split('/');
  return { servers, path: [...chroot.map((part) => `/${part}`), path].join('') };
}

/**
 * Where other machines reach an agent that listens there: at that address, or where that is every address, or loopback, at
 * the machine's first that is neither loopback nor link-local.
 */
export function restAddress({ host, port }: ListenAddress, interfaces: Interfaces): string {
  const isOwn = host !== '::' && host !== '0.0.0.0' && !isLoopbackHost(host);
  return formatListenAddress({ host: isOwn ? host : (machineAddress(interfaces) ?? '127.0.0.1'), port });
}

function machineAddress(interfaces: Interfaces): string | undefined {
  const own = Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter(({ address, internal }) => !internal && !/^(fe[89ab].:|169\.254\.)/i.test(address))
    .map(({ address }) => address);
  return own.find((address) => !isIPv6(address)) ?? own[0];
}
