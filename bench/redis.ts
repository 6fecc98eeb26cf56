import { setTimeout as sleep } from 'node:timers/promises';
import type { Benchmark, Figure } from './benchmark';
import { Agent } from './support/agent';
import type { StreamOptions } from './support/coturn-stream';
import { sendInTime } from './support/pace';
import { cpuSeconds } from './support/process';
import { ask, startProgram } from './support/program';
import { Redis } from './support/redis';
import { byTurns, written } from './support/rounds';
import { Sender } from './support/sender';
import type { Stage } from './support/stage';
import { livesOf } from './support/streams';

const ROUNDS = 3;
const MILLION = 1e6;
const POLL_MS = 20;
/** How long the pace is kept, and in how many steps a second. */
const PACED_SECONDS = 10;
const STEPS_A_SECOND = 10;
const PART_OF_MOST = 0.8;
/** Allocations are numbered on from there. */
const PACED_FIRST = 10 * MILLION;
const REPORTS = 6;

/** What it costs to hear coturn through a Redis, and whether Redis ever has to cut the agent off. */
export const redis: Benchmark = {
  name: 'redis',
  about: 'the Redis source: CPU an event against an ioredis subscriber; the pace at which Redis does not cut it off',
  async run(stage) {
    return [await costFigure(stage), await paceFigure(stage)];
  },
};

/** Both are subscribed, and hear the same. */
async function costFigure(stage: Stage): Promise<Figure> {
  const server = await Redis.start(stage, { limits: 'none' });
  const agent = await agentOn(stage, server);
  const subscriber = startProgram(stage, 'subscriber', String(server.port));
  const sender = new Sender(stage, server.port);
  await ask(subscriber, { events: 0 });
  const costs = new Map<number, number>();
  const { ours, theirs } = await byTurns(ROUNDS, {
    theirs: async (round) => {
      const pids = [agent.pid, subscriber.pid ?? 0] as const;
      const before = pids.map((pid) => cpuSeconds([pid]));
      const { events } = await sender.send(livesOf(round));
      await Promise.all([ask(subscriber, { events: sender.events }), agentHeard(agent, sender.events)]);
      const [agentSeconds = NaN, theirSeconds = NaN] = pids.map((pid, i) => cpuSeconds([pid]) - (before[i] ?? NaN));
      costs.set(round, (agentSeconds / events) * MILLION);
      return (theirSeconds / events) * MILLION;
    },
    ours: (round) => Promise.resolve(costs.get(round) ?? NaN),
  });
  await agent.expectEvents(sender.events);
  return {
    what: "CPU an event, against an ioredis subscriber's",
    value: ours.median / theirs.median,
    unit: 'x',
    goal: { atMost: 0.35 },
    raw: `CPU seconds a million events: the agent, ledger and all, ${written(ours, 2)}, ioredis ${written(theirs, 2)}`,
  };
}

/** At Redis' own output limits. */
async function paceFigure(stage: Stage): Promise<Figure> {
  const most = await mostEvents(stage);
  const server = await Redis.start(stage, { limits: 'default' });
  const agent = await agentOn(stage, server);
  const sender = new Sender(stage, server.port);
  const began = performance.now();
  await sendInTime(sender, paced(most * PART_OF_MOST));
  const seconds = (performance.now() - began) / 1000;
  await agentHeard(agent, sender.events);
  await agent.expectEvents(sender.events);
  const pace = sender.events / seconds;
  return {
    what: 'events/s that the agent hears at default limits with no gap, of the most that Redis can publish',
    value: pace / most,
    unit: 'x',
    goal: { atLeast: PART_OF_MOST * 0.98 },
    raw: `thousand events/s: ${(pace / 1000).toFixed(0)} heard for ${seconds.toFixed(1)} s, ${(most / 1000).toFixed(0)} at most`,
  };
}

/** Events a second that Redis publishes, and delivers, to somebody who only reads them. */
async function mostEvents(stage: Stage): Promise<number> {
  const server = await Redis.start(stage, { limits: 'none' });
  startProgram(stage, 'null-subscriber', String(server.port));
  await server.awaitSubscriber();
  const sender = new Sender(stage, server.port);
  const { most } = await byTurns(ROUNDS, {
    most: async (round) => {
      const began = performance.now();
      const { events } = await sender.send(livesOf(round));
      await server.awaitDelivery();
      return (events * 1000) / (performance.now() - began);
    },
  });
  return most.median;
}

function paced(eventsPerSecond: number): { atMs: number; stream: StreamOptions }[] {
  // Opening (2), reports of both legs and the last ones, `deleted` and totals.
  const eventsOfOne = 2 + 2 * REPORTS + 2 + 3;
  const allocations = Math.round(eventsPerSecond / STEPS_A_SECOND / eventsOfOne);
  return Array.from({ length: PACED_SECONDS * STEPS_A_SECOND }, (_, step) => ({
    atMs: (step * 1000) / STEPS_A_SECOND,
    stream: {
      part: 'life',
      first: PACED_FIRST + step * allocations,
      allocations,
      concurrent: allocations,
      reports: REPORTS,
      allocationsPerUser: 4,
    },
  }));
}

async function agentOn(stage: Stage, server: Redis): Promise<Agent> {
  const agent = await Agent.start(stage, { settings: { SOURCES_REDIS_URL: server.url }, statsdb: false });
  await server.awaitSubscriber();
  return agent;
}

async function agentHeard(agent: Agent, events: number): Promise<void> {
  for (;;) {
    const page = await agent.metrics('turnkeeper_events_total', 'coturn_redis_gaps_total');
    if (page.turnkeeper_events_total >= events) return;
    if (page.coturn_redis_gaps_total > 0) throw new Error('Redis has cut the agent off');
    await sleep(POLL_MS);
  }
}
