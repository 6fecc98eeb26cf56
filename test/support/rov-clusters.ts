import { Nuve, RovCluster, RovComponent } from './rov-components';

/** What a test's cluster has in its rooms; each of the two controllers and agents has all of it. */
const CLIENTS_PER_ROOM = [2, 3];

/** A map as licode's models have them, with the given values under any keys. */
function mapOf<T>(values: readonly T[]): Map<string, T> {
  return new Map(values.map((value, i) => [`key${i}`, value]));
}

function nuveOf(ids: readonly string[]): Nuve {
  return new Nuve(() => ids.map((_id) => ({ _id, ip: '10.0.0.1', state: 2, keepAlive: 0 })));
}

/** `ecCloudHandler.js`: what agents answered to a broadcast. */
function agentsListOf(ids: readonly string[]): { getErizoAgentsList: () => string } {
  const agents = ids.map((id) => [
    id,
    { info: { id, rpc_id: `ErizoAgent_${id}` }, stats: { perc_cpu: 0.5 }, timeout: 0 },
  ]);
  return { getErizoAgentsList: () => JSON.stringify(Object.fromEntries(agents)) };
}

const CONTROLLERS = ['5f0c1a', '5f0c1b'];
const AGENTS = ['1111-aa', '2222-bb'];

/** Two controllers and two agents of mediasoup-signal; `failures` is counted by each agent and taken once. */
export function mediasoupCluster(failures = { ice: 3, dtls: 2, sctp: 1 }): RovCluster {
  const controllers = CONTROLLERS.map(
    (id, i) => new RovComponent(`erizoController_${id}`, mediasoupController(i === 0 ? 10 : 21)),
  );
  const agents = AGENTS.map((id, i) => new RovComponent(`ErizoAgent_${id}`, mediasoupAgent(i === 0 ? 8 : 5, failures)));
  return new RovCluster(nuveOf(CONTROLLERS), [...controllers, ...agents]);
}

function mediasoupController(averageCost: number): object {
  const rooms = CLIENTS_PER_ROOM.map((clients) => ({
    clients: mapOf(Array.from({ length: clients }, () => ({ ave_cost: averageCost }))),
  }));
  return { rooms: mapOf(rooms), ecch: agentsListOf(AGENTS) };
}

function mediasoupAgent(score: number, failures: { ice: number; dtls: number; sctp: number }): object {
  const client = {
    // The second one got no RTP yet.
    _producers: mapOf([{ score: [{ score, ssrc: 1 }] }, { score: [] }]),
    _consumers: mapOf([
      { score: { score: 10, producerScore: score } },
      { score: { score: 4 } },
      { score: { score: 4 } },
    ]),
  };
  let counted = failures;
  return {
    rooms: mapOf([{ clients: mapOf([client]) }]),
    workermanage: { getsize: () => 4 },
    getAndResetMetrics: () => {
      const { ice, dtls, sctp } = counted;
      counted = { ice: 0, dtls: 0, sctp: 0 };
      return { ICEconnectionsFailed: ice, DTLSconnectionsFailed: dtls, SCTPconnectionsFailed: sctp };
    },
  };
}

/** Two controllers, two agents and their two erizoJS each, of licode. */
export function licodeCluster(): RovCluster {
  const controllers = CONTROLLERS.map((id) => new RovComponent(`erizoController_${id}`, licodeController()));
  const agents = AGENTS.map((id) => new RovComponent(`ErizoAgent_${id}`, licodeAgent(id)));
  const processes = AGENTS.flatMap((id) =>
    [0, 1].map((i) => new RovComponent(`ErizoJS_${id}-${i}`, licodeProcess(id === AGENTS[1] && i === 1))),
  );
  return new RovCluster(nuveOf(CONTROLLERS), [...controllers, ...agents, ...processes]);
}

function licodeController(): object {
  const streams = [2, 1, 0].map((subscribers) => ({ avSubscribers: mapOf(Array.from({ length: subscribers })) }));
  const rooms = CLIENTS_PER_ROOM.map((clients) => ({
    clients: mapOf(Array.from({ length: clients })),
    streamManager: {
      forEachPublishedStream: (each: (stream: object) => void) => {
        streams.forEach(each);
      },
    },
  }));
  return { rooms: mapOf(rooms), ecch: agentsListOf(AGENTS) };
}

/** One process with work, one without. */
function licodeAgent(id: string): object {
  const rows = [0, 1].map((i) => ({
    id: `${id}-${i}`,
    idle: i === 1,
    started: true,
    position: i,
    processId: 4000 + i,
  }));
  return { toJSON: () => JSON.stringify(rows) };
}

function licodeProcess(isSlowest: boolean): object {
  let connectionsFailed = 3;
  const distribution = (first: number): number[] => [first, 4, 3, 2, 1, 0, 0, 0, 0, 0];
  return {
    computeEventLoopLags: () => ({
      min: 0.01,
      max: isSlowest ? 0.9 : 0.1,
      mean: NaN,
      median: 0.02,
      p95: 0.03,
      p99: 0.04,
    }),
    computePerformanceStats: () => ({
      subscribe_total_min: NaN,
      subscribe_total_max: isSlowest ? 512.5 : 100,
      subscribe_total_amean: 50,
      subscribe_total_stddev: 0,
    }),
    getAndResetMetrics: () => {
      const failed = connectionsFailed;
      connectionsFailed = 0;
      return {
        connectionsFailed: failed,
        totalConnections: 9,
        connectionLevels: [1, 2, 3, 0, 0, 0, 0, 0, 0, 0],
        publishers: 5,
        subscribers: 6,
        durationDistribution: distribution(100),
        delayDistribution: distribution(200),
        connectionDurationDistribution: distribution(300),
        connectionDelayDistribution: distribution(400),
        streamDurationDistribution: distribution(500),
        streamDelayDistribution: distribution(600),
      };
    },
  };
}
