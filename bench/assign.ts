import { ask, startProgram } from './support/program';
import type { Benchmark, Figure } from './benchmark';
import type { Measured } from './programs/assigner';
import { ZookeeperServer } from '../test/support/zookeeper';

const RELAYS = 1000;
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
    const http = await ask<Measured>(program, { do: 'http' });
    const bare = await ask<Measured>(program, { do: 'credentials' });
    const shared = await ask<Measured>(program, { do: 'share' });
    const writes = await ask<Measured>(program, { do: 'write' });
    return [
      latency('an assignment among 1,000 relays, without ZooKeeper: p99', alone, 'one after the other'),
      latency('the same over HTTP, with its credential: p99', http, `4 connections; ${rate(bare)} bare credentials`),
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

function latency(what: string, measured: Measured, how: string): Figure {
  const raw = `p50 ${measured.p50.toFixed(2)} ms; ${rate(measured)}; ${how}`;
  return { what, value: measured.p99, unit: 'ms', goal: { atMost: 5 }, raw };
}

function rate({ aSecond }: Measured): string {
  return `${aSecond.toFixed(0)} a second`;
}
