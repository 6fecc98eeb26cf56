import { segmentsOf, type LogRange } from '../../../src/sources/log-segments';

const FILES = [1, 2, 3].map((inode) => ({ inode, bornAt: 7, size: 100 }));
const at = (
  inode: number,
  offset: number,
  bornAt = 7,
): { inode: number; bornAt: number; offset: number; doubtfulBytes: number } => ({
  inode,
  bornAt,
  offset,
  doubtfulBytes: 40,
});
const read = (range: LogRange): unknown[] =>
  segmentsOf(FILES, range).map(({ file, start, end, doubtfulBytes }) => [file.inode, start, end, doubtfulBytes]);

test.each<[string, LogRange, unknown[]]>([
  [
    'all',
    {},
    [
      [1, 0, 100, 0],
      [2, 0, 100, 0],
      [3, 0, 100, 0],
    ],
  ],
  [
    'from a place on',
    { from: at(2, 30) },
    [
      [2, 30, 100, 40],
      [3, 0, 100, 0],
    ],
  ],
  [
    'up to a place',
    { until: at(2, 30) },
    [
      [1, 0, 100, 0],
      [2, 0, 30, 0],
    ],
  ],
  ['between two places of a file', { from: at(2, 30), until: at(2, 60) }, [[2, 30, 60, 40]]],
  ['from the end of a file on', { from: at(2, 100) }, [[3, 0, 100, 0]]],
  [
    'from a file that is gone on: it was older',
    { from: at(9, 30) },
    [
      [1, 0, 100, 0],
      [2, 0, 100, 0],
      [3, 0, 100, 0],
    ],
  ],
  ['up to a file that is gone: nothing is left', { from: at(8, 3), until: at(9, 30) }, []],
  [
    'from a file on whose inode another has now',
    { from: at(2, 30, 6) },
    [
      [1, 0, 100, 0],
      [2, 0, 100, 0],
      [3, 0, 100, 0],
    ],
  ],
  [
    'from a place on that a truncated file does not have',
    { from: at(2, 101) },
    [
      [2, 0, 100, 0],
      [3, 0, 100, 0],
    ],
  ],
])('what is read: %s', (_what, range, segments) => {
  expect(read(range)).toEqual(segments);
});

test('where each file passes the place since which allocations are sought', () => {
  const offsets = segmentsOf(FILES, { since: at(2, 30) }).map(({ sinceOffset }) => sinceOffset);
  expect(offsets).toEqual([Infinity, 30, 0]);
  expect(segmentsOf(FILES, {}).map(({ sinceOffset }) => sinceOffset)).toEqual([Infinity, Infinity, Infinity]);
});
