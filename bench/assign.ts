import { ask, startProgram } from './support/program';
import type { Benchmark, Figure } from './benchmark';
import { postFor } from './support/http';
import { measured, type Measured } from './support/latencies';
import { ZookeeperServer } from '../test/support/zookeeper';

const RELAYS = 1000;
const CONNECTIONS = 4;
const ROUND_MS = 3000;
/** One relay's writes to the registry. */
const WRITES_A_SECOND = RELAYS / 10;

/** Whether an assignment among a thousand relays costs a call nothing, and what ZooKeeper bears of them. */
export const assign: Benchmark = {
  name: 'assign',
  about:
    'assignments among 1,000 relays, a second and how long: choosing alone, over HTTP, with ZooKeeper; registry writes',
  async run(stage) {
    const zookeeper = await ZookeeperServer.start();
    stage.defer(() => zookeeper.remove());
    const program = startProgram(stage, 'assigner', zookeeper.address, String(RELAYS));
    const ready = await ask<{ relays: number }>(program, { do: 'start' });
    if (ready.relays !== RELAYS) throw new Error(`of ${RELAYS} relays ${ready.relays} are known`);
    const alone = await ask<Measured>(program, { do: 'choose' });
    const { port } = await ask<{ port: number }>(program, { do: 'listen' });
    const http = await posts(port, '/v1/relays/assign', task);
    const bare = await posts(port, '/v1/credentials', () => '{"user":"alice"}');
    const shared = await ask<Measured>(program, { do: 'share' });
    const writes = await ask<Measured>(program, { do: 'write' });
    return [
      latency('an assignment among 1,000 relays, without ZooKeeper: p99', alone, 'one after the other'),
      latency(
        'the same over HTTP, with its credential: p99',
        http,
        `${CONNECTIONS} connections; ${rate(bare)} bare credentials`,
      ),
      latency('the same shared through ZooKeeper: p99', shared, '4 at a time, one server on this machine'),
      {
        what: 'assignments over HTTP a second, against credentials alone',
        value: http.aSecond / bare.aSecond,
        unit: 'x',
        raw: `${rate(http)}, against ${rate(bare)}`,
      },
      {
        what: 'registry writes a second, against those of 1,000 relays',
        value: writes.aSecond / WRITES_A_SECOND,
        unit: 'x',
        goal: { atLeast: 5 },
        raw: `${rate(writes)} to 1,000 nodes, 64 at a time; 1,000 relays that write every 10 s need ${WRITES_A_SECOND}`,
      },
    ];
  },
};

let tasks = 0;

function task(): string {
  return JSON.stringify({ task: `http ${tasks++}`, user: 'alice', region: `region-${tasks % 12}` });
}

/** From a process of its own, as calls come. The first round warms the routes up, and does not count. */
async function posts(port: number, path: string, body: () => string): Promise<Measured> {
  const headers = { 'content-type': 'application/json' };
  const round = { port, path, headers, body, connections: CONNECTIONS, forMs: ROUND_MS };
  await postFor(round);
  const { latencies } = await postFor(round);
  return measured(latencies, ROUND_MS);
}

function latency(what: string, measured: Measured, how: string): Figure {
  const raw = `p50 ${measured.p50.toFixed(2)} ms; ${rate(measured)}; ${how}`;
  return { what, value: measured.p99, unit: 'ms', goal: { atMost: 5 }, raw };
}

function rate({ aSecond }: Measured): string {
  return `${aSecond.toFixed(0)} a second`;
}
