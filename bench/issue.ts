import { createHash } from 'node:crypto';
import type { Benchmark } from './benchmark';
import { Agent } from './support/agent';
import { postFor } from './support/http';
import { measured, type Measured } from './support/latencies';
import { ask, startProgram } from './support/program';
import { byTurns, written } from './support/rounds';

const ROUNDS = 7;
const ROUND_MS = 2_000;
const CONNECTIONS = 16;
const KEY = 'the key of the benchmark';
const USERS = 1_000;

/** Whether credentials are made as fast as in a bare route, with a key, limits, an audit log and all. */
export const issue: Benchmark = {
  name: 'issue',
  about: 'credentials a second, against a bare express route that makes the same HMAC',
  async run(stage) {
    const sha256 = createHash('sha256').update(KEY).digest('hex');
    const settings = {
      KEYS: JSON.stringify([{ name: 'bench', sha256, scopes: ['credentials'] }]),
      CREDENTIALS_URIS: 'turn:127.0.0.1:3478?transport=udp,turn:127.0.0.1:3478?transport=tcp',
      // The time of the defaults, and a count that no benchmark comes to.
      CREDENTIALS_LIMITS_PER_KEY: '1000000/1m',
      CREDENTIALS_LIMITS_PER_USER: '1000000/1m',
      CREDENTIALS_LIMITS_PER_ADDRESS: '1000000/1m',
    };
    const agent = await Agent.start(stage, { settings });
    const bare = await ask<{ port: number }>(startProgram(stage, 'bare-issuer'), {});
    const p99: Record<'agent' | 'bare', number[]> = { agent: [], bare: [] };
    const measure = async (name: 'agent' | 'bare', port: number): Promise<number> => {
      const round = await post(port);
      p99[name].push(round.p99);
      return round.aSecond;
    };
    const rates = await byTurns(ROUNDS, {
      agent: () => measure('agent', agent.webPort),
      bare: () => measure('bare', bare.port),
    });
    return [
      {
        what: 'credentials a second, against a bare express route',
        value: rates.agent.median / rates.bare.median,
        unit: 'x',
        goal: { atLeast: 0.8 },
        raw:
          `a second: ${written(rates.agent, 0)}, against ${written(rates.bare, 0)}; ` +
          `p99 ms: ${middle(p99.agent)}, against ${middle(p99.bare)}; ${CONNECTIONS} connections, ${ROUNDS} rounds`,
      },
    ];
  },
};

/** All connections ask one after the other, for a round. */
async function post(port: number): Promise<Measured> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${KEY}` };
  const body = (n: number): string => JSON.stringify({ user: `user-${n % USERS}` });
  const what = { port, path: '/v1/credentials', headers, body, connections: CONNECTIONS, forMs: ROUND_MS };
  const { latencies } = await postFor(what);
  return measured(latencies, ROUND_MS);
}

function middle(values: readonly number[]): string {
  return (values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN).toFixed(2);
}
