import Database from 'better-sqlite3';
import { eventually } from '../../support/eventually';
import { Postgres } from '../../support/postgres';
import { arrived, countIn, Shipping } from './shipping';

const AWAY = 'the usage store takes no records: they wait on disk';

let postgres: Postgres;
const shippings: Shipping[] = [];

beforeAll(async () => {
  postgres = await Postgres.start();
});
afterAll(async () => {
  await postgres.remove();
});
beforeEach(async () => {
  await postgres.empty();
});
afterEach(async () => {
  for (const shipping of shippings.splice(0)) await shipping.remove();
});

async function begin(name: string): Promise<Shipping> {
  const shipping = await Shipping.begin(name, postgres);
  shippings.push(shipping);
  return shipping;
}

/** All of them have arrived, once, in their order, and none is left in the file. */
async function expectArrived(shipping: Shipping, name: string): Promise<void> {
  await eventually('everything was shipped', async () => (await shipping.file.count()) === 0, 60_000);
  expect(await arrived(postgres, name)).toEqual(shipping.ids);
  await eventually('nothing is said to wait', () => shipping.shipper.waiting === 0);
  expect(shipping.shipper.problem).toBeUndefined();
}

test('records that were made while PostgreSQL was stopped wait in the file, and arrive once, in their order, when it is back', async () => {
  const agent = await begin('a');
  await agent.shipper.start();
  await agent.commit(700);
  await expectArrived(agent, 'a');
  await postgres.stop();
  await agent.commit(1300);
  await eventually('it is said that they wait', () => agent.shipper.problem !== undefined);
  await eventually('they are counted', () => agent.shipper.waiting === 1300);
  expect(agent.log.lines.filter(({ msg }) => msg === AWAY)).toHaveLength(1);
  expect(JSON.stringify(agent.log.lines)).not.toContain('password-of-the-tests');
  await postgres.startAgain();
  await expectArrived(agent, 'a');
});

test('records wait for a PostgreSQL that was never there, over runs of the agent', async () => {
  await postgres.stop();
  const agent = await begin('a');
  await agent.shipper.start();
  await agent.commit(600);
  await eventually('they wait', () => agent.shipper.waiting === 600);
  await agent.startAgain();
  await agent.commit(600);
  await postgres.startAgain();
  await expectArrived(agent, 'a');
});

test('a PostgreSQL that breaks off again and again while it takes records has none twice and misses none', async () => {
  const agent = await begin('a');
  await agent.commit(12_000);
  await agent.shipper.start();
  let brokenOff = 0;
  for (const some of [500, 3_000, 6_000]) {
    await eventually('some have arrived', async () => (await countIn(postgres)) >= some);
    if ((await countIn(postgres)) < 12_000) brokenOff++;
    await postgres.stop('SIGQUIT');
    await eventually('that is noticed', () => agent.shipper.problem !== undefined);
    await agent.commit(1_000);
    await postgres.startAgain();
  }
  expect(brokenOff).toBeGreaterThan(0);
  await expectArrived(agent, 'a');
});

test('records that arrived, but could not be deleted from the file, are sent again, and stay one each', async () => {
  const agent = await begin('a');
  await agent.commit(1200);
  const other = new Database(agent.path);
  other.exec('BEGIN EXCLUSIVE');
  await agent.shipper.start();
  await eventually('they can not be deleted', () => agent.shipper.problem?.includes('holds a lock') === true);
  expect([await countIn(postgres), await agent.file.count()]).toEqual([500, 1200]);
  other.exec('ROLLBACK');
  other.close();
  await expectArrived(agent, 'a');
});

test('an agent that is told to stop has shipped what its ledger wrote last', async () => {
  const agent = await begin('a');
  await agent.shipper.start();
  await eventually('the tables are there', () => countIn(postgres).then((count) => count === 0));
  await agent.commit(400);
  await agent.stop();
  expect(await arrived(postgres, 'a')).toEqual(agent.ids);
});

test('agents that begin at once make the tables once, and all their records arrive, in the order of each', async () => {
  const agents = await Promise.all(['a', 'b', 'c'].map(begin));
  for (const agent of agents) await agent.commit(3_000);
  await Promise.all(agents.map(({ shipper }) => shipper.start()));
  for (const agent of agents) await agent.commit(500);
  for (const [at, agent] of agents.entries()) await expectArrived(agent, 'abc'.charAt(at));
  expect(await postgres.query('SELECT version FROM turnkeeper_version')).toHaveLength(1);
  expect(await countIn(postgres)).toBe(10_500);
  const log = agents.flatMap(({ log }) => log.lines);
  expect(log.filter(({ msg }) => msg === AWAY)).toEqual([]);
});
