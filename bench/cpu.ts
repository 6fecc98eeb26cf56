import type { Benchmark } from './benchmark';
import { Agent } from './support/agent';
import { cpuSeconds } from './support/process';
import { ask, startProgram } from './support/program';
import { Redis } from './support/redis';
import { byTurns, written } from './support/rounds';
import { Sender, type Sent } from './support/sender';
import { livesOf } from './support/streams';

const ROUNDS = 5;
const MILLION = 1e6;

/** What events cost: the agent alone, against redis-server and a subscriber that counts with ioredis. */
export const cpu: Benchmark = {
  name: 'cpu',
  about: 'CPU for a million events, against redis-server with an ioredis subscriber',
  async run(stage) {
    const agent = await Agent.start(stage);
    const redis = await Redis.start(stage);
    const subscriber = startProgram(stage, 'subscriber', String(redis.port));
    const subscriberPid = subscriber.pid ?? 0;
    const toAgent = new Sender(stage, agent.statsdbPort);
    const toRedis = new Sender(stage, redis.port);
    // It has subscribed before the first event is sent.
    await ask(subscriber, { events: 0 });
    const { ours, theirs } = await byTurns(ROUNDS, {
      ours: (round) => cost([agent.pid], () => toAgent.send(livesOf(round))),
      theirs: (round) =>
        cost([redis.pid, subscriberPid], async () => {
          const sent = await toRedis.send(livesOf(round));
          await ask(subscriber, { events: toRedis.events });
          return sent;
        }),
    });
    await agent.expectEvents(toAgent.events);
    return [
      {
        what: "CPU an event, against redis-server's and ioredis'",
        value: ours.median / theirs.median,
        unit: 'x',
        goal: { atMost: 0.15 },
        raw:
          `CPU seconds a million events: ours ${written(ours, 2)}, redis-server ` +
          `and subscriber ${written(theirs, 2)}; all ${toRedis.events} events were heard`,
      },
    ];
  },
};

/** CPU seconds that these processes use for a million events. */
async function cost(pids: readonly number[], send: () => Promise<Sent>): Promise<number> {
  const before = cpuSeconds(pids);
  const { events } = await send();
  return ((cpuSeconds(pids) - before) / events) * MILLION;
}
