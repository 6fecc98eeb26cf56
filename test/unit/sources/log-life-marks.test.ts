import { LifeMarks } from '../../../src/sources/log-life-marks';

const file = (inode: number): { inode: number; bornAt: number } => ({ inode, bornAt: 5 });
const [OLD, NOW, NEW] = [file(1), file(2), file(3)];

test('a line belongs to the life whose mark is the last at or before it', () => {
  const marks = new LifeMarks();
  marks.enter(NOW, []);
  expect(marks.lifeAt(0)).toBeUndefined();
  marks.mark(1, { ...NOW, offset: 100 });
  marks.mark(2, { ...NOW, offset: 200 });
  expect([50, 100, 199, 200, 900].map((offset) => marks.lifeAt(offset))).toEqual([undefined, 1, 1, 2, 2]);
});

test('two lives without a line between them are one step', () => {
  const marks = new LifeMarks();
  marks.enter(NOW, []);
  marks.mark(1, { ...NOW, offset: 100 });
  marks.mark(2, { ...NOW, offset: 100 });
  expect(marks.lifeAt(100)).toBe(2);
});

test('a mark in a newer file waits until reading gets there, one in a file that is gone or older has been passed', () => {
  const marks = new LifeMarks();
  marks.mark(1, { ...file(99), offset: 1e6 });
  marks.mark(2, { ...OLD, offset: 500 });
  marks.mark(3, { ...NEW, offset: 10 });
  marks.enter(OLD, [NOW, NEW]);
  expect([0, 499, 500].map((offset) => marks.lifeAt(offset))).toEqual([1, 1, 2]);
  marks.enter(NOW, [NEW]);
  expect(marks.lifeAt(1e9)).toBe(2);
  marks.enter(NEW, []);
  expect([9, 10].map((offset) => marks.lifeAt(offset))).toEqual([2, 3]);
});

test('leaving a file makes its marks take effect, also one at its very end', () => {
  const marks = new LifeMarks();
  marks.enter(OLD, []);
  marks.mark(1, { ...OLD, offset: 100 });
  marks.enter(NOW, []);
  expect(marks.lifeAt(0)).toBe(1);
});

test('a file that was given the inode of a deleted one is another file', () => {
  const marks = new LifeMarks();
  marks.mark(1, { inode: NOW.inode, bornAt: 4, offset: 500 });
  marks.enter(NOW, []);
  expect(marks.lifeAt(0)).toBe(1);
});

test('marks that nobody reaches are bounded', () => {
  const marks = new LifeMarks();
  for (let life = 0; life < 5000; life++) marks.mark(life, { ...NEW, offset: life });
  marks.enter(NEW, []);
  expect(marks.lifeAt(10_000)).toBe(4999);
  expect(marks.lifeAt(3000)).toBe(4999);
});
