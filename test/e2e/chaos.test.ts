import { resolve } from 'node:path';
import type { Store } from '../chaos/options';
import { makePlan } from '../chaos/plan';
import { renderTable } from '../chaos/report';
import { runChaos } from '../chaos/run-chaos';

const SECONDS = 30;
const CLIENTS = 30;

/** Short runs of `npm run chaos`; between them they kill the agent, coturn, both, and PostgreSQL. */
test.each<[number, Store]>([
  [2, 'sqlite'],
  [3, 'postgres'],
])(
  'no session is lost or counted twice in the run of seed %d on %s',
  async (seed, store) => {
    const options = { seed, seconds: SECONDS, clients: CLIENTS, store, planOnly: false, keep: false };
    const said: string[] = [];
    const result = await runChaos(
      makePlan(seed, SECONDS, CLIENTS),
      { ...options, agent: resolve('dist/main.js') },
      (text) => said.push(text),
      new AbortController().signal,
    );
    const { problems, logs } = result;
    // With what happened and the table beside it, for whoever has to find out why.
    expect(problems.length > 0 ? [...problems, said.join(''), renderTable(result), `logs: ${logs ?? ''}`] : []).toEqual(
      [],
    );
    // On a busy machine many clients come too late; a run with hardly any would show nothing.
    expect(result.cases.filter(({ records }) => records.length === 1).length).toBeGreaterThan(CLIENTS / 5);
  },
  300_000,
);
