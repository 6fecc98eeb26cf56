import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { inSeconds, type Fault, type LastingKind, type MomentaryKind } from './fault';
import type { Stage } from './stage';

/** Brings a fault upon the stage and mends it again. Resolves when all is as before, with what is to be said of it. */
export async function inflict(fault: Fault, stage: Stage, signal: AbortSignal): Promise<string | undefined> {
  if (fault.kind === 'clock-stepped') {
    writeFileSync(stage.clockFile, String(fault.byMs));
    return undefined;
  }
  if (!('forMs' in fault)) return MOMENTARY[fault.kind](stage);
  return await LASTING[fault.kind](stage, fault.forMs, signal);
}

type Lasting = (stage: Stage, forMs: number, signal: AbortSignal) => Promise<string | undefined>;
type Momentary = (stage: Stage) => string | undefined;

const MOMENTARY: Record<MomentaryKind, Momentary> = {
  'coturn-killed': killCoturn,
  'stats-cut': ({ proxy, away }) => {
    proxy.cut();
    away.stats.blink();
    return undefined;
  },
};

const LASTING: Record<LastingKind, Lasting> = {
  'agent-killed': (stage, forMs, signal) => agentAway('SIGKILL', stage, forMs, signal),
  'agent-released': (stage, forMs, signal) => agentAway('SIGUSR2', stage, forMs, signal),
  'agent-stopped': async (stage, forMs, signal) => {
    stage.away.stopped.isAway();
    try {
      return await agentAway('SIGTERM', stage, forMs, signal);
    } finally {
      stage.away.stopped.isBack();
    }
  },
  'agent-frozen': async ({ agent }, forMs, signal) => {
    await agent.freeze(forMs, signal);
    return undefined;
  },
  'both-killed': async (stage, forMs, signal) => {
    await stage.agent.end('SIGKILL');
    await wait(forMs / 2, signal);
    killCoturn(stage);
    await wait(forMs / 2, signal);
    await stage.agent.start();
    return undefined;
  },
  'database-stopped': (stage, forMs, signal) => databaseAway('SIGINT', stage, forMs, signal),
  'database-killed': (stage, forMs, signal) => databaseAway('SIGQUIT', stage, forMs, signal),
  'stats-refused': async ({ proxy, away }, forMs, signal) => {
    away.stats.isAway();
    proxy.close();
    await wait(forMs, signal);
    await proxy.open();
    away.stats.isBack();
    return undefined;
  },
  'stats-stalled': async ({ proxy, away }, forMs, signal) => {
    away.stats.isAway();
    proxy.stall();
    await wait(forMs, signal);
    proxy.cut();
    away.stats.isBack();
    return undefined;
  },
  'stats-torn': async ({ proxy, away }, forMs, signal) => {
    away.stats.isAway();
    proxy.tear();
    await wait(forMs, signal);
    proxy.cut();
    away.stats.isBack();
    return undefined;
  },
  'disk-full': async ({ disk, away }, forMs, signal) => {
    if (!disk.isOwn) return 'left out: no right to mount a small file system (run as root)';
    away.disk.isAway();
    disk.fill();
    await wait(forMs, signal);
    disk.free();
    away.disk.isBack();
    return undefined;
  },
};

function killCoturn({ agent, away }: Stage): string | undefined {
  const was = agent.killCoturn();
  if (was) away.killed.blink();
  return was ? undefined : 'there was none';
}

async function agentAway(
  how: 'SIGKILL' | 'SIGTERM' | 'SIGUSR2',
  { agent }: Stage,
  forMs: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const from = performance.now();
  await agent.end(how);
  const took = performance.now() - from;
  await wait(forMs, signal);
  await agent.start();
  return how === 'SIGKILL' ? undefined : `took ${inSeconds(took)}`;
}

async function databaseAway(
  how: 'SIGINT' | 'SIGQUIT',
  { postgres }: Stage,
  forMs: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!postgres) return 'left out: the records are in SQLite';
  await postgres.stop(how);
  await wait(forMs, signal);
  await postgres.startAgain();
  return undefined;
}

/** Returns early when the run is broken off: what is broken is mended all the same. */
async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
