import fc from 'fast-check';
import { keyOf, LifeMap, type LifeAllocation } from '../../../src/usage/life-map';

type Step =
  | { readonly kind: 'set'; readonly one: LifeAllocation; readonly value: number }
  | { readonly kind: 'delete'; readonly one: LifeAllocation }
  | { readonly kind: 'deleteWhile'; readonly below: number };

/** Few, so that they meet again. */
const one = fc.record({ life: fc.integer({ min: 1, max: 3 }), high: fc.nat(2), low: fc.nat(4) });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('set' as const), one, value: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), one }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('deleteWhile' as const), below: fc.nat(9) }) },
);

type Entry = readonly [LifeAllocation, number];
const thread = ({ life, high }: LifeAllocation): string => `${life}-${high}`;

/** The same, as a plain list. */
function after(entries: readonly Entry[], step: Step): Entry[] {
  if (step.kind === 'deleteWhile') {
    const kept = new Set<string>();
    return entries.filter(([key, value]) => {
      if (value >= step.below) kept.add(thread(key));
      return kept.has(thread(key));
    });
  }
  const others = entries.filter(([key]) => keyOf(key) !== keyOf(step.one));
  return step.kind === 'delete' ? others : [...others, [step.one, step.value]];
}

const byThread = (keys: readonly LifeAllocation[]): string[] =>
  [...keys].sort((a, b) => a.life - b.life || a.high - b.high).map(keyOf);

test('holds what a plain list would, in the order of setting within each relay thread, whatever comes and goes', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const map = new LifeMap<number>();
      let entries: readonly Entry[] = [];
      for (const step of steps) {
        const isThere = step.kind === 'delete' && entries.some(([key]) => keyOf(key) === keyOf(step.one));
        entries = after(entries, step);
        if (step.kind === 'set') map.set(step.one, step.value);
        else if (step.kind === 'delete') expect(map.delete(step.one)).toBe(isThere);
        else map.deleteWhile((value) => value < step.below);
        expect(map.size).toBe(entries.length);
        expect(byThread([...map.keys()])).toEqual(byThread(entries.map(([key]) => key)));
      }
      for (const [key, value] of entries) expect(map.get(key)).toBe(value);
    }),
    { numRuns: 500 },
  );
});

test('what was never set, or is gone, is not found', () => {
  const map = new LifeMap<number>();
  const key = { life: 1, high: 2, low: 3 };
  map.set(key, 5);
  expect([map.get({ ...key, life: 2 }), map.get({ ...key, high: 3 }), map.get({ ...key, low: 2 })]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect([map.delete(key), map.delete(key), map.get(key), map.size]).toEqual([true, false, undefined, 0]);
});

test('the text of an allocation is no other one, where digits could be read two ways', () => {
  expect(keyOf({ life: 1, high: 11, low: 1 })).not.toBe(keyOf({ life: 1, high: 1, low: 11 }));
  expect(keyOf({ life: 11, high: 1, low: 1 })).not.toBe(keyOf({ life: 1, high: 11, low: 1 }));
});
