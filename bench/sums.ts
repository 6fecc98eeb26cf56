import { setTimeout as sleep } from 'node:timers/promises';
import type { Benchmark, Figure } from './benchmark';
import { Agent } from './support/agent';
import { countLines, fetchText } from './support/http';
import { residentBytes } from './support/process';
import { byTurns, written, type Summary } from './support/rounds';
import { writeHistory } from './support/usage-history';

const RECORDS = 1_000_000;
const USERS = 50_000;
const ROUNDS = 5;
const SAMPLE_EVERY_MS = 20;
const MEGABYTE = 1e6;

/** Whether a million records can be asked about. */
export const sums: Benchmark = {
  name: 'sums',
  about: 'sums over a million usage records, and their export',
  async run(stage) {
    const agent = await Agent.start(stage, {
      prepare: (dataDir) => writeHistory(dataDir, { records: RECORDS, users: USERS }),
    });
    const exported = await exportAll(agent);
    const times = await byTurns(ROUNDS, {
      user: () => secondsOf(agent, 'user', USERS),
      realm: () => secondsOf(agent, 'realm', 3),
      day: () => secondsOf(agent, 'day', 31),
    });
    return [
      { ...sumFigure('user', times.user), goal: { atMost: 1 } },
      sumFigure('realm', times.realm),
      sumFigure('day', times.day),
      ...exported,
    ];
  },
};

interface Answer {
  readonly sums: readonly { readonly sessions: number }[];
}

/** How long the whole answer takes. Throws where it lacks a record or a group. */
async function secondsOf(agent: Agent, key: string, groups: number): Promise<number> {
  const began = performance.now();
  const text = await fetchText(agent.webPort, `/v1/usage?groupBy=${key}`);
  const seconds = (performance.now() - began) / 1000;
  const answer = JSON.parse(text) as Answer;
  const sessions = answer.sums.reduce((sum, { sessions }) => sum + sessions, 0);
  if (sessions === RECORDS && answer.sums.length === groups) return seconds;
  throw new Error(`${answer.sums.length} sums by ${key} hold ${sessions} of ${RECORDS} sessions`);
}

function sumFigure(key: string, times: Summary): Figure {
  return {
    what: `sums by ${key} over ${RECORDS.toLocaleString('en')} records, over HTTP`,
    value: times.median,
    unit: 's',
    raw: `s: ${written(times, 2)}; ${ROUNDS} times`,
  };
}

async function exportAll(agent: Agent): Promise<Figure[]> {
  const over = new AbortController();
  const before = residentBytes(agent.pid);
  const sampled = mostResident(agent, over.signal);
  const began = performance.now();
  const lines = await countLines(agent.webPort, '/v1/usage?format=csv');
  const seconds = (performance.now() - began) / 1000;
  over.abort();
  if (lines !== RECORDS + 1) throw new Error(`an export of ${RECORDS} records has ${lines} lines`);
  const most = await sampled;
  const megabytes = (bytes: number): string => (bytes / MEGABYTE).toFixed(1);
  return [
    {
      what: `export of ${RECORDS.toLocaleString('en')} records as CSV, a second`,
      value: RECORDS / seconds,
      unit: 'records',
      raw: `${seconds.toFixed(1)} s`,
    },
    {
      what: 'growth of resident memory during that export',
      value: (most - before) / MEGABYTE,
      unit: 'MB',
      goal: { atMost: 30 },
      raw: `${megabytes(before)} MB before, ${megabytes(most)} MB at most, ${megabytes(residentBytes(agent.pid))} MB at its end`,
    },
  ];
}

async function mostResident(agent: Agent, signal: AbortSignal): Promise<number> {
  let most = 0;
  while (!signal.aborted) {
    most = Math.max(most, residentBytes(agent.pid));
    await sleep(SAMPLE_EVERY_MS);
  }
  return most;
}
