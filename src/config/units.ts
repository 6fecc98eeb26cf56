import { z } from 'zod';

const SECONDS = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** `10s`, `1h`, `400d`, `250ms`, or a number of seconds; the value is in seconds. */
export const duration = z
  .union([z.number(), z.string()], 'a duration such as 10s, 5m, 1h or 7d')
  .transform((value, context) => {
    const seconds = typeof value === 'number' ? value : parseDuration(value);
    if (seconds !== undefined && seconds >= 0 && Number.isFinite(seconds)) return seconds;
    context.addIssue({ code: 'custom', message: 'expected a duration such as 10s, 5m, 1h or 7d' });
    return z.NEVER;
  });

function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text);
  if (!match) return undefined;
  return Number(match[1]) * SECONDS[(match[2] ?? 's') as keyof typeof SECONDS];
}

/** Where a server listens. IPv6 addresses stand in brackets in the text form. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** `127.0.0.1:9642`, `[::1]:9642`, or `:9642` for every address. */
export const listenAddress = z.string().transform((text, context): ListenAddress => {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match && port <= 65_535) return { host: match[1] ?? (match[2] || '::'), port };
  context.addIssue({ code: 'custom', message: 'expected host:port, such as 127.0.0.1:9642 or [::1]:9642' });
  return z.NEVER;
});
