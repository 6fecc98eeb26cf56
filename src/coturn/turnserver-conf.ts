import { createHash } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import { join } from 'node:path';
import { type ConfLine as Line, renderConfLine } from './conf-line';
import { PAGE_HOST, prometheusPort } from './prometheus-port';
import type { CoturnSecrets } from './server';
import type { CoturnSettings } from './settings';

export interface TurnserverConf {
  readonly settings: CoturnSettings;
  readonly secrets: CoturnSecrets;
  /** As in `CoturnServerOptions`. */
  readonly mode?: 'rest' | 'user' | undefined;
  readonly statsdb: { readonly host: string; readonly port: number };
  readonly restSeparator: string;
  /** Absolute. */
  readonly dataDir: string;
  readonly lifeNumber: number;
  /** Whether this coturn has the option: a key that it does not know costs a warning, a key that it misses a listener. */
  readonly knows: (option: string) => boolean;
}

export { reservedExtraKeys } from './extra-options';

/** Databases below it are left to coturns that somebody else runs and points at the statsdb endpoint. */
const FIRST_LIFE_DATABASE = 1000;
/** `ps` answers with about 500 bytes a session, which coturn holds in memory; a stop asks again until none is left. */
const MAX_LISTED_SESSIONS = 20_000;

/** The database that coturn selects on the stats connection, which tells its lives apart there. */
export function statsdbDatabase(lifeNumber: number): number {
  return FIRST_LIFE_DATABASE + lifeNumber;
}

/** The life whose database this is; undefined for one that no life of a supervised coturn selects. */
export function lifeOfDatabase(database: number): number | undefined {
  return database > FIRST_LIFE_DATABASE ? database - FIRST_LIFE_DATABASE : undefined;
}

export const logFile = (dataDir: string): string => join(dataDir, 'turnserver.log');
/** What coturn writes beside its log: before that is open, and of libraries. */
export const outputFile = (dataDir: string): string => join(dataDir, 'turnserver.out');
export const confFile = (dataDir: string): string => join(dataDir, 'turnserver.conf');

/** turnserver.conf. It holds secrets. Throws UserError `bad_config` for what coturn could not read back exactly. */
export function renderTurnserverConf(conf: TurnserverConf): string {
  const extra = extraLines(conf);
  const own = [
    ...network(conf),
    ...tls(conf),
    ...authentication(conf),
    ...observation(conf),
    ...page(conf),
    ...files(conf),
  ];
  const overridable = defaults(conf).filter(([key]) => !(key in conf.settings.extra));
  const lines = [...own, ...overridable, ...extra].map(renderConfLine);
  return `# Written by turnkeeper at each start of coturn: a change made here is lost.\n${lines.join('\n')}\n`;
}

/** Equal for configurations that differ in the life's number alone. */
export function confHash(conf: Omit<TurnserverConf, 'lifeNumber'>): string {
  return createHash('sha256')
    .update(renderTurnserverConf({ ...conf, lifeNumber: 0 }))
    .digest('hex');
}

function network({ settings }: TurnserverConf): Line[] {
  const loopback = settings.listeningIp.filter(isLoopback);
  const lines: Line[] = [
    ...settings.listeningIp.map((ip): Line => ['listening-ip', ip]),
    ['listening-port', settings.listeningPort],
    ...settings.relayIp.map((ip): Line => ['relay-ip', ip]),
    ['min-port', settings.minPort],
    ['max-port', settings.maxPort],
  ];
  if (settings.externalIp !== undefined) lines.push(['external-ip', settings.externalIp]);
  if (settings.allowLoopbackPeers ?? loopback.length === settings.listeningIp.length) {
    // coturn 4.17 refuses its own addresses as peers, and its stats database's, unless they are named.
    const allowed = new Set(['127.0.0.1', '::1', ...loopback]);
    lines.push(['allow-loopback-peers', true], ...[...allowed].map((ip): Line => ['allowed-peer-ip', ip]));
  }
  return lines;
}

function tls({ settings, knows }: TurnserverConf): Line[] {
  if (settings.cert === undefined || settings.pkey === undefined) {
    // Where DTLS has to be asked for (4.17), leaving it out is enough.
    const noTls: Line[] = [['no-tls', true]];
    return knows('dtls') ? noTls : [...noTls, ['no-dtls', true]];
  }
  const lines: Line[] = [
    ['tls-listening-port', settings.tlsListeningPort],
    ['cert', settings.cert],
    ['pkey', settings.pkey],
  ];
  return knows('dtls') ? [...lines, ['dtls', true]] : lines;
}

function authentication({ settings, secrets, mode, restSeparator }: TurnserverConf): Line[] {
  if (mode === 'user') {
    return [
      ['realm', settings.realm],
      ['lt-cred-mech', true],
    ];
  }
  const lines: Line[] = [
    ['realm', settings.realm],
    ['use-auth-secret', true],
  ];
  // Without one, those of the user database count; with one, both do.
  if (secrets.authSecret !== undefined) lines.push(['static-auth-secret', secrets.authSecret]);
  return restSeparator === ':' ? lines : [...lines, ['rest-api-separator', restSeparator]];
}

function observation({ settings, secrets, statsdb, lifeNumber, knows }: TurnserverConf): Line[] {
  const database = statsdbDatabase(lifeNumber);
  const lines: Line[] = [
    [
      'redis-statsdb',
      `ip=${reachable(statsdb.host)} port=${statsdb.port} dbname=${database} password=${secrets.statsdbPassword} connect_timeout=5`,
    ],
    ['cli-ip', '127.0.0.1'],
    ['cli-port', settings.cliPort],
    ['cli-password', secrets.cliPassword],
    ['cli-max-output-sessions', MAX_LISTED_SESSIONS],
  ];
  return knows('cli') ? [['cli', true], ...lines] : lines;
}

/** coturn's own Prometheus page, on loopback. */
function page({ settings, knows }: TurnserverConf): Line[] {
  const port = prometheusPort(settings, knows);
  if (port === undefined) return [];
  return [
    ['prometheus', true],
    ['prometheus-address', PAGE_HOST],
    ['prometheus-port', port],
  ];
}

function files({ dataDir, settings }: TurnserverConf): Line[] {
  const lines: Line[] = [
    ['log-file', logFile(dataDir)],
    ['simple-log', true],
    ['no-stdout-log', true],
    ['verbose', true],
    ['pidfile', join(dataDir, 'turnserver.pid')],
  ];
  // The last database that is named counts; without one coturn opens the distribution's /var/lib/turn/turndb.
  const otherDatabase = Object.keys(settings.extra).some((key) => key.endsWith('-userdb'));
  return otherDatabase ? lines : [...lines, ['userdb', join(dataDir, 'turndb')]];
}

/** What a relay on the Internet should have, and `coturn.extra` may change. Newer coturns have the last two already. */
function defaults({ settings, knows }: TurnserverConf): Line[] {
  const lines: Line[] = [
    ['fingerprint', true],
    ['no-multicast-peers', true],
  ];
  if (!knows('software-attribute')) lines.push(['no-software-attribute', true]);
  if (!knows('rfc5780')) lines.push(['no-rfc5780', true]);
  // Of a client that asks for none: libwebrtc never does, and IPv4 (RFC 8656 section 7.2) is refused with 440 here.
  const family = 'allocation-default-address-family';
  if (knows(family) && relaysIpv6Alone(settings)) lines.push([family, 'ipv6']);
  return lines;
}

function relaysIpv6Alone({ relayIp, listeningIp }: CoturnSettings): boolean {
  const addresses = relayIp.length > 0 ? relayIp : listeningIp;
  return addresses.every((ip) => isIPv6(ip) && ip !== '::');
}

function extraLines({ settings }: TurnserverConf): Line[] {
  return Object.entries(settings.extra).flatMap(([key, value]) =>
    (typeof value === 'object' ? value : [value]).map((one): Line => [key, one]),
  );
}

/** Where to connect to reach what listens on every address. */
export function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}

function isLoopback(ip: string): boolean {
  return (isIPv4(ip) && ip.startsWith('127.')) || (isIPv6(ip) && ip === '::1');
}
