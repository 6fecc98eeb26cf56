import { setTimeout as sleep } from 'node:timers/promises';
import type { Benchmark } from './benchmark';
import { Agent } from './support/agent';
import { CLIENT_BYTES_A_REPORT, type Part, type StreamOptions } from './support/coturn-stream';
import { fetchText } from './support/http';
import { sendInTime, type Step } from './support/pace';
import { cpuSeconds } from './support/process';
import { Sender } from './support/sender';

const SECONDS = 12;
const SESSIONS_A_SECOND = 5_000;
const SESSIONS = SECONDS * SESSIONS_A_SECOND;
/** Of an allocation: long enough for the ledger to have written it as open. */
const LIFE_MS = 2_000;
const LINGER_MS = 1_000;
/** Reports of an allocation before its close, where one more comes. */
const REPORTS = 1;
const SLICES_A_SECOND = 10;
const SLICE = SESSIONS_A_SECOND / SLICES_A_SECOND;
const POLL_MS = 50;
const DEADLINE_MS = 60_000;

/** Whether the ledger keeps up where sessions open and close as fast as the issue asks for. */
export const closing: Benchmark = {
  name: 'closing',
  about: '5,000 sessions a second that open, relay and close: their records, and how late they come',
  async run(stage) {
    const agent = await Agent.start(stage, { settings: { SESSIONS_LINGER: `${LINGER_MS}ms` } });
    const sender = new Sender(stage, agent.statsdbPort);
    const steps = lives();
    const [cpu, began] = [cpuSeconds([agent.pid]), performance.now()];
    const [sentAt, { writtenAt, mostPending }] = await Promise.all([
      sendInTime(sender, steps).then(() => performance.now()),
      allWritten(agent),
    ]);
    const used = (cpuSeconds([agent.pid]) - cpu) / ((writtenAt - began) / 1000);
    const lastDueAt = began + Math.max(...steps.map(({ atMs }) => atMs));
    await agent.expectEvents(sender.events);
    return [
      {
        what: `records of ${SESSIONS.toLocaleString('en')} sessions, ${SESSIONS_A_SECOND.toLocaleString('en')} a second`,
        value: (100 * (await countRecords(agent))) / SESSIONS,
        unit: '%',
        goal: { atLeast: 100 },
        raw:
          `${sender.events} events over ${((sentAt - began) / 1000).toFixed(1)} s; their bytes are right, none was dropped; ` +
          `the agent used ${(100 * used).toFixed(0)} % of a processor, the sender ${(100 * sender.busy).toFixed(0)} % at most`,
      },
      {
        what: 'the last record, after its session was due to close',
        value: (writtenAt - lastDueAt - LINGER_MS) / 1000,
        unit: 's',
        goal: { atMost: 2 },
        raw:
          `the last close was sent ${(sentAt - lastDueAt).toFixed(0)} ms after it was due; ` +
          `${mostPending} records waited at most`,
      },
    ];
  },
};

/** Sessions of one allocation each, which open in slices and close `LIFE_MS` later. */
function lives(): Step[] {
  const steps = Array.from({ length: SECONDS * SLICES_A_SECOND }, (_, slice) => {
    const atMs = (slice * 1000) / SLICES_A_SECOND;
    return [
      { atMs, stream: sliceOf('opening', slice * SLICE) },
      { atMs: atMs + LIFE_MS, stream: sliceOf('closing', slice * SLICE) },
    ];
  });
  return steps.flat().toSorted((a, b) => a.atMs - b.atMs);
}

function sliceOf(part: Part, first: number): StreamOptions {
  return { part, first, allocations: SLICE, concurrent: SLICE, reports: REPORTS, allocationsPerUser: 1 };
}

/** Watches the agent from now on until every session has its record. Throws where that takes too long. */
async function allWritten(agent: Agent): Promise<{ writtenAt: number; mostPending: number }> {
  const deadline = performance.now() + DEADLINE_MS;
  for (let mostPending = 0; ;) {
    const page = await agent.metrics('turnkeeper_usage_records_total', 'turnkeeper_usage_pending');
    const { turnkeeper_usage_records_total: written, turnkeeper_usage_pending: pending } = page;
    mostPending = Math.max(mostPending, pending);
    if (written === SESSIONS) return { writtenAt: performance.now(), mostPending };
    if (performance.now() > deadline) throw new Error(`of ${SESSIONS} sessions ${written} have a record`);
    await sleep(POLL_MS);
  }
}

interface Sum {
  readonly sessions: number;
  readonly clientReceivedBytes: number;
}

/** The records that can be asked for. Throws where they hold other bytes than were sent, or any was given up. */
async function countRecords(agent: Agent): Promise<number> {
  const { sums } = JSON.parse(await fetchText(agent.webPort, '/v1/usage?groupBy=realm')) as { sums: Sum[] };
  const bytes = sums.reduce((sum, { clientReceivedBytes }) => sum + clientReceivedBytes, 0);
  const sent = SESSIONS * (REPORTS + 1) * CLIENT_BYTES_A_REPORT;
  const { turnkeeper_usage_dropped_total: dropped } = await agent.metrics('turnkeeper_usage_dropped_total');
  if (bytes !== sent || dropped !== 0) throw new Error(`of ${sent} bytes ${bytes} are recorded, ${dropped} dropped`);
  return sums.reduce((sum, { sessions }) => sum + sessions, 0);
}
