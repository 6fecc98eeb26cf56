import type { Clock } from '../lib/clock';
import { readClientList, type RedisClients } from '../sources/redis/client-list';
import { RedisInfo } from '../sources/redis/info';
import type { RedisSource } from '../sources/redis/redis-source';
import { single, type Collector, type MetricFamily } from './collector';

type Watched = Pick<RedisSource, 'problem' | 'gaps' | 'asker'>;

/** What of INFO matters to a Redis that carries coturn's messages: its name there, its type, our name and help. */
const FIGURES: readonly (readonly [field: string, type: 'counter' | 'gauge', name: string, help: string])[] = [
  ['uptime_in_seconds', 'gauge', 'uptime_seconds', 'How long Redis runs.'],
  ['used_memory', 'gauge', 'memory_used_bytes', 'Memory that Redis uses.'],
  ['maxmemory', 'gauge', 'memory_max_bytes', 'Memory that Redis may use; 0: no limit.'],
  ['connected_clients', 'gauge', 'connected_clients', 'Connections to Redis.'],
  ['maxclients', 'gauge', 'max_clients', 'Connections that Redis takes at most.'],
  ['connected_slaves', 'gauge', 'replicas', 'Replicas that are connected to Redis.'],
  ['pubsub_patterns', 'gauge', 'pubsub_patterns', 'Patterns that somebody is subscribed to, turn/* among them.'],
  ['pubsub_channels', 'gauge', 'pubsub_channels', 'Channels that somebody is subscribed to.'],
  [
    'evicted_keys',
    'counter',
    'evicted_keys_total',
    'Keys that Redis threw away for want of memory, status keys of coturn perhaps.',
  ],
  [
    'rejected_connections',
    'counter',
    'rejected_connections_total',
    'Connections that Redis refused, because it had too many.',
  ],
  ['total_commands_processed', 'counter', 'commands_total', 'Commands that Redis has done.'],
  ['total_net_input_bytes', 'counter', 'receive_bytes_total', 'Bytes that Redis has read from its clients.'],
  ['total_net_output_bytes', 'counter', 'transmit_bytes_total', 'Bytes that Redis has written to its clients.'],
  // Since Redis 7.
  [
    'client_output_buffer_limit_disconnections',
    'counter',
    'slow_clients_disconnected_total',
    'Clients that Redis cut off since they read too slowly.',
  ],
];

/** The Redis that coturn writes to. It being away costs its own figures alone. */
export function redisCollector(source: Watched, clock: Clock): Collector {
  return {
    name: 'redis',
    collect: async () => {
      const answer = await ask(source, clock);
      const isUp = answer !== undefined && source.problem === undefined;
      return [
        single(
          'gauge',
          'coturn_redis_up',
          'Whether Redis answers, and what coturn publishes there is heard: 1 or 0.',
          isUp ? 1 : 0,
        ),
        ...gapFamilies(source.gaps),
        ...(answer
          ? [...pingFamily(answer.pingSeconds), ...infoFamilies(answer.info), ...clientFamilies(answer.clients)]
          : []),
      ];
    },
  };
}

interface Answer {
  readonly pingSeconds: number;
  readonly info: RedisInfo;
  /** undefined where an ACL refuses it. */
  readonly clients: RedisClients | undefined;
}

/** undefined where Redis does not answer. */
async function ask({ asker }: Watched, clock: Clock): Promise<Answer | undefined> {
  if (!asker) return undefined;
  try {
    const asked = clock.monotonic();
    await asker.ping();
    const pingSeconds = (clock.monotonic() - asked) / 1000;
    const info = new RedisInfo(await asker.info());
    const clients = await asker.clients().then(readClientList, () => undefined);
    return { pingSeconds, info, clients };
  } catch {
    return undefined;
  }
}

function gapFamilies({ count, seconds, ended, found, staleKeys }: Watched['gaps']): MetricFamily[] {
  return [
    single(
      'counter',
      'coturn_redis_gaps_total',
      'Times that what coturn published was not heard: the subscription was broken.',
      count,
    ),
    single('counter', 'coturn_redis_gap_seconds_total', 'How long it was not heard, all such times together.', seconds),
    single(
      'counter',
      'coturn_redis_gap_allocations_ended_total',
      'Allocations that ended in such a time, as their missing keys say; their records are estimated.',
      ended,
    ),
    single(
      'counter',
      'coturn_redis_gap_allocations_found_total',
      'Allocations that began unheard, and were found by their keys.',
      found,
    ),
    single(
      'gauge',
      'coturn_redis_stale_keys',
      'Status keys that coturn left behind when it died, at the last look.',
      staleKeys,
    ),
  ];
}

function pingFamily(seconds: number): MetricFamily[] {
  return [
    single('gauge', 'coturn_redis_ping_seconds', 'How long Redis took to answer a PING, at this scrape.', seconds),
  ];
}

function infoFamilies(info: RedisInfo): MetricFamily[] {
  const figures = FIGURES.flatMap(([field, type, name, help]) => {
    const value = info.number(field);
    return value === undefined ? [] : [single(type, `coturn_redis_${name}`, help, value)];
  });
  const version = info.text('redis_version');
  const role = info.text('role');
  return [
    ...figures,
    {
      name: 'coturn_redis_info',
      help: 'Which Redis this is, and its part in replication; always 1.',
      type: 'gauge',
      samples: [{ labels: { version: short(version), role: short(role) }, value: 1 }],
    },
  ];
}

/** A label's value must not grow with what a server says. */
function short(text: string | undefined): string {
  return (text ?? 'unknown').slice(0, 32);
}

function clientFamilies(clients: RedisClients | undefined): MetricFamily[] {
  if (!clients) return [];
  const { publishers, subscribers, largestBufferBytes } = clients;
  return [
    single(
      'gauge',
      'coturn_redis_publishers',
      "Connections whose last command was PUBLISH: coturn's relay threads.",
      publishers,
    ),
    single('gauge', 'coturn_redis_subscribers', 'Connections that are subscribed to something.', subscribers),
    single(
      'gauge',
      'coturn_redis_subscriber_buffer_bytes',
      'What the slowest subscriber has yet to read; Redis cuts it off at client-output-buffer-limit pubsub.',
      largestBufferBytes,
    ),
  ];
}
