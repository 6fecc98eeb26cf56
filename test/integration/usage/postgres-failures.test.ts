import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';
import { eventually } from '../../support/eventually';
import { Postgres } from '../../support/postgres';
import { arrived, countIn, Shipping } from './shipping';
import { SmallDisk } from './small-disk';

const disk = SmallDisk.mount(24);
const onDisk = disk ? test : test.skip;
let postgres: Postgres;
let agent: Shipping;

beforeAll(async () => {
  postgres = await Postgres.start();
});
afterAll(async () => {
  await postgres.remove();
  disk?.remove();
});
beforeEach(async () => {
  agent = await Shipping.begin('a', postgres);
  await agent.shipper.start();
  await agent.commit(100);
  await eventually('the first have arrived', async () => (await countIn(postgres)) === 100);
});
afterEach(async () => {
  await agent.remove();
  await postgres.empty();
});

/** What is committed now waits, and that is said; when it is cured all is there once, in its order. */
async function waitsUntil(problem: RegExp, cure: () => Promise<unknown>): Promise<void> {
  await eventually('it is noticed', async () => {
    await agent.commit(250);
    return problem.test(agent.shipper.problem ?? '');
  });
  expect(agent.shipper.problem).not.toContain('password-of-the-tests');
  expect(await agent.file.count()).toBeGreaterThan(0);
  await cure();
  await eventually('everything was shipped', async () => (await agent.file.count()) === 0, 60_000);
  expect(await arrived(postgres, 'a')).toEqual(agent.ids);
  await eventually('it is well again', () => agent.shipper.problem === undefined && agent.shipper.waiting === 0);
}

async function breakConnections(): Promise<void> {
  const own = "application_name = 'turnkeeper' AND pid <> pg_backend_pid()";
  await postgres.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${own}`);
}

test('a database that is read-only for a while holds records up, and loses none', async () => {
  const become = async (value: 'on' | 'off'): Promise<void> => {
    const setting = `ALTER DATABASE postgres SET default_transaction_read_only = ${value}`;
    await postgres.query(`BEGIN READ WRITE; ${setting}; COMMIT`);
    await breakConnections();
  };
  await become('on');
  await waitsUntil(/read-only transaction/, () => become('off'));
});

test('connections that an administrator ends at any moment lose nothing', async () => {
  for (let i = 0; i < 20; i++) {
    await agent.commit(300);
    await breakConnections();
  }
  await eventually('everything was shipped', async () => (await agent.file.count()) === 0, 60_000);
  expect(await arrived(postgres, 'a')).toEqual(agent.ids);
});

test('tables that were deleted are made anew, and take what comes', async () => {
  await postgres.empty();
  await agent.commit(300);
  await eventually('what came is there', async () => (await countIn(postgres)) >= 300);
  expect(await arrived(postgres, 'a')).toEqual(agent.ids.slice(100));
});

onDisk("a full disk of PostgreSQL's holds records up, and loses none", async () => {
  const path = disk?.path ?? '';
  execFileSync('chmod', ['0755', dirname(path), path]);
  const place = `${path}/tables`;
  execFileSync('install', ['-d', '-o', 'postgres', '-m', '0700', place]);
  await postgres.query(`CREATE TABLESPACE small LOCATION '${place}'`);
  await postgres.query('ALTER TABLE turnkeeper_usage SET TABLESPACE small');
  disk?.fill();
  await waitsUntil(/No space left on device/, () => {
    disk?.makeRoom();
    return Promise.resolve();
  });
});
