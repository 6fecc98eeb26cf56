import { setTimeout as sleep } from 'node:timers/promises';
import type { Benchmark } from './benchmark';
import { Agent } from './support/agent';
import { residentBytes } from './support/process';

const SCRAPES = 4;
const SCRAPE_EVERY_MS = 5_000;
const MEGABYTE = 1e6;

/** What the agent holds where nothing happens but coturn's heartbeats and scrapes. */
export const idle: Benchmark = {
  name: 'idle',
  about: 'resident memory of an idle agent with coturn under it, after 20 s',
  async run(stage) {
    const agent = await Agent.start(stage, { supervise: true });
    const atStart = residentBytes(agent.pid);
    for (let scrapes = 0; scrapes < SCRAPES; scrapes++) {
      await sleep(SCRAPE_EVERY_MS);
      await agent.scrape();
    }
    const value = residentBytes(agent.pid) / MEGABYTE;
    return [
      {
        what: 'resident memory of the idle agent, with coturn under it',
        value,
        unit: 'MB',
        goal: { atMost: 90 },
        raw: `${(atStart / MEGABYTE).toFixed(1)} MB after the first scrape, ${value.toFixed(1)} MB after 20 s and ${SCRAPES} more`,
      },
    ];
  },
};
