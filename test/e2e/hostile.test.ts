import { AgentHome, isAlive, type Agent } from '../support/agent';
import { selfSigned, temporaryDirectory } from '../support/coturn';
import { eventually } from '../support/eventually';
import { total, type Page } from '../support/exposition-text';
import { Garbage } from '../support/garbage';
import { BEGINNINGS, DRIPS, FORGED_LINES } from '../support/hostile-bytes';
import { varies } from '../support/normalised-exposition';
import { RawTurn } from '../support/raw-turn';
import { uclient, UCLIENT_FLAGS, type UclientTransport } from '../support/uclient';

const MEGABYTE = 1024 * 1024;
/** What all of this together may leave behind in the agent's memory, V8's new space of 32 MB included. */
const MAX_GROWTH_BYTES = 64 * MEGABYTE;

/** All that forged lines may move. */
const COUNTS_ERRORS = /^coturn_auth_failures_total\{reason="malformed"\}$|^turnkeeper_log_lines_ignored_total\{/;

/** What must have been refused and counted in the end. */
const REFUSALS = [
  'turnkeeper_events_rejected_total{source="statsdb",reason="malformed"}',
  'turnkeeper_events_rejected_total{source="statsdb",reason="oversized"}',
  'turnkeeper_events_rejected_total{source="statsdb",reason="unauthenticated"}',
  'turnkeeper_events_rejected_total{source="statsdb",reason="wrong_password"}',
  'turnkeeper_events_rejected_total{source="statsdb",reason="too_many_connections"}',
  'coturn_handshake_failures_total{protocol="tls"}',
  'coturn_credentials_rejected_total{reason="request"}',
  'coturn_credentials_rejected_total{reason="forbidden"}',
];

const TRANSPORTS = Object.keys(UCLIENT_FLAGS) as UclientTransport[];
const certificates = temporaryDirectory();
let home: AgentHome;

afterAll(() => {
  certificates.remove();
});

async function expectToWork(transport: UclientTransport): Promise<void> {
  expect((await home.get('/-/ready')).status).toBe(200);
  const client = await uclient(home, `user-${transport}`, { transport });
  expect(await client.done).toBe(0);
}

describe('an agent and its coturn, attacked on every port,', () => {
  const garbage = new Garbage();
  let agent: Agent;
  let pid: number;
  let residentBefore: number;

  const resident = async (): Promise<number> => total(await home.page(), 'process_resident_memory_bytes');

  beforeAll(async () => {
    home = await AgentHome.create(await selfSigned(certificates.path, 'turn'));
    agent = await home.start();
    await expectToWork('udp');
    pid = home.coturnPid();
    residentBefore = await resident();
  });

  afterAll(async () => {
    garbage.stop();
    await home.remove();
  });

  test('count no line that a stranger forged, except as errors', async () => {
    const open = ['coturn_allocations', 'coturn_sessions', 'turnkeeper_usage_pending'];
    const isQuiet = (page: Page): boolean => open.every((name) => total(page, name) === 0);
    await eventually('nothing is open', async () => isQuiet(await home.page()), 60_000);
    const before = await home.page();
    const turn = new RawTurn(home.ports.turn);
    for (const lines of FORGED_LINES) {
      await turn.allocateAs(`bob\n${lines}`);
      await turn.allocateWithOrigin(`x y\n${lines.slice(0, 100)}`);
    }
    const count = FORGED_LINES.join('').split('\n').length - 1;
    await eventually('the forged lines were seen', async () => {
      return total(await home.page(), 'turnkeeper_log_lines_ignored_total', { reason: 'doubtful' }) >= count;
    });
    const moved = movedBetween(before, await home.page());
    expect(moved.filter((series) => !COUNTS_ERRORS.test(series))).toEqual([]);
    expect(moved).toContain('coturn_auth_failures_total{reason="malformed"}');
  });

  test('survive noise, halves and drips', async () => {
    for (const port of ['web', 'statsdb', 'turn', 'tls', 'cli'] as const) {
      // On the telnet port noise is a crash of coturn 4.6.1: crash.test.ts.
      if (port !== 'cli') await garbage.noise(home.ports[port]);
      await garbage.pour(home.ports[port], BEGINNINGS[port]);
      await garbage.drip(home.ports[port], DRIPS[port]);
    }
    await garbage.shower(home.ports.turn);
    await garbage.shower(home.ports.tls);
    await Promise.all(TRANSPORTS.map(expectToWork));
  });

  test('survive crowds, and are there again for others once the silent are cut off', async () => {
    for (const port of Object.values(home.ports)) await garbage.crowd(port);
    const worksAgain = (transport: UclientTransport): Promise<void> =>
      eventually(`a client over ${transport} is served`, () => expectToWork(transport).then(() => true), 90_000);
    await Promise.all(TRANSPORTS.map(worksAgain));
  });

  test('have counted what they refused, and have not grown much', async () => {
    const page = await home.page();
    const notCounted = REFUSALS.filter((series) => !((page.get(series) ?? 0) > 0));
    expect(notCounted).toEqual([]);
    const failed = [...page].filter(
      ([series, value]) => series.startsWith('turnkeeper_collector_success') && value !== 1,
    );
    expect(failed).toEqual([]);
    expect((await resident()) - residentBefore).toBeLessThan(MAX_GROWTH_BYTES);
  });

  test('are the same processes as before, and stop as they should', async () => {
    expect(home.coturnPid()).toBe(pid);
    expect(agent.hasEnded).toBe(false);
    await agent.kill('SIGTERM');
    expect(agent.status).toBe(0);
    expect(isAlive(pid)).toBe(false);
  });
});

/** The series whose values differ, those aside that differ in any two pages. */
function movedBetween(before: Page, after: Page): string[] {
  return [...after]
    .filter(([series, value]) => value !== before.get(series) && !varies(series))
    .map(([series]) => series);
}
