import { isIPv6 } from 'node:net';
import { z } from 'zod';

const SECONDS = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 } as const;
const EXPECTED_DURATION = 'expected a duration such as 10s, 5m, 1h or 7d';
const EXPECTED_ADDRESS = 'expected host:port, such as 127.0.0.1:9642 or [::1]:9642';

/** `10s`, `1h`, `400d`, `250ms`, or a number of seconds; the value is in seconds. */
export const duration = z.union([z.number(), z.string()], EXPECTED_DURATION).transform((value, context) => {
  const seconds = typeof value === 'number' ? value : parseDuration(value);
  if (seconds !== undefined && seconds >= 0 && Number.isFinite(seconds)) return seconds;
  context.addIssue({ code: 'custom', message: EXPECTED_DURATION });
  return z.NEVER;
});

/** How long something holds. */
export const lifetime = duration.refine((seconds) => seconds >= 1, 'must be at least 1s');

/** A duration that something waits for: Node.js' timers end at 2^31 ms (24 days) and would then fire at once. */
export const waitingTime = duration.refine((seconds) => seconds <= SECONDS.d, 'must be at most 1d');

function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text);
  if (!match) return undefined;
  return Number(match[1]) * SECONDS[(match[2] ?? 's') as keyof typeof SECONDS];
}

/** Where a server listens. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** `127.0.0.1:9642`, `[::1]:9642`, or `:9642` for every address. IPv6 addresses stand in brackets. */
export const listenAddress = z.string().transform((text, context): ListenAddress => {
  const address = parseListenAddress(text);
  if (address) return address;
  context.addIssue({ code: 'custom', message: EXPECTED_ADDRESS });
  return z.NEVER;
});

function parseListenAddress(text: string): ListenAddress | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65_535) return undefined;
  const ipv6 = match[1];
  if (ipv6 !== undefined) return isIPv6(ipv6) ? { host: ipv6, port } : undefined;
  return { host: match[2] || '::', port };
}

/** The text that `listenAddress` reads. */
export function formatListenAddress({ host, port }: ListenAddress): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

export function isListenAddress(value: unknown): value is ListenAddress {
  return typeof value === 'object' && value !== null && 'host' in value && 'port' in value;
}
