import type { Benchmark } from './benchmark';
import { Agent } from './support/agent';
import { Redis } from './support/redis';
import { byTurns, written } from './support/rounds';
import { Sender } from './support/sender';
import { livesOf } from './support/streams';

const ROUNDS = 9;
const MILLION = 1e6;

/** How fast the endpoint takes commands, full state kept, against redis-server given the same stream. */
export const statsdb: Benchmark = {
  name: 'statsdb',
  about: 'commands a second that the statsdb endpoint takes, against redis-server',
  async run(stage) {
    const agent = await Agent.start(stage);
    const redis = await Redis.start(stage);
    const toAgent = new Sender(stage, agent.statsdbPort);
    const toRedis = new Sender(stage, redis.port);
    const { ours, theirs } = await byTurns(ROUNDS, {
      ours: (round) => speed(toAgent, round),
      theirs: (round) => speed(toRedis, round),
    });
    await agent.expectEvents(toAgent.events);
    await redis.expectCommands(toRedis.commands);
    return [
      {
        what: "commands/s, against redis-server's",
        value: ours.median / theirs.median,
        unit: 'x',
        goal: { atLeast: 1.2 },
        raw:
          `million commands/s: ours ${written(ours, 2, MILLION)}, redis-server ${written(theirs, 2, MILLION)}; ` +
          `the sender was busy ${(100 * Math.max(toAgent.busy, toRedis.busy)).toFixed(0)} % at most`,
      },
    ];
  },
};

/** Commands a second. */
async function speed(sender: Sender, round: number): Promise<number> {
  const { commands, seconds } = await sender.send(livesOf(round));
  return commands / seconds;
}
