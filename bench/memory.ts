import { setTimeout as sleep } from 'node:timers/promises';
import type { Benchmark, Figure } from './benchmark';
import { Agent } from './support/agent';
import { residentBytes } from './support/process';
import { Sender } from './support/sender';
import type { Stage } from './support/stage';
import { openings } from './support/streams';

const COUNTS = [100_000, 1_000_000];
/** A WebRTC call makes several allocations; a user who has only one costs most. */
const ALLOCATIONS_PER_USER = [4, 1];
/** Until the last commit is written, and the ledger's thread is at rest as well (`MemoryReducer` of Node.js 20: 8 s). */
const REST_MS = 12_000;
const MEGABYTE = 1e6;

/** What an open allocation costs, its share of user and session included: an agent at rest with many against itself with none. */
export const memory: Benchmark = {
  name: 'memory',
  about: 'bytes of memory for each open allocation',
  async run(stage) {
    return (await Promise.all(ALLOCATIONS_PER_USER.map((perUser) => measure(stage, perUser)))).flat();
  },
};

async function measure(stage: Stage, perUser: number): Promise<Figure[]> {
  const agent = await Agent.start(stage, { collectable: true });
  const sender = new Sender(stage, agent.statsdbPort);
  const none = await residentAtRest(agent);
  const figures: Figure[] = [];
  let open = 0;
  for (const count of COUNTS) {
    for (const stream of openings(open, count, perUser)) await sender.send(stream);
    open = count;
    figures.push(figure({ open, perUser, none, many: await residentAtRest(agent) }));
    await agent.expectOpen(open);
  }
  await agent.stop();
  return figures;
}

async function residentAtRest(agent: Agent): Promise<number> {
  await sleep(REST_MS);
  await agent.collectGarbage();
  return residentBytes(agent.pid);
}

function figure({ open, perUser, none, many }: Record<'open' | 'perUser' | 'none' | 'many', number>): Figure {
  return {
    what: `an open allocation, of ${open.toLocaleString('en')}, ${perUser} a user`,
    value: (many - none) / open,
    unit: 'B',
    goal: { atMost: 400 },
    raw: `resident: ${(many / MEGABYTE).toFixed(1)} MB with them, ${(none / MEGABYTE).toFixed(1)} MB without`,
  };
}
