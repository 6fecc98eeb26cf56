import { PAGE_HOST } from './prometheus-port';
import type { CoturnSettings } from './settings';

/** A socket that coturn opens at its start. Port 0: any port, to see whether the address is this machine's. */
export interface Listener {
  readonly protocol: 'udp' | 'tcp';
  readonly host: string;
  readonly port: number;
  /** The configuration key to change when it can't be opened. */
  readonly key: string;
}

/** Every socket that coturn needs for this configuration. `metricsPort`: of its Prometheus page, where it has one. */
export function listenersOf(settings: CoturnSettings, metricsPort: number | undefined): Listener[] {
  const protocols = settings.extra['no-tcp'] === true ? (['udp'] as const) : (['udp', 'tcp'] as const);
  const ports = [{ port: settings.listeningPort, key: 'coturn.listeningPort' }];
  if (settings.cert !== undefined) ports.push({ port: settings.tlsListeningPort, key: 'coturn.tlsListeningPort' });
  const clients = settings.listeningIp.flatMap((host) =>
    ports.flatMap((port) => protocols.map((protocol): Listener => ({ protocol, host, ...port }))),
  );
  const relays = settings.relayIp.map((host): Listener => ({ protocol: 'udp', host, port: 0, key: 'coturn.relayIp' }));
  const admin: Listener = { protocol: 'tcp', host: '127.0.0.1', port: settings.cliPort, key: 'coturn.cliPort' };
  // coturn shares this port (SO_REUSEPORT, 4.17.1) with another coturn's page: an answer would be of either.
  const page = { protocol: 'tcp', host: PAGE_HOST, key: 'coturn.metricsPort' } as const;
  const pages = metricsPort === undefined ? [] : [{ ...page, port: metricsPort }];
  return [...clients, ...relays, admin, ...pages];
}
