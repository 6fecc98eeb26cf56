import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { ReadSlots } from '../../../src/usage/read-slots';

/** Reads that ask in their order; each notes when it begins. */
class Readers {
  readonly begun: number[] = [];
  readonly refused: unknown[] = [];
  private readonly ends = new Map<number, () => void>();
  private count = 0;

  constructor(private readonly slots: ReadSlots) {}

  async ask(count = 1): Promise<number> {
    const number = this.count++;
    this.slots.take(count).then(
      (giveBack) => {
        this.begun.push(number);
        this.ends.set(number, giveBack);
      },
      (error: unknown) => this.refused.push(error),
    );
    await setImmediate();
    return number;
  }

  async end(number: number): Promise<void> {
    this.ends.get(number)?.();
    this.ends.delete(number);
    await setImmediate();
  }

  reading(): number[] {
    return [...this.ends.keys()];
  }
}

test('a read that needs two waits for both together, and a small one does not overtake it', async () => {
  const readers = new Readers(new ReadSlots(2));
  for (const count of [1, 2, 1]) await readers.ask(count);
  expect(readers.begun).toEqual([0]);
  await readers.end(0);
  expect(readers.begun).toEqual([0, 1]);
  await readers.end(1);
  expect(readers.begun).toEqual([0, 1, 2]);
});

test('one read that ends lets in as many as have room', async () => {
  const readers = new Readers(new ReadSlots(3));
  for (const count of [3, 1, 1, 2]) await readers.ask(count);
  await readers.end(0);
  expect(readers.begun).toEqual([0, 1, 2]);
});

test('the thirty-third that would wait is told to come again, and the others have their turn', async () => {
  const readers = new Readers(new ReadSlots(1));
  for (let i = 0; i < 33; i++) await readers.ask();
  expect(readers.refused).toEqual([]);
  await readers.ask();
  expect(readers.refused).toEqual([expect.objectContaining({ code: 'too_many' })]);
  for (let i = 0; i < 33; i++) await readers.end(i);
  expect(readers.begun).toEqual(Array.from({ length: 33 }, (_, i) => i));
  await readers.ask();
  expect(readers.begun.at(-1)).toBe(34);
});

test('whatever comes and goes: never more than there are, in the order of coming, and nobody waits for ever', async () => {
  const SLOTS = 4;
  const step = fc.oneof(fc.integer({ min: 1, max: SLOTS }), fc.constant('end' as const));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const readers = new Readers(new ReadSlots(SLOTS));
      const counts: number[] = [];
      const taken = (): number => readers.reading().reduce((sum, number) => sum + (counts[number] ?? 0), 0);
      for (const what of steps) {
        if (what === 'end') await readers.end(readers.reading()[0] ?? -1);
        else counts[await readers.ask(what)] = what;
        expect(taken()).toBeLessThanOrEqual(SLOTS);
        const next = counts[readers.begun.length];
        if (next !== undefined && readers.refused.length === 0) expect(taken() + next).toBeGreaterThan(SLOTS);
      }
      for (let [first] = readers.reading(); first !== undefined; [first] = readers.reading()) await readers.end(first);
      expect(readers.begun).toHaveLength(counts.length - readers.refused.length);
      expect(readers.begun).toEqual([...readers.begun].sort((a, b) => a - b));
    }),
    { numRuns: 200 },
  );
});
