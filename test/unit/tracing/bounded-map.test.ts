import { BoundedMap } from '../../../src/tracing/bounded-map';
import { NotesOfOpen } from '../../../src/tracing/allocation-notes';

test('a new entry makes the oldest go, which is told of', () => {
  const forgotten: string[] = [];
  const map = new BoundedMap<number, string>(2, (value) => forgotten.push(value));
  map.set(1, 'one');
  map.set(2, 'two');
  map.set(2, 'deux');
  map.set(3, 'three');
  expect(forgotten).toEqual(['one']);
  expect([map.get(1), map.take(2), map.get(2), map.size]).toEqual([undefined, 'deux', undefined, 1]);
});

test('notes are kept of so many allocations, and of so many refreshes of each', () => {
  const notes = new NotesOfOpen(1);
  for (let at = 0; at < 100; at++) notes.refreshed({ origin: 1, high: 2, low: 3 }, at);
  notes.relaying({ origin: 1, high: 2, low: 4 }, 5);
  expect(notes.size).toBe(1);
  expect(notes.take({ origin: 1, id: '000000002000000004' }).relayingAt).toBeUndefined();
  const kept = notes.take({ origin: 1, id: '000000002000000003' });
  expect([kept.refreshes, kept.refreshedAt.length]).toEqual([100, 16]);
  expect(notes.size).toBe(0);
});
