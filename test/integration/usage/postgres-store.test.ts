import { createLogger } from '../../../src/lib/logger';
import { createPostgresStore } from '../../../src/usage/postgres/postgres-store';
import type { UsageStore } from '../../../src/usage/usage-store';
import { Postgres } from '../../support/postgres';
import { SilentProxy } from '../../support/silent-proxy';
import { firstOf, testStoreContract, usageRecord } from './store-contract';

const logger = createLogger('error', 'logfmt');
let postgres: Postgres;

beforeAll(async () => {
  postgres = await Postgres.start();
});
afterAll(async () => {
  await postgres.remove();
});

const create = (): UsageStore => createPostgresStore({ url: postgres.url, logger });

async function open(): Promise<UsageStore> {
  await postgres.empty();
  const store = create();
  await store.open();
  return store;
}

describe('a store in PostgreSQL', () => {
  testStoreContract(open);
});

test('agents that start together migrate once', async () => {
  await postgres.empty();
  const stores = Array.from({ length: 4 }, create);
  await Promise.all(stores.map((store) => store.open()));
  expect(await postgres.query('SELECT version FROM turnkeeper_version')).toEqual([{ version: 2 }]);
  await Promise.all(stores.map((store) => store.close()));
});

test('a connection on which nothing comes any more is given up, and another one made', async () => {
  await postgres.empty();
  const url = new URL(postgres.url);
  const proxy = await SilentProxy.to(Number(url.port));
  url.port = String(proxy.port);
  const store = createPostgresStore({ url: url.href, statementMs: 500, logger });
  try {
    await store.open();
    proxy.silence();
    await expect(store.append([usageRecord('a-1')])).rejects.toMatchObject({ code: 'unavailable' });
    await store.append([usageRecord('a-1')]);
    expect(await firstOf(store.records({}))).toMatchObject([{ id: 'a-1' }]);
  } finally {
    proxy.close();
    await store.close();
  }
}, 30_000);

test('exports that nobody reads on leave a connection for who writes, and are gone on with', async () => {
  const store = await open();
  await store.append([usageRecord('a-1')]);
  const exports = Array.from({ length: 5 }, () => store.records({})[Symbol.asyncIterator]());
  const firsts = exports.map((one) => one.next());
  await Promise.all(firsts.slice(0, 3));
  await store.append([usageRecord('a-2')]);
  for (const [i, one] of exports.entries()) {
    expect((await firsts[i])?.value).toMatchObject([{ id: 'a-1' }, { id: 'a-2' }].slice(0, i < 3 ? 1 : 2));
    await one.return?.();
  }
  await store.close();
});

test('tables of a newer version are left alone, and that is said', async () => {
  const store = await open();
  await postgres.query('UPDATE turnkeeper_version SET version = 99');
  await expect(store.open()).rejects.toMatchObject({
    code: 'bad_config',
    message: expect.stringContaining('newer') as string,
  });
  await store.close();
});

test('a database that is away, goes away in the middle, and comes back, is an error that says so, and nothing more', async () => {
  const store = await open();
  await store.append(Array.from({ length: 1200 }, (_, i) => usageRecord(`a-${i}`)));
  const read = store.records({})[Symbol.asyncIterator]();
  expect((await read.next()).value).toHaveLength(500);
  await postgres.stop('SIGQUIT');
  await expect(read.next()).rejects.toMatchObject({ code: 'unavailable' });
  const failure = await store.append([usageRecord('b-1')]).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'unavailable', message: expect.stringMatching(/usage\.store/) as string });
  expect(String(failure)).not.toContain('password-of-the-tests');
  await postgres.startAgain();
  await store.append([usageRecord('b-1')]);
  expect(await firstOf(store.records({ after: 1200 }))).toMatchObject([{ id: 'b-1' }]);
  await store.close();
});

test('two agents that write at once leave no place to be filled behind a reader', async () => {
  const [one, two] = [await open(), create()];
  const seen: number[] = [];
  const progress = { isDone: false };
  const write = Promise.all(
    [one, two].map(async (store, agent) => {
      for (let i = 0; i < 40; i++) await store.append([usageRecord(`${agent}-${i}`), usageRecord(`${agent}-${i}b`)]);
    }),
  ).then(() => {
    progress.isDone = true;
  });
  for (let isLast = false; !isLast;) {
    isLast = progress.isDone;
    for await (const batch of one.records({ after: seen.at(-1) })) seen.push(...batch.map(({ place }) => place));
  }
  await write;
  expect(seen).toHaveLength(160);
  await Promise.all([one.close(), two.close()]);
});

test('a text with NUL, which PostgreSQL does not hold, keeps no record away', async () => {
  const store = await open();
  await store.append([usageRecord('a-1', { username: 'a\0b' })]);
  expect(await firstOf(store.records({}))).toMatchObject([{ username: 'a\ufffdb' }]);
  await store.close();
});
