import { array, assert, double, integer, property } from 'fast-check';
import type { Strategy } from '../../../../src/config/assign';
import { createStrategies } from '../../../../src/fleet/assign/strategies';
import { relay } from './relays';

type Loads = Readonly<Record<string, number>>;

/** Relays of 1000 Mbps each. */
function chosenBy(strategy: Strategy, rounds: readonly Loads[], random = (): number => 0): string {
  const pick = createStrategies(random)[strategy];
  return rounds
    .map((loads) => {
      const [first, ...others] = Object.entries(loads).map(([server, load]) =>
        relay(server, { load, freeTraffic: 1000 * (1 - load) }),
      );
      return first ? pick([first, ...others]).server : '';
    })
    .join('');
}

const same = (loads: Loads, times: number): Loads[] => Array.from({ length: times }, () => loads);

// Worked out by hand from the rules of owt-server's source/cluster_manager/strategy.js.
test.each<[Strategy, string, readonly Loads[], string]>([
  ['least-used', 'the lowest load', [{ a: 0.5, b: 0.2, c: 0.3 }], 'b'],
  ['least-used', 'of equals the first', [{ a: 0.5, b: 0.2, c: 0.2 }], 'b'],
  ['most-used', 'the highest load', [{ a: 0.5, b: 0.8, c: 0.3 }], 'b'],
  ['most-used', 'of equals the last', [{ a: 0.8, b: 0.8, c: 0.3 }], 'b'],
  ['most-used', 'the last of those without load', same({ a: 0, b: 0 }, 2), 'bb'],
  ['last-used', 'the first, and then always that one', same({ a: 0.9, b: 0.1 }, 3), 'aaa'],
  [
    'last-used',
    'the first of the others when it is gone, and stays there',
    [{ a: 0, b: 0 }, { b: 0 }, { a: 0, b: 0 }],
    'abb',
  ],
  ['round-robin', 'one after the other', same({ a: 0.9, b: 0, c: 0.5 }, 5), 'abcab'],
  [
    'round-robin',
    'from the beginning when the last one is gone',
    [
      { a: 0, b: 0, c: 0 },
      { b: 0, c: 0 },
      { b: 0, c: 0 },
    ],
    'abc',
  ],
  ['weighted', 'smoothly: 5, 1 and 1 parts', same({ a: 0.5, b: 0.9, c: 0.9 }, 7), 'aabacaa'],
  ['weighted', 'a newcomer with no credit', [{ a: 0.5 }, { a: 0.5, b: 0.5 }, { a: 0.5, b: 0.5 }], 'aab'],
  [
    'weighted',
    'who was away without the credit of before',
    [{ a: 0.5, b: 0.4 }, { b: 0.4 }, { a: 0.9, b: 0.1 }],
    'bbb',
  ],
])('%s chooses %s', (strategy, _what, rounds, expected) => {
  expect(chosenBy(strategy, rounds)).toBe(expected);
});

test('random chooses by the number, each as likely', () => {
  const numbers = [0, 0.32, 0.34, 0.67, 0.999];
  let at = 0;
  expect(chosenBy('random', same({ a: 0, b: 0, c: 0 }, 5), () => numbers[at++] ?? 0)).toBe('aabcc');
});

test('weighted chooses each in the proportion of its room, over any whole number of rounds', () => {
  assert(
    property(array(integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }), (parts) => {
      const pick = createStrategies(() => 0).weighted;
      const [first = relay('x'), ...others] = parts.map((part, i) => relay(String(i), { freeTraffic: part * 10 }));
      const total = parts.reduce((sum, part) => sum + part, 0);
      const times = parts.map(() => 0);
      for (let n = 0; n < total; n++) {
        const at = Number(pick([first, ...others]).server);
        times[at] = (times[at] ?? 0) + 1;
      }
      expect(times).toEqual(parts);
    }),
  );
});

test('what is reserved counts as used: of two alike the one with less of it is least used, and has more weight', () => {
  const candidates = [relay('busy', {}, 100), relay('idle', {}, 20)] as const;
  const { 'least-used': least, 'most-used': most, weighted } = createStrategies(() => 0);
  expect([least(candidates), most(candidates), weighted(candidates)].map(({ server }) => server)).toEqual([
    'idle',
    'busy',
    'idle',
  ]);
});

test('each strategy chooses one of the candidates, whatever their numbers', () => {
  const numbers = double({ min: 0, max: 1, noNaN: true });
  assert(
    property(array(numbers, { minLength: 1 }), numbers, (loads, random) => {
      const [first = relay('x'), ...others] = loads.map((load, i) =>
        relay(String(i), { load, freeTraffic: load * 100 }, random),
      );
      const all = [first, ...others] as const;
      for (const pick of Object.values(createStrategies(() => Math.min(random, 0.999))))
        expect(all).toContain(pick(all));
    }),
  );
});
