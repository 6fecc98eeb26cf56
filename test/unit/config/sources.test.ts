import { configSchema } from '../../../src/config/schema';

const redis = { url: 'redis://reader:p%20w@redis.example.org:6379/3' };
const observed = { supervise: false };

function mistakes(config: object): string[] {
  const parsed = configSchema.safeParse(config);
  return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

test('a Redis that the coturn of somebody else writes to is taken', () => {
  expect(mistakes({ coturn: observed, sources: { redis } })).toEqual([]);
});

test.each([
  ['beside a coturn that the agent runs', { sources: { redis } }, /sources: .*coturn\.supervise: false/],
  [
    'beside the statsdb endpoint: everything would count twice',
    { coturn: observed, sources: { redis, statsdb: { listenAddress: '127.0.0.1:7000' } } },
    /sources\.statsdb: .*count twice/,
  ],
])('%s it is refused', (_, config, sentence) => {
  expect(mistakes(config)).toEqual([expect.stringMatching(sentence)]);
});

test.each([
  'redis:6379',
  'http://host',
  'redis://',
  'redis://host/name',
  'redis://host/1/2',
  'redis://u:%zz@host',
  'x',
])('%p is no URL of a Redis', (url) => {
  expect(mistakes({ coturn: observed, sources: { redis: { url } } })).toEqual([
    expect.stringMatching(/^sources\.redis\.url: expected a URL/),
  ]);
});

test.each(['amqp://', 'http://host', 'amqp://host:99999', 'amqp://u:p@host:port', 'amqp://a b', 'x'])(
  '%p is no URL of a RabbitMQ',
  (amqp) => {
    expect(mistakes({ licode: { amqp } })).toEqual([expect.stringMatching(/^licode\.amqp: expected a URL/)]);
  },
);

test('a RabbitMQ is taken over TLS too, and at the usual port', () => {
  expect(mistakes({ licode: { amqp: 'amqps://u:p%40ss@[::1]/vhost?heartbeat=5' } })).toEqual([]);
});

test('long-term users need to know the database of a coturn that somebody else runs', () => {
  const credentials = { mode: 'user' };
  expect(mistakes({ coturn: observed, credentials })).toEqual([expect.stringMatching(/^credentials: .*userdb/)]);
  expect(mistakes({ coturn: { ...observed, extra: { userdb: '/var/lib/turn/turndb' } }, credentials })).toEqual([]);
  expect(mistakes({ credentials })).toEqual([]);
});
