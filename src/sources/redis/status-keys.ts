import { byteText } from '../../coturn/byte-pattern';
import { StatsChannel, statusKey } from '../../coturn/stats-channel';
import { parseStatus } from '../../coturn/stats-message';
import type { Relay } from '../../turn/relay';
import type { RedisInfo } from './info';
import type { RedisOrigins } from './redis-origins';

/**
 * The lifetime that coturn gives unless asked for another (RFC 8656 section 7.2). A key that nobody has written for
 * longer is left alone until its allocation is heard of: reading it would make it look young at the next look.
 */
const DEFAULT_LIFETIME_S = 600;
/** No allocation goes longer without a Refresh (coturn's `max-allocate-lifetime` unless configured). */
const MAX_LIFETIME_S = 3600;
const GRACE_S = 60;
/** What Redis read from disk at its start looks as old as that start, unless the file tells its age. */
const LOADED_WITHIN_S = 5;

/** The status keys that the open allocations of these origins have, with their slots. */
export function keysOfOpen(relay: Relay, origins: ReadonlySet<number>): Map<string, number[]> {
  const { view } = relay;
  const keys = new Map<string, number[]>();
  for (const slot of view.allocations()) {
    if (!origins.has(view.originOf(slot))) continue;
    const key = statusKey(view.principalOf(slot), view.idOf(slot));
    keys.set(key, [...(keys.get(key) ?? []), slot]);
  }
  return keys;
}

/** Which ages in seconds say nothing of a key, since Redis may have read it from disk then, or got it from its master (`oldest`). */
export function isDoubtfulAge(info: RedisInfo, oldest = Infinity): (idleSeconds: number) => boolean {
  const nothingLoaded = info.number('rdb_last_load_keys_loaded') === 0 && info.number('aof_enabled') === 0;
  const uptime = info.number('uptime_in_seconds') ?? 0;
  return (idle) =>
    idle >= oldest - LOADED_WITHIN_S || (!nothingLoaded && idle >= uptime - LOADED_WITHIN_S && idle <= uptime + 1);
}

/**
 * Whether it was given its keys by another Redis, all at once and without their ages (7.0.15): whatever it had before is
 * gone, so that none of its keys is older, and those that nobody has written since are the oldest.
 */
export function wasReplica(info: RedisInfo): boolean {
  return info.text('role') === 'slave' || (info.number('second_repl_offset') ?? -1) !== -1;
}

/** Of INFO: what takes a key away, or keeps one out, although its allocation goes on (7.0.15; errors since 6.2). */
const KEY_LOSSES = [
  ...['master_replid', 'evicted_keys', 'cmdstat_flushall', 'cmdstat_flushdb', 'cmdstat_swapdb'],
  ...['errorstat_OOM', 'errorstat_MISCONF', 'errorstat_NOREPLICAS', 'errorstat_READONLY'],
];

/**
 * The run of Redis, as far as its keys go: another one too since it was flushed, threw keys away, refused to write some, or
 * became somebody's replica or master. undefined: not known.
 */
export function runOf(info: RedisInfo): string | undefined {
  const id = info.text('run_id');
  return id && [id, ...KEY_LOSSES.flatMap((name) => info.text(name) ?? [])].join(' ');
}

/** Whether a key of that age may be of an allocation that is open, so that its value is worth reading. */
export function isYoung(idleSeconds: number | undefined, isDoubtful: (idleSeconds: number) => boolean): boolean {
  return idleSeconds !== undefined && idleSeconds <= DEFAULT_LIFETIME_S + GRACE_S && !isDoubtful(idleSeconds);
}

/** Whether a key of that age is surely of an allocation that is over. */
export function isStale(idleSeconds: number | undefined): boolean {
  return idleSeconds !== undefined && idleSeconds > MAX_LIFETIME_S + GRACE_S;
}

/** Makes known to the relay what a status key tells of an allocation. */
export class StatusKeys {
  private readonly channel = new StatsChannel();

  constructor(
    private readonly relay: Relay,
    private readonly origins: RedisOrigins,
  ) {}

  /** False where its lifetime is over, or it is no status of coturn's. */
  adopt(key: string, value: string, idleSeconds: number, now: number): boolean {
    const status = parseStatus(value);
    if (!status || status.kind === 'deleted' || status.lifetimeSeconds + GRACE_S < idleSeconds) return false;
    const text = byteText(Buffer.from(key));
    const { channel } = this;
    if (!channel.parse(text, 0, text.buffer.length)) return false;
    const principal = channel.principal();
    const origin = this.origins.originFor(channel, status.kind, status.local, now);
    if (typeof origin !== 'number') return false;
    const { lifetimeSeconds, endpoint } = status;
    const { high, low } = channel;
    const found = { kind: 'found', origin, high, low, endpoint, ageSeconds: idleSeconds, lifetimeSeconds } as const;
    return this.relay.apply({ ...found, principal: () => principal }, now) === 'applied';
  }
}
