import { EventEmitter } from 'node:events';
import { watchTransport, type About } from '../../../src/report/watch-transport';

/** A WebRtcTransport as mediasoup 3 has it: `close` changes its states first, and tells its observer alone. */
class Transport extends EventEmitter {
  readonly id = '7d5a6d3c';
  readonly observer = new EventEmitter();
  readonly dtlsParameters = { role: 'auto' };
  sctpState: string | undefined;

  constructor(
    public iceState = 'new',
    public dtlsState = 'new',
  ) {
    super();
  }

  close(): void {
    this.iceState = this.dtlsState = 'closed';
    this.observer.emit('close');
  }
}

function watched(transport: Transport, about: About = {}): { readonly told: unknown[] } {
  const told: unknown[] = [];
  watchTransport(transport, about, {
    state: ({ layer, state, user, id }) => told.push([layer, state, user, id]),
    score: (_, { of, score }) => told.push([of, score]),
  });
  return { told };
}

test('tells what each layer comes to, with the transport and its user, and nothing on the way', () => {
  const transport = new Transport();
  const { told } = watched(transport, { user: 'alice' });
  transport.emit('icestatechange', 'connected');
  transport.emit('dtlsstatechange', 'connecting');
  transport.emit('dtlsstatechange', 'failed');
  transport.emit('sctpstatechange', 'failed');
  expect(told).toEqual([
    ['ice', 'connected', 'alice', transport.id],
    ['dtls', 'failed', 'alice', transport.id],
    ['sctp', 'failed', 'alice', transport.id],
  ]);
});

test('tells the states that a transport is in already', () => {
  const { told } = watched(new Transport('completed', 'connected'));
  expect(told).toEqual([
    ['ice', 'completed', undefined, '7d5a6d3c'],
    ['dtls', 'connected', undefined, '7d5a6d3c'],
  ]);
});

test('a transport whose client wanted to connect and never did has failed; one that nobody used has not', () => {
  const [wanted, unused, used] = [new Transport(), new Transport(), new Transport()];
  const told = [wanted, unused, used].map((transport) => watched(transport).told);
  wanted.dtlsParameters.role = used.dtlsParameters.role = 'client';
  used.emit('icestatechange', 'connected');
  for (const transport of [wanted, unused, used]) transport.close();
  const id = '7d5a6d3c';
  expect(told).toEqual([[['ice', 'failed', undefined, id]], [], [['ice', 'connected', undefined, id]]]);
});

test('scores of producers and consumers to come: of several encodings the best', () => {
  const transport = new Transport();
  const { told } = watched(transport);
  const [producer, consumer] = [new EventEmitter(), new EventEmitter()];
  transport.observer.emit('newproducer', producer);
  transport.observer.emit('newconsumer', consumer);
  producer.emit('score', [{ score: 0 }, { score: 8 }]);
  producer.emit('score', []);
  consumer.emit('score', { score: 6, producerScore: 10, producerScores: [10] });
  expect(told).toEqual([
    ['producer', 8],
    ['producer', 0],
    ['consumer', 6],
  ]);
});

test.each(['x'.repeat(1025), 'a\0b'])('a user name that the agent would refuse costs the name alone', (user) => {
  const { told } = watched(new Transport('connected'), { user });
  expect(told).toEqual([['ice', 'connected', undefined, '7d5a6d3c']]);
});
