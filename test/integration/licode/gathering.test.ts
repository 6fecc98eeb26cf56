import { connect } from 'amqplib';
import { licodeCollector } from '../../../src/collectors/licode';
import { renderFamilies } from '../../../src/collectors/text-format';
import type { LicodeSource } from '../../../src/licode/licode-source';
import { eventually } from '../../support/eventually';
import { RabbitMq } from '../../support/rabbitmq';
import { licodeCluster, mediasoupCluster } from '../../support/rov-clusters';
import { silent, type RovCluster } from '../../support/rov-components';
import { makeSource, openSessions, questionsOf, valueOf, type Settings } from './harness';

let rabbitmq: RabbitMq;
let cluster: RovCluster;
let source: LicodeSource;

beforeAll(async () => {
  rabbitmq = await RabbitMq.start();
});

afterAll(() => rabbitmq.remove());

async function startWith(made: RovCluster, flavour: 'licode' | 'mediasoup', interval?: number): Promise<void> {
  cluster = made;
  await cluster.start(rabbitmq.url);
  const settings: Settings = { amqp: rabbitmq.url, flavour, ...(interval !== undefined && { interval }) };
  ({ source } = makeSource(settings));
  await source.start();
}

afterEach(async () => {
  await source.stop();
  await cluster.stop();
});

const gathered = (): Promise<void> => eventually('it gathered', () => source.up, 20_000);

async function metrics(): Promise<string> {
  const families = await licodeCollector(source).collect(new AbortController().signal);
  return (await renderFamilies(families, false)).body;
}

test('the numbers of two controllers and two agents of mediasoup-signal are added up', async () => {
  await startWith(mediasoupCluster(), 'mediasoup', 60);
  await gathered();
  const values = Object.fromEntries(source.gauges.map(({ name, value }) => [name, value]));
  expect(values).toEqual({
    active_rooms: 4,
    active_clients: 10,
    rpcCost: 15.5,
    total_publishers: 4,
    total_subscribers: 6,
    active_erizojs_processes: 8,
    total_ice_connections_failed: 6,
    total_dtls_connections_failed: 4,
    total_sctp_connections_failed: 2,
    produce_score: 6.5,
    consume_score: 6,
  });
  expect(source.recent).toEqual({ ice: 6, dtls: 4, sctp: 2 });
  expect(await metrics()).toContain('\nmediasoup_rpcCost 15.5\n');
  expect(await metrics()).toContain('turnkeeper_licode_components{kind="agent",state="answered"} 2\n');
});

test('the numbers of two controllers, two agents and four erizoJS of licode are added up', async () => {
  await startWith(licodeCluster(), 'licode', 60);
  await gathered();
  const values = Object.fromEntries(source.gauges.map(({ name, value }) => [name, value]));
  expect(values).toMatchObject({
    active_rooms: 4,
    active_clients: 10,
    total_publishers: 12,
    total_subscribers: 12,
    active_erizojs_processes: 2,
    total_connections_failed: 12,
    task_duration_0_to_10_ms: 400,
    task_delay_1000_ms: 4,
    connection_promise_duration_10_to_50_ms: 16,
    stream_promise_delay_0_to_10_ms: 2400,
    connection_quality_high: 12,
    connection_quality_low: 4,
    total_publishers_erizojs: 20,
    total_subscribers_erizojs: 24,
    event_loop_lag_max_max: 0.9,
    event_loop_lag_max_mean: 0,
    subscribe_total_max: 512.5,
    subscribe_total_min: 0,
    unsubscribe_total_amean: 0,
  });
  expect(source.total).toEqual({ ice: 12, dtls: 0, sctp: 0 });
  expect(source.components.map(({ answered, unanswered }) => [answered, unanswered])).toEqual([
    [2, 0],
    [2, 0],
    [4, 0],
  ]);
});

test('failures that a component forgets when it is asked are kept in the total, and leave the last interval', async () => {
  await startWith(mediasoupCluster(), 'mediasoup');
  await eventually('they were shown', () => source.total.ice === 6);
  await eventually('the next interval has none', () => source.recent.ice === 0);
  expect(source.total).toEqual({ ice: 6, dtls: 4, sctp: 2 });
});

test.each(['mediasoup', 'licode'] as const)(
  'only the fixed questions are sent to %s, and every session is closed',
  async (flavour) => {
    await startWith(flavour === 'licode' ? licodeCluster() : mediasoupCluster(), flavour);
    await eventually('three gatherings', () => cluster.nuve.calls.length >= 3);
    await source.stop();
    const allowed = questionsOf(flavour);
    for (const component of cluster.components) {
      expect(new Set(component.calls.map(({ method }) => method))).toEqual(new Set(['rovMessage']));
      expect(component.commands.filter((command) => !allowed.has(command))).toEqual([]);
      expect(component.opened).toBeGreaterThanOrEqual(2);
    }
    expect(new Set(cluster.nuve.calls.map(({ method }) => method))).toEqual(new Set(['getErizoControllers']));
    expect(openSessions(cluster)).toBe(0);
    expect(source.rejected).toEqual({ oversized: 0, malformed: 0, unknown: 0, unexpected: 0, too_many: 0 });
  },
);

test('an agent that hangs costs its own numbers only; when it wakes, its sessions are closed', async () => {
  const made = mediasoupCluster();
  made.named('ErizoAgent_1111-aa').hang();
  await startWith(made, 'mediasoup');
  await gathered();
  expect(valueOf(source, 'active_rooms')).toBe(4);
  expect(valueOf(source, 'total_publishers')).toBe(2);
  expect(valueOf(source, 'produce_score')).toBe(5);
  expect(source.components[1]).toEqual({ kind: 'agent', answered: 1, unanswered: 1 });
  cluster.named('ErizoAgent_1111-aa').wake();
  await eventually('it is counted again', () => valueOf(source, 'total_publishers') === 4);
  expect(source.total.ice).toBe(6);
  await source.stop();
  expect(openSessions(cluster)).toBe(0);
});

test('a count that comes too late for its gathering is in the total all the same', async () => {
  const made = mediasoupCluster();
  const agent = made.named('ErizoAgent_1111-aa');
  const reset = 'getAndResetMetrics';
  // It hangs with the question in its queue.
  agent.distort = (data) => {
    if (agent.commands.at(-1)?.includes('getsize') === true) agent.hang();
    return data;
  };
  await startWith(made, 'mediasoup');
  await gathered();
  expect(source.total.ice).toBe(3);
  agent.distort = (data) => data;
  agent.wake();
  await eventually('its count came', () => source.total.ice === 6);
  expect(agent.commands.some((command) => command.includes(reset))).toBe(true);
});

test.each([
  ['a text', 'Uncaught TypeError: x is not a function\n'],
  ['another shape', '{"produce":"many"}\n'],
  ['a huge number', '1e300\n'],
  ['no text', { produce: 1 }],
  ['three megabytes', 'x'.repeat(3 << 20)],
])('an agent that answers %s costs its own numbers only', async (_what, rubbish) => {
  const made = mediasoupCluster();
  made.named('ErizoAgent_2222-bb').distort = (data) => (typeof data === 'number' || data === true ? data : rubbish);
  await startWith(made, 'mediasoup', 60);
  await gathered();
  expect(valueOf(source, 'active_clients')).toBe(10);
  expect(valueOf(source, 'total_publishers')).toBe(2);
  expect(valueOf(source, 'produce_score')).toBe(8);
  expect(source.total).toEqual({ ice: 3, dtls: 2, sctp: 1 });
  expect(source.components[1]).toEqual({ kind: 'agent', answered: 1, unanswered: 1 });
  expect(source.rejected.unexpected + source.rejected.oversized).toBeGreaterThan(0);
  await source.stop();
  expect(openSessions(cluster)).toBe(0);
});

test('a component that is listed but gone is not waited for', async () => {
  const made = mediasoupCluster();
  await startWith(made, 'mediasoup', 60);
  await gathered();
  await source.stop();
  await made.named('erizoController_5f0c1a').leave();
  ({ source } = makeSource({ amqp: rabbitmq.url, interval: 60 }));
  const begun = performance.now();
  await source.start();
  await gathered();
  expect(performance.now() - begun).toBeLessThan(4_000);
  expect(source.components[0]).toEqual({ kind: 'controller', answered: 1, unanswered: 1 });
  expect(valueOf(source, 'active_rooms')).toBe(2);
  expect(valueOf(source, 'total_publishers')).toBe(4);
});

test('names that an answer makes up are not written to', async () => {
  const made = mediasoupCluster();
  const controller = made.named('erizoController_5f0c1a');
  const forged = { a: { info: { rpc_id: 'nuve' } }, b: { info: { rpc_id: 'ErizoAgent_x y' } }, c: null };
  controller.distort = (data) =>
    controller.commands.at(-1)?.includes('ecch') === true ? JSON.stringify(forged) : data;
  await startWith(made, 'mediasoup', 60);
  await gathered();
  expect(made.nuve.calls.every(({ method }) => method === 'getErizoControllers')).toBe(true);
  expect(source.rejected.unexpected).toBeGreaterThanOrEqual(3);
  expect(valueOf(source, 'total_publishers')).toBe(4);
});

test('no value is shown where nobody told it', async () => {
  const made = mediasoupCluster();
  for (const name of ['erizoController_5f0c1a', 'erizoController_5f0c1b']) {
    made.named(name).distort = (data) => (typeof data === 'number' ? data : '???');
  }
  await startWith(made, 'mediasoup', 60);
  await gathered();
  expect(source.gauges.filter(({ value }) => value !== undefined)).toEqual([]);
  expect(await metrics()).not.toMatch(/^mediasoup_/m);
});

test('messages that nobody asked for are counted and dropped', async () => {
  await startWith(mediasoupCluster(), 'mediasoup');
  await gathered();
  const replyTo = cluster.nuve.calls[0]?.replyTo ?? '';
  for (const body of [
    '',
    'null',
    '{',
    '[]',
    '{"type":"callback","corrID":"x","data":1}',
    '{"type":"onReady","corrID":"x"}',
  ]) {
    cluster.nuve.say(replyTo, Buffer.from(body));
  }
  await eventually('all are counted', () => source.rejected.malformed === 5 && source.rejected.unknown === 1);
  expect(source.up).toBe(true);
});

test('nuve that does not answer takes the numbers away, and they return with it', async () => {
  await startWith(mediasoupCluster(), 'mediasoup');
  await gathered();
  cluster.nuve.distort = () => 'timeout';
  await eventually('it is down', () => !source.up);
  expect(valueOf(source, 'active_rooms')).toBeUndefined();
  cluster.nuve.distort = (data) => data;
  await eventually('it is up', () => source.up);
});

test('what is sent to an agent that never reads does not pile up: RabbitMQ drops it', async () => {
  const made = mediasoupCluster();
  await startWith(made, 'mediasoup');
  const name = 'ErizoAgent_1111-aa';
  await made.named(name).leave();
  const connection = await connect(rabbitmq.url);
  try {
    const channel = await connection.createChannel();
    await channel.assertQueue(name, { durable: false, exclusive: true });
    await channel.bindQueue(name, 'rpcExchange', name);
    const waiting = async (): Promise<number> => (await channel.checkQueue(name)).messageCount;
    await eventually('it was asked', async () => (await waiting()) > 0);
    await source.stop();
    await eventually('nothing waits', async () => (await waiting()) === 0);
  } finally {
    await connection.close();
  }
});

test('a stop in the middle of a gathering closes what is open, and leaves no queue', async () => {
  const made = mediasoupCluster();
  const agent = made.named('ErizoAgent_1111-aa');
  agent.distort = (data) => (typeof data === 'string' ? silent : data);
  await startWith(made, 'mediasoup', 60);
  await eventually('the agent was asked', () => agent.commands.length === 1);
  const begun = performance.now();
  await source.stop();
  expect(performance.now() - begun).toBeLessThan(3_000);
  expect(openSessions(cluster)).toBe(0);
  expect((await rabbitmq.queues()).sort()).toEqual([...cluster.components.map(({ name }) => name), 'nuveQueue'].sort());
});
