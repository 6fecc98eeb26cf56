import type { Layer } from '../webrtc/layers';
import { agentsQuestion, clientsQuestion, countInRooms, roomsQuestion } from './rooms';
import type { Level } from './flavour';
import { at, itself, type Gauge, type Question } from './question';

/** Averages of what each component averaged, as the original's; the original cuts the decimals off a controller's. */
const rpcCost: Question = {
  text: countInRooms(
    '{ cost: 0, clients: 0 }',
    'room.clients.forEach((client) => { sums.cost += client.ave_cost; sums.clients += 1; });',
    'sums.clients && sums.cost / sums.clients',
  ),
  gauges: [
    {
      name: 'rpcCost',
      help: 'How long a call from a controller to an agent took, in milliseconds: the average of the clients, averaged over the controllers.',
      combine: 'mean',
      read: itself,
    },
  ],
};

const streams: Question = {
  text: countInRooms(
    '{ produce: 0, consume: 0 }',
    'room.clients.forEach((client) => { sums.produce += client._producers.size; sums.consume += client._consumers.size; });',
  ),
  gauges: [
    { name: 'total_publishers', help: 'Producers in all agents.', combine: 'sum', read: at('produce') },
    { name: 'total_subscribers', help: 'Consumers in all agents.', combine: 'sum', read: at('consume') },
  ],
};

const workers: Question = {
  text: 'console.log(context.workermanage.getsize())',
  gauges: [
    { name: 'active_erizojs_processes', help: 'mediasoup workers of all agents.', combine: 'sum', read: itself },
  ],
};

/** An agent counts events of mediasoup's transports (`erizoAgent/models/rooms.js`): of ICE, those to `disconnected`. */
const failures: Question = {
  text: 'console.log(JSON.stringify(context.getAndResetMetrics()))',
  gauges: [failed('ice', 'ICE'), failed('dtls', 'DTLS'), failed('sctp', 'SCTP')],
};

function failed(layer: Layer, name: string): Gauge {
  return {
    name: `total_${layer}_connections_failed`,
    help: `${name} connections that failed since the agents were asked before.`,
    combine: 'sum',
    layer,
    read: at(`${name}connectionsFailed`),
  };
}

const MEAN = '((list) => list.reduce((sum, score) => sum + score, 0) / (list.length || 1))';

/** A producer has no score before its first RTP packets. The original gives 10 where there is no agent at all. */
const scores: Question = {
  text: countInRooms(
    '{ produce: [], consume: [] }',
    'room.clients.forEach((client) => { ' +
      'client._producers.forEach(({ score }) => { if (score.length > 0) sums.produce.push(score[0].score); }); ' +
      'client._consumers.forEach(({ score }) => { sums.consume.push(score.score); }); });',
    `{ produceScore: ${MEAN}(sums.produce), consumeScore: ${MEAN}(sums.consume) }`,
  ),
  gauges: [
    {
      name: 'produce_score',
      help: "Quality of what clients send, 0 to 10: each agent's average of its producers (0 without one), averaged over the agents.",
      combine: 'mean',
      ofNone: 10,
      read: at('produceScore'),
    },
    {
      name: 'consume_score',
      help: "Quality of what clients get, 0 to 10: each agent's average of its consumers (0 without one), averaged over the agents.",
      combine: 'mean',
      read: at('consumeScore'),
    },
  ],
};

/** QuanjieDeng/mediasoup-signal at 88b6aa8: an agent runs the mediasoup workers itself, and its REPL has its rooms. */
export const mediasoupFlavour: readonly Level[] = [
  { kind: 'controller', questions: [agentsQuestion, roomsQuestion, clientsQuestion, rpcCost] },
  { kind: 'agent', questions: [streams, workers, failures, scores] },
];
