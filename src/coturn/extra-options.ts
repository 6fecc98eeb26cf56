import type { ExtraOptions } from './settings';

/** turnserver.conf keys that another key of the agent's configuration sets. */
const CONFIGURED = [
  'realm',
  'listening-ip',
  'listening-port',
  'tls-listening-port',
  'relay-ip',
  'external-ip',
  'min-port',
  'max-port',
  'cert',
  'pkey',
  'no-tls',
  'dtls',
  'no-dtls',
  'allow-loopback-peers',
  'cli-port',
  'prometheus-port',
  'static-auth-secret',
  'rest-api-separator',
];

/** Without these as the agent sets them it could not run coturn, measure it, log in, or see that it lives. */
const NEEDED = [
  'redis-statsdb',
  'cli',
  'no-cli',
  'cli-ip',
  'cli-password',
  'cli-max-output-sessions',
  'prometheus',
  'prometheus-address',
  'prometheus-path',
  'prometheus-tls',
  'prometheus-cert',
  'prometheus-key',
  // Labels of every user name there ever was, in coturn's memory.
  'prometheus-username-labels',
  'log-file',
  'simple-log',
  'no-stdout-log',
  'syslog',
  'syslog-facility',
  'log-min-level',
  'new-log-timestamp-format',
  'verbose',
  'pidfile',
  'userdb',
  'db',
  'daemon',
  'use-auth-secret',
  'no-auth',
  'no-udp',
  'no-stun',
  'stun-only',
  'help',
  'version',
];

const RESERVED = new Set([...CONFIGURED, ...NEEDED]);

/** The keys of `coturn.extra` that would override what the agent itself sets. */
export function reservedExtraKeys(extra: ExtraOptions): string[] {
  return Object.keys(extra).filter((key) => RESERVED.has(key));
}
