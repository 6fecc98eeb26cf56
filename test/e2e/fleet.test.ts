import {
  AgentFleet,
  DETECTION_MS,
  MAX_VIEW_AGE_SECONDS,
  type Assignment,
  type Cut,
  type Refusal,
} from '../support/agent-fleet';
import { isAlive } from '../support/agent';
import { CabledNetwork, whyNoNamespaces } from '../support/cabled-network';
import { eventually } from '../support/eventually';

/** Who answers a request meanwhile, and the event loops of a busy machine. */
const SLACK_MS = 1500;
const EVERY_MS = 50;

const ALONE = 'turn4';
const noNamespaces = whyNoNamespaces();
const withNamespaces = noNamespaces === undefined ? test : test.skip;

let fleet: AgentFleet;
let cut: Cut | undefined;
let caller: Caller;
const callers: Caller[] = [];

/** Asks an agent for a relay for a new task again and again, and notes when it began to ask and whom it was sent to. */
class Caller {
  readonly sent: { server: string; askedAt: number; assignment: Assignment }[] = [];
  readonly refused: Refusal[] = [];
  private readonly ended = new AbortController();
  private readonly running: Promise<void>;

  constructor(private readonly asks: string) {
    callers.push(this);
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.ended.abort();
    await this.running;
  }

  since(time: number, until = Infinity): ReadonlySet<string> {
    const asked = this.sent.filter(({ askedAt }) => askedAt > time && askedAt < until);
    return new Set(asked.map(({ server }) => server));
  }

  latest(server: string): Assignment {
    const found = this.sent.findLast((one) => one.server === server);
    if (!found) throw new Error(`nothing was sent to ${server}`);
    return found.assignment;
  }

  private async run(): Promise<void> {
    for (let call = 0; !this.ended.signal.aborted; call++) {
      const askedAt = performance.now();
      const answer = await fleet.assign(this.asks, `call ${call} of ${this.asks}`);
      if ('relay' in answer) this.sent.push({ server: answer.relay.server, askedAt, assignment: answer });
      else this.refused.push(answer);
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  }
}

async function sleep(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

/** As turn5 knows them. */
async function servers(): Promise<string[]> {
  return (await fleet.view('turn5')).relays.map(({ server }) => server).sort();
}

beforeAll(async () => {
  if (noNamespaces === undefined) cut = { server: ALONE, network: new CabledNetwork() };
  fleet = await AgentFleet.start(['kr', 'kr', 'kr', 'us', 'us'], undefined, cut);
  caller = new Caller('turn5');
}, 180_000);

afterAll(async () => {
  for (const one of callers) await one.stop();
  await fleet.remove();
});

test('calls go to all five relays, and a real client gets through each with what it was given', async () => {
  await eventually('each was assigned', () => caller.since(0).size === 5);
  const works = await Promise.all(fleet.members.map(({ server }) => fleet.works(caller.latest(server))));
  expect(works).toEqual([true, true, true, true, true]);
});

test('one task has one relay, whoever of the fleet is asked', async () => {
  const answers = await Promise.all(
    fleet.members.map(({ server }) => fleet.assign(server, 'one room', { reserveSeconds: 60 })),
  );
  expect(new Set(answers.map((answer) => ('relay' in answer ? answer.relay.server : 'none'))).size).toBe(1);
});

test('the region is preferred, and the nearest by measured round trips is next', async () => {
  const answer = (await fleet.assign('turn5', 'in us', { region: 'us' })) as Assignment;
  expect(['turn4', 'turn5']).toContain(answer.relay.server);
  const { text } = await fleet.member('turn5').home.get('/metrics');
  expect(text).toMatch(/coturn_fleet_round_trip_seconds_count\{from="us",to="kr"\} [1-9]/);
});

test('the leader of the ensemble is killed: calls are assigned all the while, and no relay is lost', async () => {
  const began = performance.now();
  const leader = await fleet.zookeeper.leader();
  await leader.kill();
  await sleep(DETECTION_MS + SLACK_MS);
  const recently = performance.now() - 1000;
  await eventually('all five are assigned', () => caller.since(recently).size === 5, 30_000);
  expect(caller.refused).toEqual([]);
  expect(caller.since(began).size).toBe(5);
  await leader.startAgain();
});

test('coturn is killed: it is back at once, and clients get through it', async () => {
  const { home } = fleet.member('turn3');
  process.kill(home.coturnPid(), 'SIGKILL');
  await eventually('it answers again', async () => (await home.get('/-/ready')).status === 200);
  expect(await fleet.works((await fleet.assign('turn3', 'after', {})) as Assignment)).toBe(true);
});

test('drained under load: from the answer on nobody is sent there, and the calls that are there go on to their end', async () => {
  const { home } = fleet.member('turn3');
  const call = fleet.works(caller.latest('turn3'), 5);
  await eventually('the call is there', async () => (await home.get('/v1/sessions')).text.includes('alice'));
  const response = await fetch(`${home.url}/-/drain`, { method: 'POST' });
  expect(response.status).toBeLessThan(300);
  // turn5 hears of it as fast as ZooKeeper tells it.
  const drainedAt = performance.now() + SLACK_MS;
  expect((await home.get('/-/ready')).status).toBe(503);
  expect(await call).toBe(true);
  await sleep(SLACK_MS);
  expect(caller.since(drainedAt)).not.toContain('turn3');
  await fetch(`${home.url}/-/undrain`, { method: 'POST' });
  const undrainedAt = performance.now();
  await eventually('it is assigned again', () => caller.since(undrainedAt).has('turn3'));
});

test('an agent that hears nothing and says nothing is out of the fleet within the detection time, and comes back', async () => {
  const { agent } = fleet.member('turn2');
  agent.signal('SIGSTOP');
  const silentAt = performance.now();
  await sleep(DETECTION_MS + 2 * SLACK_MS);
  agent.signal('SIGCONT');
  const resumedAt = performance.now();
  expect(caller.since(silentAt + DETECTION_MS + SLACK_MS, resumedAt)).not.toContain('turn2');
  await eventually('it is assigned again', () => caller.since(resumedAt).has('turn2'), 30_000);
});

withNamespaces(
  `cut off from ZooKeeper, an agent is out of the fleet within the detection time, assigns by itself for a while, and comes back (${noNamespaces ?? 'tried'})`,
  async () => {
    const { home } = fleet.member(ALONE);
    const pid = home.coturnPid();
    const call = fleet.works(caller.latest(ALONE), 6);
    await eventually('the call is there', async () => (await home.get('/v1/sessions')).text.includes('alice'));
    const own = new Caller(ALONE);
    await eventually('the others know what it assigns', () => own.sent.at(-1)?.assignment.shared === true);
    cut?.network.pull(1);
    const cutAt = performance.now();

    await sleep(DETECTION_MS + SLACK_MS);
    expect(await servers()).not.toContain(ALONE);
    const { connected, ageSeconds, relays } = await fleet.view(ALONE);
    expect({ connected, relays: relays.length }).toEqual({ connected: false, relays: 5 });
    expect(ageSeconds).toBeGreaterThan(DETECTION_MS / 1000);
    expect(own.refused).toEqual([]);
    expect(own.sent.at(-1)?.assignment.shared).toBe(false);
    expect(await fleet.works(caller.latest(ALONE))).toBe(true);
    await eventually('its view is too old', () => own.refused.length > 0);
    expect(own.refused[0]?.status).toBe(503);
    expect(own.refused[0]?.error.message).toContain(`maxViewAge is ${MAX_VIEW_AGE_SECONDS} s`);

    const healedAt = performance.now();
    cut?.network.plug(1);
    await eventually('it is assigned again', () => caller.since(healedAt).has(ALONE), 30_000);
    const meanwhile = caller.since(cutAt + DETECTION_MS + SLACK_MS, healedAt);
    expect(meanwhile).not.toContain(ALONE);
    expect(meanwhile.size).toBeGreaterThan(1);
    expect(await servers()).toEqual(['turn1', 'turn2', 'turn3', 'turn4', 'turn5']);
    await eventually('the others know again what it assigns', () => own.sent.at(-1)?.assignment.shared === true);
    expect((await fleet.view(ALONE)).connected).toBe(true);
    expect(await call).toBe(true);
    expect(home.coturnPid()).toBe(pid);
  },
);

test('killed with its coturn, a relay gets no call after the detection time; the others take them', async () => {
  const { agent, home } = fleet.member('turn1');
  const pid = home.coturnPid();
  await agent.kill('SIGKILL');
  process.kill(pid, 'SIGKILL');
  const diedAt = performance.now();
  await eventually('coturn is dead', () => !isAlive(pid));
  await sleep(DETECTION_MS + SLACK_MS);
  const after = performance.now();
  await eventually('the others are assigned', () => caller.since(after).size === 4);
  expect(caller.since(diedAt + DETECTION_MS + SLACK_MS)).not.toContain('turn1');
  expect(caller.refused).toEqual([]);
  expect(await fleet.works(caller.latest('turn4'))).toBe(true);
});
