import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Benchmark } from './benchmark';
import { Agent, type AgentOptions } from './support/agent';
import { byTurns, written } from './support/rounds';
import type { Stage } from './support/stage';

const ROUNDS = 11;

/** How long after the start of its process the agent answers a scrape, in a new data directory. */
export const start: Benchmark = {
  name: 'start',
  about: 'from the start of the agent to the first answered scrape',
  async run(stage) {
    const { bare, alone, supervising } = await byTurns(ROUNDS, {
      bare: startOfNode,
      alone: () => startOf(stage, { supervise: false }),
      supervising: () => startOf(stage, { supervise: true }),
    });
    return [
      {
        what: 'start to the first answered scrape, coturn aside',
        value: alone.median,
        unit: 'ms',
        goal: { atMost: 300 },
        raw: `ms: ${written(alone, 0)}; ${ROUNDS} starts; Node.js with an empty program takes ${written(bare, 0)}`,
      },
      {
        what: 'the same where the agent also starts coturn',
        value: supervising.median,
        unit: 'ms',
        raw: `ms: ${written(supervising, 0)}; ${ROUNDS} starts`,
      },
    ];
  },
};

/** What no agent can be faster than; where it is slow, the machine is busy. */
async function startOfNode(): Promise<number> {
  const began = performance.now();
  await once(spawn(process.execPath, ['-e', '0']), 'exit');
  return performance.now() - began;
}

async function startOf(stage: Stage, options: AgentOptions): Promise<number> {
  const agent = await Agent.start(stage, options);
  await agent.stop();
  return agent.startMs;
}
