import { setTimeout as sleep } from 'node:timers/promises';
import type { Benchmark, Figure } from './benchmark';
import { Agent } from './support/agent';
import type { Part, StreamOptions } from './support/coturn-stream';
import { sendInTime, type Step } from './support/pace';
import { cpuSeconds } from './support/process';
import { byTurns, written, type Summary } from './support/rounds';
import { Sender } from './support/sender';
import type { Stage } from './support/stage';
import { livesOf } from './support/streams';

const ROUNDS = 4;
const PACED_ROUNDS = 2;
const MILLION = 1e6;
const ALLOCATIONS_PER_USER = 4;
/** Until the sessions of a round have closed, and are written: a linger, a tick of the sources and a commit. */
const LINGER = '500ms';
const REST_MS = 2_500;

/** 20,000 events/s. As on a relay, each report of an allocation falls between commits of its own: the dearest case. */
const OPEN = 10_000;
const SLICES = 10;
const SLICE = OPEN / SLICES;
const REPORTS = 4;
/** Its numbers begin behind those of the rounds at full speed. */
const PACED_FIRST = MILLION;

const SESSIONS = ((ROUNDS + 1) * livesOf(0).allocations + (PACED_ROUNDS + 1) * OPEN) / ALLOCATIONS_PER_USER;

type Send = (sender: Sender, round: number) => Promise<void>;

interface Contender {
  readonly agent: Agent;
  readonly sender: Sender;
}

/** What it costs that nothing is lost. */
export const ledger: Benchmark = {
  name: 'ledger',
  about: 'CPU of the agent an event, with the ledger against without it',
  async run(stage) {
    const on = await contender(stage, true);
    const off = await contender(stage, false);
    const fast = await compare(on, off, ROUNDS, async (sender, round) => {
      await sender.send(livesOf(round));
    });
    const paced = await compare(on, off, PACED_ROUNDS, (sender, round) => sendInTime(sender, pacedLives(round)));
    await expectRecords(on, SESSIONS);
    await expectRecords(off, 0);
    return [
      figure('CPU an event with the ledger on, against off', fast),
      figure('the same at 20,000 events/s, for 10,000 allocations', paced),
    ];
  },
};

async function contender(stage: Stage, isOn: boolean): Promise<Contender> {
  const agent = await Agent.start(stage, { ledger: isOn, settings: { SESSIONS_LINGER: LINGER } });
  return { agent, sender: new Sender(stage, agent.statsdbPort) };
}

type Costs = Record<'on' | 'off', Summary>;

function compare(on: Contender, off: Contender, rounds: number, send: Send): Promise<Costs> {
  return byTurns(rounds, { on: (round) => cost(on, send, round), off: (round) => cost(off, send, round) });
}

/** CPU seconds for a million events, the closing of their sessions included. */
async function cost({ agent, sender }: Contender, send: Send, round: number): Promise<number> {
  const [cpu, events] = [cpuSeconds([agent.pid]), sender.events];
  await send(sender, round);
  await sleep(REST_MS);
  return ((cpuSeconds([agent.pid]) - cpu) / (sender.events - events)) * MILLION;
}

/** Lives of `OPEN` allocations: all open, each reports once a second, all close; in slices over each second. */
function pacedLives(round: number): Step[] {
  const seconds = ['opening', ...Array<'reports'>(REPORTS).fill('reports'), 'closing'] as const;
  return seconds.flatMap((part, second) =>
    Array.from({ length: SLICES }, (_, slice) => ({
      atMs: (second + slice / SLICES) * 1000,
      stream: sliceOf(part, PACED_FIRST + round * OPEN + slice * SLICE),
    })),
  );
}

function sliceOf(part: Part, first: number): StreamOptions {
  const reports = { life: REPORTS, opening: 0, reports: 1, closing: REPORTS }[part];
  return { part, first, allocations: SLICE, concurrent: SLICE, reports, allocationsPerUser: ALLOCATIONS_PER_USER };
}

/** Throws unless so many sessions have their records: otherwise it is something else that was compared. */
async function expectRecords({ agent, sender }: Contender, expected: number): Promise<void> {
  await agent.expectEvents(sender.events);
  const { turnkeeper_usage_records_total: records } = await agent.metrics('turnkeeper_usage_records_total');
  if (records !== expected) throw new Error(`of ${expected} records the agent has written ${records}`);
}

function figure(what: string, { on, off }: Costs): Figure {
  return {
    what,
    value: on.median / off.median,
    unit: 'x',
    goal: { atMost: 1.5 },
    raw: `CPU seconds a million events: with it ${written(on, 2)}, without ${written(off, 2)}`,
  };
}
