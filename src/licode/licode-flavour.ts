import { busyProcesses, processesIn } from './components';
import { distributionGauges } from './distributions';
import type { Level } from './flavour';
import { performanceQuestion } from './performance';
import { at, type Gauge, type Question } from './question';
import { agentsQuestion, clientsQuestion, countInRooms, roomsQuestion } from './rooms';

const streams: Question = {
  text: countInRooms(
    '{ publishers: 0, subscribers: 0 }',
    'room.streamManager.forEachPublishedStream((stream) => { sums.publishers += 1; sums.subscribers += stream.avSubscribers.size; });',
  ),
  gauges: [
    { name: 'total_publishers', help: 'Streams published in all rooms.', combine: 'sum', read: at('publishers') },
    { name: 'total_subscribers', help: 'Subscriptions to them.', combine: 'sum', read: at('subscribers') },
  ],
};

const processes: Question = {
  text: 'console.log(context.toJSON())',
  lists: processesIn,
  gauges: [
    {
      name: 'active_erizojs_processes',
      help: 'erizoJS processes that have work, of all agents.',
      combine: 'sum',
      read: busyProcesses,
    },
  ],
};

const eventLoop: Question = {
  text: 'console.log(JSON.stringify(context.computeEventLoopLags()))',
  gauges: [
    lag('min', 'Shortest'),
    lag('max', 'Longest'),
    lag('mean', 'Average'),
    lag('stddev', 'Standard deviation of the'),
    lag('median', 'Median'),
    lag('p95', '95th percentile of the'),
    lag('p99', '99th percentile of the'),
  ],
};

function lag(statistic: string, phrase: string): Gauge {
  return {
    name: `event_loop_lag_max_${statistic}`,
    help: `${phrase} delay of an erizoJS' event loop, in seconds, where it is largest.`,
    combine: 'max',
    read: at(statistic),
  };
}

/**
 * erizo does not tell failed ICE from a failed DTLS handshake (`erizo/src/erizo/DtlsTransport.cpp`: TRANSPORT_FAILED for
 * both), so that all of them count as ICE, which is the usual cause.
 */
const connections: Question = {
  text: 'console.log(JSON.stringify(context.getAndResetMetrics()))',
  gauges: [
    {
      name: 'total_connections_failed',
      help: 'Connections that failed since the processes were asked before.',
      combine: 'sum',
      layer: 'ice',
      read: at('connectionsFailed'),
    },
    ...distributionGauges,
    quality('high', 2),
    quality('medium', 1),
    quality('low', 0),
    {
      name: 'total_publishers_erizojs',
      help: 'Publishers in all erizoJS processes.',
      combine: 'sum',
      read: at('publishers'),
    },
    {
      name: 'total_subscribers_erizojs',
      help: 'Subscribers in all erizoJS processes.',
      combine: 'sum',
      read: at('subscribers'),
    },
  ],
};

function quality(name: string, level: number): Gauge {
  return {
    name: `connection_quality_${name}`,
    help: `Connections of ${name} quality.`,
    combine: 'sum',
    read: at('connectionLevels', level),
  };
}

/** lynckia/licode at 1a5c714: agents start erizoJS processes, and these hold the connections. */
export const licodeFlavour: readonly Level[] = [
  { kind: 'controller', questions: [agentsQuestion, roomsQuestion, clientsQuestion, streams] },
  { kind: 'agent', questions: [processes] },
  { kind: 'process', questions: [eventLoop, performanceQuestion, connections] },
];
