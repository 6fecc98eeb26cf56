import type { CoturnSettings } from './settings';

/** A socket that coturn opens at its start. Port 0: any port, to see whether the address is this machine's. */
export interface Listener {
  readonly protocol: 'udp' | 'tcp';
  readonly host: string;
  readonly port: number;
  /** The configuration key to change when it can't be opened. */
  readonly key: string;
}

/** Every socket that coturn needs for this configuration. */
export function listenersOf(settings: CoturnSettings): Listener[] {
  const protocols = settings.extra['no-tcp'] === true ? (['udp'] as const) : (['udp', 'tcp'] as const);
  const ports = [{ port: settings.listeningPort, key: 'coturn.listeningPort' }];
  if (settings.cert !== undefined) ports.push({ port: settings.tlsListeningPort, key: 'coturn.tlsListeningPort' });
  const clients = settings.listeningIp.flatMap((host) =>
    ports.flatMap((port) => protocols.map((protocol): Listener => ({ protocol, host, ...port }))),
  );
  const relays = settings.relayIp.map((host): Listener => ({ protocol: 'udp', host, port: 0, key: 'coturn.relayIp' }));
  const admin: Listener = { protocol: 'tcp', host: '127.0.0.1', port: settings.cliPort, key: 'coturn.cliPort' };
  return [...clients, ...relays, admin];
}
