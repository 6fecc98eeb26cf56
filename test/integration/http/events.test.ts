import { EVENT_DATA } from '../../../src/http/events-schema';
import { recordJson, sessionJson } from '../../../src/http/serialize/json';
import type { HttpServerOptions } from '../../../src/http/server';
import { systemClock } from '../../../src/lib/clock';
import { UsageFeed, type FeedEvent } from '../../../src/usage/usage-feed';
import { eventually } from '../../support/eventually';
import { ManualClock } from '../../unit/collectors/manual-clock';
import { usageRecord } from '../usage/store-contract';
import { EventStream } from './event-stream';
import { ask, closeAll, errorOf, rawConnection, startServer } from './harness';
import { liveSession } from './live-session';
import { openConnections } from './open-connections';

afterEach(closeAll);

const OPENED: FeedEvent = { type: 'session_opened', data: liveSession('turn1-1-1') };
const CLOSED: FeedEvent = { type: 'session_closed', data: usageRecord('turn1-1-1') };
const HEALTH: FeedEvent = { type: 'health', data: { ready: false, coturn: 'coturn is draining.' } };

async function start(options: Partial<HttpServerOptions> = {}) {
  const feed = new UsageFeed();
  return { feed, server: await startServer({ feed, ...options }) };
}

describe('GET /v1/events', () => {
  test('gives what happens as server-sent events, each with its type and its data', async () => {
    const { feed, server } = await start();
    const stream = await EventStream.open(server);
    expect(stream.answer.statusCode).toBe(200);
    expect(stream.answer.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    for (const event of [OPENED, HEALTH, CLOSED]) feed.publish(event);
    const events = await stream.receive(3);
    expect(events.map(({ event, data }) => [event, JSON.parse(data) as unknown])).toEqual([
      ['session_opened', sessionJson(liveSession('turn1-1-1'))],
      ['health', { ready: false, coturn: 'coturn is draining.' }],
      ['session_closed', recordJson(usageRecord('turn1-1-1'))],
    ]);
  });

  test('answers at once, also while nothing happens', async () => {
    const { server } = await start();
    const stream = await EventStream.open(server);
    await eventually('a first comment', () => stream.comments === 1);
    expect(stream.events).toEqual([]);
  });

  test('names can not break out of their event: line breaks stay inside of the JSON', async () => {
    const { feed, server } = await start();
    const stream = await EventStream.open(server);
    const userId = 'a\r\n\r\nevent: health\ndata: {"ready":true}\u2028\u0085\n\n:';
    feed.publish({ type: 'session_closed', data: usageRecord('turn1-1-1', { userId }) });
    feed.publish(HEALTH);
    const events = await stream.receive(2);
    expect(events.map(({ event }) => event)).toEqual(['session_closed', 'health']);
    expect(JSON.parse(events[0]?.data ?? '')).toMatchObject({ userId });
  });

  test.each([
    ['session_closed', ['session_closed']],
    ['health,session_opened', ['session_opened', 'health']],
    ['session_opened,session_closed,health', ['session_opened', 'session_closed', 'health']],
  ])('with types=%s gives those alone', async (types, expected) => {
    const { feed, server } = await start();
    const stream = await EventStream.open(server, `?types=${types}`);
    const all = await EventStream.open(server);
    for (const event of [OPENED, CLOSED, HEALTH]) feed.publish(event);
    await all.receive(3);
    expect((await stream.receive(expected.length)).map(({ event }) => event)).toEqual(expected);
  });

  test.each(['types=', 'types=closed', 'types=health,health', 'types=health&types=health', 'type=health'])(
    'refuses %s',
    async (query) => {
      const { feed, server } = await start();
      const answer = await ask(`${server.url()}/v1/events?${query}`);
      expect([answer.status, errorOf(answer).code]).toEqual([400, 'bad_request']);
      expect(feed.isWatched).toBe(false);
    },
  );

  test('answers HEAD without watching, and takes no other method', async () => {
    const { feed, server } = await start();
    const head = await ask(`${server.url()}/v1/events`, { method: 'HEAD' });
    expect([head.status, head.headers['content-type'], head.text]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
      '',
    ]);
    expect(feed.isWatched).toBe(false);
    const answer = await ask(`${server.url()}/v1/events`, { method: 'POST' });
    expect([answer.status, errorOf(answer).code, answer.headers.allow]).toEqual([
      405,
      'method_not_allowed',
      'GET, HEAD',
    ]);
  });
});

describe('a quiet stream', () => {
  test('is held open by a comment every 15 s, and by none once nobody watches', async () => {
    const manual = new ManualClock();
    const every = manual.every.bind(manual);
    const { feed, server } = await start({ clock: { ...systemClock, every } });
    const streams = await Promise.all([EventStream.open(server), EventStream.open(server)]);
    const comments = (count: number) => (): boolean => streams.every((stream) => stream.comments === count);
    await eventually('the first comments', comments(1));
    expect(manual.waiting).toBe(1);
    await manual.advance(14_999);
    feed.publish(HEALTH);
    await Promise.all(streams.map((stream) => stream.receive(1)));
    expect(comments(1)()).toBe(true);
    await manual.advance(1);
    await eventually('one comment more for each', comments(2));
    await manual.advance(15_000);
    await eventually('one comment more for each', comments(3));
    for (const { leave } of streams) leave();
    await eventually('the end of the heartbeat', () => manual.waiting === 0);
  });

  test('is not cut off for its silence, as a connection without a request is', async () => {
    const { feed, server } = await start({ limits: { stallTimeoutMs: 100 } });
    const stream = await EventStream.open(server);
    for (let i = 0; i < 3; i++) await rawConnection(server).received;
    feed.publish(HEALTH);
    expect((await stream.receive(1))[0]).toMatchObject({ event: 'health' });
  });
});

describe('clients', () => {
  test('are all told, and the feed is watched as long as there is one', async () => {
    const { feed, server } = await start();
    expect(feed.isWatched).toBe(false);
    const [one, two] = [await EventStream.open(server), await EventStream.open(server, '?types=health')];
    expect(feed.isWatched).toBe(true);
    feed.publish(HEALTH);
    await Promise.all([one.receive(1), two.receive(1)]);
    one.leave();
    await eventually('one has left', async () => (await openConnections(server)) === 1);
    feed.publish(HEALTH);
    await two.receive(2);
    expect(feed.isWatched).toBe(true);
    two.leave();
    await eventually('nobody watches', () => !feed.isWatched);
    const three = await EventStream.open(server);
    feed.publish(HEALTH);
    await three.receive(1);
  });

  test('that are one too many are told so, and have a place once another leaves', async () => {
    const { feed, server } = await start();
    const streams = await Promise.all(Array.from({ length: 100 }, () => EventStream.open(server)));
    const refused = await ask(`${server.url()}/v1/events`);
    expect([refused.status, errorOf(refused).code]).toEqual([429, 'too_many']);
    expect(refused.headers['content-type']).toMatch(/^application\/json/);
    streams[7]?.leave();
    await eventually('a place is free', async () => {
      const late = await EventStream.open(server);
      if (late.answer.statusCode !== 200) return false;
      feed.publish(HEALTH);
      await late.receive(1);
      return true;
    });
    await Promise.all(streams.filter((_, i) => i !== 7).map((stream) => stream.receive(1)));
  });

  test('that read nothing are cut off while events still come, and the others get every one', async () => {
    const { feed, server } = await start();
    const reader = await EventStream.open(server);
    const idle = await EventStream.open(server);
    idle.answer.pause();
    const username = 'x'.repeat(1000);
    let published = 0;
    const flood = async (): Promise<boolean> => {
      for (let i = 0; i < 100; i++, published++)
        feed.publish({ type: 'session_closed', data: usageRecord(`turn1-1-${published}`, { username }) });
      await reader.receive(published);
      return (await openConnections(server)) === 1;
    };
    await eventually('it is cut off', flood);
    // What the kernel holds for both sides, and a MiB.
    expect(published * 1500).toBeLessThan(40 * 2 ** 20);
    const ids = reader.events.map(({ data }) => (JSON.parse(data) as { id: string }).id);
    expect(ids).toEqual(Array.from({ length: published }, (_, i) => `turn1-1-${i}`));
    idle.answer.resume();
    await eventually('it notices', () => idle.answer.closed);
    expect(idle.isComplete).toBe(false);
  });

  test('see their streams end when the server stops, and the stop waits for none', async () => {
    const { feed, server } = await start({ limits: { stopDeadlineMs: 60_000 } });
    const streams = await Promise.all([EventStream.open(server), EventStream.open(server)]);
    await server.stop();
    await eventually('the streams end', () => streams.every(({ isComplete }) => isComplete));
    expect(feed.isWatched).toBe(false);
  });
});

test('the schema of each type is what its data is', async () => {
  const { feed, server } = await start();
  const stream = await EventStream.open(server);
  for (const event of [OPENED, CLOSED, HEALTH]) feed.publish(event);
  for (const { event, data } of await stream.receive(3)) {
    const shown = JSON.parse(data) as unknown;
    expect(EVENT_DATA[event as keyof typeof EVENT_DATA].parse(shown)).toEqual(shown);
  }
});
