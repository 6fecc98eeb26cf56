import type { Benchmark } from './benchmark';
import { Agent } from './support/agent';
import { byTurns, written } from './support/rounds';
import { Sender } from './support/sender';
import type { Stage } from './support/stage';
import { openings } from './support/streams';

const ROUNDS = 100;
const FEW = 10;
const MANY = 1_000_000;

/** Whether a scrape, HTTP and all, takes longer where more is open. */
export const scrape: Benchmark = {
  name: 'scrape',
  about: 'time of a scrape with a million open allocations, against ten',
  async run(stage) {
    const few = await agentWith(stage, FEW);
    const many = await agentWith(stage, MANY);
    const times = await byTurns(ROUNDS, { few: () => few.scrape(), many: () => many.scrape() });
    return [
      {
        what: 'scrape time with 1,000,000 open allocations, against 10',
        value: times.many.median / times.few.median,
        unit: 'x',
        goal: { atMost: 1.5 },
        raw: `ms: ${written(times.many, 2)}, against ${written(times.few, 2)}; ${ROUNDS} scrapes each`,
      },
    ];
  },
};

async function agentWith(stage: Stage, open: number): Promise<Agent> {
  const agent = await Agent.start(stage);
  const sender = new Sender(stage, agent.statsdbPort);
  for (const stream of openings(0, open, 4)) await sender.send(stream);
  await agent.expectOpen(open);
  return agent;
}
