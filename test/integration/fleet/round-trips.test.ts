import { checkBinding } from '../../../src/coturn/binding-check';
import { roundTripsCollector } from '../../../src/collectors/round-trips';
import { systemClock } from '../../../src/lib/clock';
import { eventually } from '../../support/eventually';
import { freePorts } from '../../support/free-ports';
import { ZookeeperServer } from '../../support/zookeeper';
import { RunningCoturn } from '../collectors/running-coturn';
import { PATH, startFleet, stopFleets, type TestFleet } from './fleet-of-tests';
import { Onlooker } from './onlooker';

let zookeeper: ZookeeperServer;
let onlooker: Onlooker;
let coturn: RunningCoturn;
/** Of another coturn, on 127.0.0.1 and ::1. */
let bothPort: number;

beforeAll(async () => {
  zookeeper = await ZookeeperServer.start();
  onlooker = await Onlooker.connect(zookeeper.address);
  coturn = new RunningCoturn();
  [bothPort = 0] = await freePorts(1);
  const relayPorts = ['--min-port', '50100', '--max-port', '50199'];
  const listening = ['-L', '127.0.0.1', '-L', '::1', '-p', String(bothPort), ...relayPorts];
  coturn.run('turnserver', '-n', ...listening, '-a', '-r', 'r', '--no-cli', '--no-tls', '--no-dtls', '-l', 'both.log');
  await coturn.ready();
  for (const host of ['127.0.0.1', '::1'])
    await eventually('it answers', async () => checkBinding({ host, port: bothPort }, systemClock, 1000).then(Boolean));
});

afterEach(stopFleets);

afterAll(async () => {
  await coturn.stop();
  await onlooker.close();
  await zookeeper.remove();
});

/** An agent's part of the fleet whose relay says that it is reached so. */
async function relay(server: string, region: string, ...uris: string[]): Promise<TestFleet> {
  const fleet = await startFleet(zookeeper.address, server, { region, roundTrips: { every: '1s' } });
  fleet.figures = { ...fleet.figures, uris };
  return fleet;
}

function outcomes({ roundTrips }: TestFleet, to: string): Readonly<Record<string, number>> {
  const pair = roundTrips.counts.pairs().find((one) => one.to === to);
  if (!pair) throw new Error(`nobody in ${to} was asked`);
  return pair.outcomes;
}

test('each agent measures the others, whatever their addresses look like, and tells the registry', async () => {
  const one = await relay('one', 'kr');
  await relay('v4', 'jp', `turns:${coturn.ip}:5349`, `turn:${coturn.ip}:3478?transport=udp`);
  await relay('v6', 'us', `turn:[::1]:${bothPort}?transport=udp`);
  await relay('named', 'de', `turn:localhost:${bothPort}`);
  const regions = ['de', 'jp', 'us'];
  await eventually('all are measured', () => Object.keys(one.roundTrips.byRegion()).sort().join() === regions.join());
  for (const ms of Object.values(one.roundTrips.byRegion())) expect(ms).toBeLessThan(200);
  await eventually('the registry has them', async () => {
    const { roundTrips } = await onlooker.json(`${PATH}/one`);
    return (
      Object.keys(roundTrips as object)
        .sort()
        .join() === regions.join()
    );
  });
  for (const region of regions) expect(outcomes(one, region)).toMatchObject({ lost: 0, unsent: 0 });
  const [histogram] = await roundTripsCollector(one.roundTrips.counts).collect(AbortSignal.timeout(1000));
  const answered = outcomes(one, 'jp')['answered'];
  expect(histogram?.samples).toContainEqual({ suffix: '_count', labels: { from: 'kr', to: 'jp' }, value: answered });
});

test('relays that can not be reached are lost or unsent, and what is asked of them harms nobody', async () => {
  const one = await relay('one', 'kr');
  const [silent = 0] = await freePorts(1);
  await relay('silent', 'silent', `turn:127.0.0.1:${silent}?transport=udp`);
  await relay('nameless', 'nameless', 'turn:relay.invalid:3478?transport=udp');
  await relay('many', 'many', 'turn:224.0.0.1:3478?transport=udp');
  await relay('tcp', 'tcp', `turn:${coturn.ip}:3478?transport=tcp`);
  await eventually('the silent one is lost', () => (outcomes(one, 'silent')['lost'] ?? 0) > 0);
  await eventually('there is no such name', () => (outcomes(one, 'nameless')['unsent'] ?? 0) > 0);
  await eventually('many are not asked', () => (outcomes(one, 'many')['unsent'] ?? 0) > 0);
  expect(one.roundTrips.byRegion()).toEqual({});
  expect(one.roundTrips.counts.pairs().map(({ to }) => to)).not.toContain('tcp');
});

test('how far a relay was is known after it has died and left the registry', async () => {
  const one = await relay('one', 'kr');
  const dying = new RunningCoturn();
  try {
    await dying.ready();
    const two = await relay('two', 'jp', `turn:${dying.ip}:3478?transport=udp`);
    await eventually('it is measured', () => one.roundTrips.byRegion()['jp'] !== undefined);
    await dying.end(dying.process);
    await eventually('it is lost', () => (outcomes(one, 'jp')['lost'] ?? 0) > 0);
    await two.stop();
    await eventually('it has left', () => one.view.relays().every(({ server }) => server !== 'two'));
    expect(one.roundTrips.byRegion()['jp']).toBeLessThan(200);
  } finally {
    await dying.stop();
  }
});
