/** Five relays: one fills, one dies, one drains. Where the next ten calls go, and why. */
import { once } from 'node:events';
import { AgentFleet, DETECTION_MS, type FleetMember } from '../test/support/agent-fleet';
import { total } from '../test/support/exposition-text';
import { eventually } from '../test/support/eventually';
import { heading, say } from './say';

const CALLS = 10;
/** A relay with so many allocations open is full, here. */
const MAX_ALLOCATIONS = 20;
/** Of turn1 to turn5. */
const REGIONS = ['kr', 'kr', 'kr', 'jp', 'us'];

async function tenCalls(fleet: AgentFleet, round: string): Promise<void> {
  const calls = new Map<string, number[]>();
  for (let call = 1; call <= CALLS; call++) {
    const answer = await fleet.assign('turn5', `${round} ${call}`, { region: 'kr' });
    const fate = 'relay' in answer ? `${answer.relay.server}: ${answer.why}` : answer.error.message;
    calls.set(fate, [...(calls.get(fate) ?? []), call]);
  }
  for (const [fate, numbers] of calls) say(`  calls ${numbers.join(' ')} -> ${fate}`);
}

async function showFleet(fleet: AgentFleet): Promise<void> {
  const { text } = await fleet.member('turn5').home.get('/v1/relays');
  const { relays } = JSON.parse(text) as { relays: { server: string; region: string; allocations: number }[] };
  for (const { server } of fleet.members) {
    const relay = relays.find((one) => one.server === server);
    say(`  ${server}  ${relay ? `${relay.region}, ${relay.allocations} allocations` : 'not in the registry'}`);
  }
}

async function fill({ home }: FleetMember): Promise<void> {
  const { username, password, uris } = await home.credential('crowd');
  const [, host = '', port = ''] = /^turn:([\d.]+):(\d+)/.exec(uris[0] ?? '') ?? [];
  const traffic = ['-m', '24', '-n', '100000', '-l', '100', '-z', '1000'];
  home.spawnClient('turnutils_uclient', ['-y', '-c', ...traffic, '-p', port, '-u', username, '-w', password, host]);
  await eventually('it is full', async () => total(await home.page(), 'coturn_allocations') >= MAX_ALLOCATIONS, 60_000);
}

async function until(
  fleet: AgentFleet,
  what: string,
  test: (servers: ReadonlyMap<string, number>) => boolean,
): Promise<void> {
  await eventually(
    what,
    async () => {
      const { text } = await fleet.member('turn5').home.get('/v1/relays');
      const { relays } = JSON.parse(text) as { relays: { server: string; allocations: number }[] };
      return test(new Map(relays.map(({ server, allocations }) => [server, allocations])));
    },
    60_000,
  );
}

async function run(): Promise<void> {
  say(
    'Five agents with five coturns on 127.0.0.2 to 127.0.0.6, three ZooKeeper servers. Calls ask turn5, for region kr.',
  );
  const fleet = await AgentFleet.start(REGIONS, MAX_ALLOCATIONS);
  try {
    heading('All is well');
    await tenCalls(fleet, 'well');
    heading(`turn1 fills: ${MAX_ALLOCATIONS} allocations are its limit here`);
    await fill(fleet.member('turn1'));
    await until(fleet, 'the others know', (servers) => (servers.get('turn1') ?? 0) >= MAX_ALLOCATIONS);
    await tenCalls(fleet, 'full');
    heading(`turn2 dies, agent and coturn: gone from the registry ${DETECTION_MS / 1000} s later at the latest`);
    const { home, agent } = fleet.member('turn2');
    const pid = home.coturnPid();
    await agent.kill('SIGKILL');
    process.kill(pid, 'SIGKILL');
    await until(fleet, 'it is gone', (servers) => !servers.has('turn2'));
    await tenCalls(fleet, 'dead');
    heading('turn3 drains');
    await fetch(`${fleet.member('turn3').home.url}/-/drain`, { method: 'POST' });
    await until(fleet, 'it is out', (servers) => !servers.has('turn3'));
    await tenCalls(fleet, 'drained');
    heading('The fleet now');
    await showFleet(fleet);
  } finally {
    await fleet.remove();
  }
}

const ended = once(process, 'SIGINT').then(() => process.exit(130));
void Promise.race([run().then(() => process.exit()), ended]);
