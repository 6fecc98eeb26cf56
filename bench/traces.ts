import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Benchmark, Figure } from './benchmark';
import { Agent, type AgentOptions } from './support/agent';
import { postFor } from './support/http';
import { cpuSeconds } from './support/process';
import { byTurns, written, type Summary } from './support/rounds';
import { Sender } from './support/sender';
import type { Stage } from './support/stage';
import { livesOf } from './support/streams';

const ROUNDS = 5;
const ROUND_MS = 1_500;
const MILLION = 1e6;
/** The `main.js` of another build, such as that of the commit before: then traces that are off are compared with it. */
const BEFORE = process.env['BENCH_BEFORE'];

/** What traces cost, and that they cost nothing while they are off. */
export const traces: Benchmark = {
  name: 'traces',
  about: 'events and credentials with traces, against without (and against another build: BENCH_BEFORE=<main.js>)',
  async run(stage) {
    const agents = {
      off: await tracedAgent(stage, {}),
      on: await tracedAgent(stage, { environment: { OTEL_EXPORTER_OTLP_ENDPOINT: await receiver(stage) } }),
      ...(BEFORE !== undefined && { before: await tracedAgent(stage, { main: BEFORE }) }),
    };
    const cpu = await byTurns(
      ROUNDS,
      contenders(agents, (agent, round) => agent.cost(round)),
    );
    const rates = await byTurns(
      ROUNDS,
      contenders(agents, (agent) => agent.rate()),
    );
    return [
      ...figures('CPU an event', 'CPU seconds a million events', cpu),
      ...figures('credentials a second', 'a second', rates),
    ];
  },
};

interface Contender {
  /** CPU seconds a million events. */
  cost(round: number): Promise<number>;
  /** Credentials a second. */
  rate(): Promise<number>;
}

async function tracedAgent(stage: Stage, options: AgentOptions): Promise<Contender> {
  const unlimited = '1000000/1s';
  const limits = { CREDENTIALS_LIMITS_PER_USER: unlimited, CREDENTIALS_LIMITS_PER_ADDRESS: unlimited };
  const agent = await Agent.start(stage, { ...options, settings: limits });
  const sender = new Sender(stage, agent.statsdbPort);
  const headers = { 'content-type': 'application/json' };
  const body = (n: number): string => JSON.stringify({ user: `user-${n % 1000}` });
  return {
    async cost(round) {
      const before = cpuSeconds([agent.pid]);
      const { events } = await sender.send(livesOf(round));
      return ((cpuSeconds([agent.pid]) - before) / events) * MILLION;
    },
    async rate() {
      const call = { port: agent.webPort, path: '/v1/credentials', headers, body, connections: 16, forMs: ROUND_MS };
      return (await postFor(call)).answered / (ROUND_MS / 1000);
    },
  };
}

function contenders(
  agents: Readonly<Record<string, Contender>>,
  measure: (agent: Contender, round: number) => Promise<number>,
): Record<string, (round: number) => Promise<number>> {
  const entries = Object.entries(agents).map(
    ([name, agent]) => [name, (round: number) => measure(agent, round)] as const,
  );
  return Object.fromEntries(entries);
}

function figures(what: string, unit: string, { off, on, before }: Record<string, Summary>): Figure[] {
  if (!off || !on) return [];
  const compared = (title: string, one: Summary, other: Summary): Figure => ({
    what: `${what}, ${title}`,
    value: one.median / other.median,
    unit: 'x',
    raw: `${unit}: ${written(one, 2)}, against ${written(other, 2)}; ${ROUNDS} rounds`,
  });
  return [
    compared('traces on against off', on, off),
    ...(before ? [compared('traces off against the other build', off, before)] : []),
  ];
}

/** Takes whatever is sent, in this process. */
async function receiver(stage: Stage): Promise<string> {
  const server = createServer((request, response) => {
    request.resume().once('end', () => response.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stage.defer(() => {
    server.closeAllConnections();
    server.close();
    return Promise.resolve();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
