import { noRejections } from '../../../src/licode/rejections';
import { RpcClient } from '../../../src/licode/rpc-client';
import { ManualClock } from '../collectors/manual-clock';

interface Sent {
  readonly to: string;
  readonly corrId: string;
  readonly keepMs: number;
}

function makeClient(): {
  client: RpcClient;
  clock: ManualClock;
  sent: Sent[];
  rejections: ReturnType<typeof noRejections>;
} {
  const clock = new ManualClock();
  const sent: Sent[] = [];
  const rejections = noRejections();
  const publish = (to: string, _body: Buffer, corrId: string, keepMs: number): void => {
    if (to === 'closed') throw new Error('Channel closed');
    sent.push({ to, corrId, keepMs });
  };
  return { client: new RpcClient(publish, 'replies', clock, rejections), clock, sent, rejections };
}

const call = { to: 'nuve', method: 'getErizoControllers', args: [] };
const answer = (corrID: string | undefined, data: unknown): Buffer =>
  Buffer.from(JSON.stringify({ type: 'callback', corrID, data }));

test('an answer goes to the call that it belongs to', async () => {
  const { client, clock, sent } = makeClient();
  const first = client.call(call, { timeoutMs: 100 });
  const second = client.call(call, { timeoutMs: 100 });
  client.accept(answer(sent[1]?.corrId, 'two'));
  client.accept(answer(sent[0]?.corrId, 'one'));
  expect(await first).toEqual({ kind: 'answer', data: 'one' });
  expect(await second).toEqual({ kind: 'answer', data: 'two' });
  expect(clock.waiting).toBe(0);
});

test('RabbitMQ keeps a call no longer than it is waited for', () => {
  const { client, sent } = makeClient();
  void client.call(call, { timeoutMs: 100 });
  expect(sent[0]?.keepMs).toBe(100);
});

test('no answer in time is none, and what comes later is counted', async () => {
  const { client, clock, sent, rejections } = makeClient();
  const outcome = client.call(call, { timeoutMs: 100 });
  await clock.advance(100);
  expect(await outcome).toEqual({ kind: 'unanswered' });
  client.accept(answer(sent[0]?.corrId, 'late'));
  expect(rejections.unknown).toBe(1);
});

test('an answer that is worth something although late is handed on, once', async () => {
  const { client, clock, sent, rejections } = makeClient();
  const late: unknown[] = [];
  const outcome = client.call(call, { timeoutMs: 100, onLate: (data) => late.push(data) });
  await clock.advance(100);
  await outcome;
  client.accept(answer(sent[0]?.corrId, 7));
  client.accept(answer(sent[0]?.corrId, 8));
  expect(late).toEqual([7]);
  expect(rejections.unknown).toBe(1);
});

test('late answers are not awaited without end: the oldest are forgotten', async () => {
  const { client, clock, sent } = makeClient();
  const late: unknown[] = [];
  const calls = Array.from({ length: 1001 }, () =>
    client.call(call, { timeoutMs: 100, onLate: (data) => late.push(data) }),
  );
  await clock.advance(100);
  await Promise.all(calls);
  client.accept(answer(sent[0]?.corrId, 'oldest'));
  client.accept(answer(sent[1000]?.corrId, 'newest'));
  expect(late).toEqual(['newest']);
});

test('a component that is gone, a channel that is closed and an agent that stops end the wait at once', async () => {
  const { client, sent } = makeClient();
  const gone = client.call(call, { timeoutMs: 100 });
  client.returned(sent[0]?.corrId ?? '');
  expect(await gone).toEqual({ kind: 'gone' });
  expect(await client.call({ ...call, to: 'closed' }, { timeoutMs: 100 })).toEqual({ kind: 'unanswered' });
  const waiting = client.call(call, { timeoutMs: 100 });
  client.giveUp();
  expect(await waiting).toEqual({ kind: 'unanswered' });
});
