import { setImmediate } from 'node:timers/promises';
import { NameCache } from '../../../../src/fleet/round-trips/name-cache';

const MINUTE_MS = 60_000;
let now: number;
let asked: string[];
/** Answers that lookups wait for. */
let waiting: Map<string, (address: string | undefined) => void>;

beforeEach(() => {
  now = 0;
  asked = [];
  waiting = new Map();
});

function cache(): NameCache {
  const lookup = (name: string): Promise<string> => {
    asked.push(name);
    return new Promise((resolve, reject) => {
      waiting.set(name, (address) => {
        if (address === undefined) reject(new Error('ENOTFOUND'));
        else resolve(address);
      });
    });
  };
  return new NameCache(lookup, { monotonic: () => now });
}

async function answer(name: string, address: string | undefined): Promise<void> {
  waiting.get(name)?.(address);
  await setImmediate();
}

test('an address needs no name server', () => {
  expect(cache().resolve('::1')).toEqual({ kind: 'address', address: '::1' });
  expect(asked).toEqual([]);
});

test('a name is looked up once, and its address used for five minutes', async () => {
  const names = cache();
  expect(names.resolve('a')).toEqual({ kind: 'pending' });
  await answer('a', '10.0.0.1');
  now = 5 * MINUTE_MS - 1;
  expect(names.resolve('a')).toEqual({ kind: 'address', address: '10.0.0.1' });
  expect(asked).toEqual(['a']);
});

test('what is stale is used until the new address is known', async () => {
  const names = cache();
  names.resolve('a');
  await answer('a', '10.0.0.1');
  now = 5 * MINUTE_MS;
  expect(names.resolve('a')).toEqual({ kind: 'address', address: '10.0.0.1' });
  await answer('a', '10.0.0.2');
  expect(names.resolve('a')).toEqual({ kind: 'address', address: '10.0.0.2' });
  expect(asked).toEqual(['a', 'a']);
});

test('a name without an address is asked for again after a minute', async () => {
  const names = cache();
  names.resolve('a');
  await answer('a', undefined);
  expect(names.resolve('a')).toEqual({ kind: 'unknown' });
  expect(asked).toEqual(['a']);
  now = MINUTE_MS;
  names.resolve('a');
  await answer('a', '10.0.0.1');
  expect(names.resolve('a')).toEqual({ kind: 'address', address: '10.0.0.1' });
});

test('a slow name server has two questions at a time, whatever the registry holds', async () => {
  const names = cache();
  for (const name of ['a', 'b', 'c', 'd']) names.resolve(name);
  expect(asked).toEqual(['a', 'b']);
  await answer('b', '10.0.0.2');
  expect(asked).toEqual(['a', 'b', 'c']);
  await answer('c', '10.0.0.3');
  await answer('d', '10.0.0.4');
  expect(names.resolve('d')).toEqual({ kind: 'address', address: '10.0.0.4' });
  expect(names.resolve('a')).toEqual({ kind: 'pending' });
});
