import { spawnSync } from 'node:child_process';
import type { MetricFamily } from '../../../src/collectors/collector';
import { Exposition } from '../../../src/collectors/exposition';
import { redisCollector } from '../../../src/collectors/redis';
import { systemClock } from '../../../src/lib/clock';
import { createLogger } from '../../../src/lib/logger';
import { RedisAsker } from '../../../src/sources/redis/asker';
import { eventually } from '../../support/eventually';
import { RedisServer } from '../../support/redis-server';

const gaps = { count: 2, seconds: 7.5, ended: 3, found: 1, staleKeys: 4 };
const logger = createLogger('error', 'logfmt');

let redis: RedisServer;
let asker: RedisAsker;

async function askAs(username: string | undefined, password: string): Promise<RedisAsker> {
  const { port } = redis;
  const made = await RedisAsker.create({ host: '127.0.0.1', port, username, password, database: 0, tls: undefined });
  made.start();
  await made.ready(AbortSignal.timeout(10_000));
  return made;
}

beforeAll(async () => {
  redis = await RedisServer.start(['user shy on >shy-password -@all +ping +info']);
  asker = await askAs(undefined, redis.password);
});

afterAll(async () => {
  asker.stop();
  await redis.remove();
});

async function collect(who: RedisAsker | undefined, problem?: string): Promise<Map<string, MetricFamily>> {
  const source = { asker: who, problem, gaps } as unknown as Parameters<typeof redisCollector>[0];
  const families = await redisCollector(source, systemClock).collect(AbortSignal.timeout(10_000));
  return new Map(families.map((family) => [family.name, family]));
}

const valueOf = (families: Map<string, MetricFamily>, name: string): number | undefined =>
  families.get(`coturn_redis_${name}`)?.samples[0]?.value;

test('a Redis in use shows who publishes and who hears, its memory and how fast it answers', async () => {
  const subscriber = redis.cli.duplicate();
  await subscriber.psubscribe('turn/*');
  await redis.cli.publish('turn/x', 'y');
  const families = await collect(asker);
  subscriber.disconnect();
  expect(valueOf(families, 'up')).toBe(1);
  for (const name of ['pubsub_patterns', 'subscribers', 'publishers'])
    expect([name, valueOf(families, name)]).toEqual([name, 1]);
  for (const name of ['memory_used_bytes', 'max_clients', 'connected_clients', 'commands_total', 'ping_seconds']) {
    expect([name, valueOf(families, name)]).toEqual([name, expect.any(Number)]);
    expect(valueOf(families, name)).toBeGreaterThan(0);
  }
  expect(valueOf(families, 'gaps_total')).toBe(2);
  expect(families.get('coturn_redis_info')?.samples[0]?.labels).toMatchObject({ role: 'master' });
});

test('one who may not list clients sees the rest', async () => {
  const shy = await askAs('shy', 'shy-password');
  const families = await collect(shy);
  shy.stop();
  expect([valueOf(families, 'up'), valueOf(families, 'subscribers')]).toEqual([1, undefined]);
  expect(valueOf(families, 'memory_used_bytes')).toBeGreaterThan(0);
});

test('a subscription that does not stand is not up, though Redis answers', async () => {
  expect(valueOf(await collect(asker, 'Redis refused'), 'up')).toBe(0);
});

test('promtool has nothing to say about it', async () => {
  const source = { asker, problem: undefined, gaps } as unknown as Parameters<typeof redisCollector>[0];
  const exposition = new Exposition({ collectors: [redisCollector(source, systemClock)], clock: systemClock, logger });
  const { body } = await exposition.scrape({ openMetrics: false });
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: body, encoding: 'utf8' });
  expect([status, stdout, stderr]).toEqual([0, '', '']);
});

test('a Redis that is away costs its own figures alone: up is 0, and the gaps are counted still', async () => {
  await redis.kill();
  await eventually('it is not up', async () => valueOf(await collect(asker), 'up') === 0);
  const families = await collect(asker);
  expect([valueOf(families, 'gap_seconds_total'), valueOf(families, 'memory_used_bytes')]).toEqual([7.5, undefined]);
  expect(valueOf(await collect(undefined), 'up')).toBe(0);
});
