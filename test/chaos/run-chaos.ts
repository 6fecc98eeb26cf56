import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually';
import { playClient, type ClientAccount } from './chaos-client';
import { Cleanup } from './cleanup';
import { coturnLogText, readCoturnLog } from './coturn-log';
import { line } from './describe-plan';
import { describeFault, type Fault } from './fault';
import { inflict } from './inflict';
import type { ChaosOptions } from './options';
import type { Plan } from './plan';
import { setStage, type Stage } from './stage';
import { readRecords } from './stored-records';
import { judge, type Verdict } from './verdict';

export interface ChaosResult extends Verdict {
  /** Where all logs are; undefined where they were not kept. */
  readonly logs: string | undefined;
}

type Say = (text: string) => void;

/** What coturn or the agent has open when the clients are gone ends within this. */
const QUIET_MS = 60_000;

/** Plays a plan against the real things, and compares. Rejects when the signal aborts, or the harness itself fails. */
export async function runChaos(plan: Plan, options: ChaosOptions, say: Say, signal: AbortSignal): Promise<ChaosResult> {
  setMaxListeners(0, signal);
  const cleanup = new Cleanup();
  try {
    const stage = await setStage(options.store, options.agent, cleanup);
    const accounts = await perform(plan, stage, say, signal);
    const problems = await settle(stage);
    const { records, waiting } = await readRecords(stage);
    if (waiting > 0) problems.push(`${waiting} records did not reach PostgreSQL`);
    const log = readCoturnLog(coturnLogText(stage.dataDir));
    const verdict = judge({ accounts, log, records, away: stage.away });
    problems.push(...stage.agent.unasked, ...verdict.problems);
    stage.logs.keep = options.keep || problems.length > 0;
    return { ...verdict, problems, logs: stage.logs.keep ? stage.folder : undefined };
  } finally {
    for (const failure of await cleanup.run()) say(`could not be cleaned up: ${String(failure)}\n`);
  }
}

/** Everything that the plan says; resolves when every client is done, and every fault mended. */
async function perform(plan: Plan, stage: Stage, say: Say, signal: AbortSignal): Promise<ClientAccount[]> {
  const start = performance.now();
  const until = (atMs: number): Promise<void> => sleep(start + atMs - performance.now(), undefined, { signal });
  const tell = (text: string): void => {
    say(line(performance.now() - start, text));
  };
  const failed = new AbortController();
  const over = AbortSignal.any([signal, failed.signal]);
  setMaxListeners(0, over);
  const context = { turnPort: stage.ports.turn, secret: stage.secret, peerPort: stage.peer.port, signal: over };
  const clients = plan.clients.map(async (client) => {
    await until(client.startMs);
    return await playClient(client, context);
  });
  const faults = plan.faults.map((fault) => until(fault.atMs).then(() => suffer(fault, stage, tell, over)));
  try {
    await Promise.all(faults);
    return await Promise.all(clients);
  } finally {
    failed.abort();
    await Promise.allSettled([...clients, ...faults]);
  }
}

async function suffer(fault: Fault, stage: Stage, tell: Say, signal: AbortSignal): Promise<void> {
  const what = describeFault(fault);
  tell(what);
  const remark = await inflict(fault, stage, signal);
  if (remark !== undefined || 'forMs' in fault) tell(`  over: ${what}${remark === undefined ? '' : ` (${remark})`}`);
}

/** Until nothing is under way or pending; then the agent is stopped twice, so that what it had left is settled. */
async function settle({ agent, ports }: Stage): Promise<string[]> {
  const problems: string[] = [];
  try {
    await eventually('nothing is open or pending', () => isQuiet(ports.web), QUIET_MS);
  } catch {
    problems.push(`sessions or records were still pending ${QUIET_MS / 1000} s after the last client`);
  }
  await agent.end('SIGTERM');
  await agent.start();
  await agent.end('SIGTERM');
  return problems;
}

async function isQuiet(port: number): Promise<boolean> {
  const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const valueOf = (metric: string): number =>
    [...page.matchAll(new RegExp(`^${metric}(?:{.*})? (\\d+)$`, 'gm'))].reduce(
      (sum, [, value]) => sum + Number(value),
      0,
    );
  return valueOf('coturn_sessions') + valueOf('turnkeeper_usage_pending') === 0;
}
