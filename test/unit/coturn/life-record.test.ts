import { nextLifeNumber, parseLifeRecord, type LifeRecord } from '../../../src/coturn/life-record';

const record: LifeRecord = {
  number: 41,
  startedAt: 1,
  logStart: { inode: 5, bornAt: 6.5, offset: 7, doubtfulBytes: 0 },
  version: '4.6.1',
  confHash: 'h',
  stun: { host: '127.0.0.1', port: 3478 },
  cliPort: 5766,
  metricsPort: 9641,
  ending: false,
  process: { pid: 2, startTicks: 3, bootId: 'b' },
};

test('a record is read back', () => {
  expect(parseLifeRecord(JSON.stringify(record))).toEqual({ kind: 'life', record });
});

test('a record of an agent that knew no page of coturn is read', () => {
  const { metricsPort: _, ...older } = record;
  expect(parseLifeRecord(JSON.stringify(older))).toEqual({ kind: 'life', record: { ...record, metricsPort: null } });
});

test.each(['', '{', 'null', '{}', '{"number":1}', JSON.stringify({ ...record, process: { pid: 0 } })])(
  '%j is damaged',
  (text) => {
    expect(parseLifeRecord(text)).toEqual({ kind: 'damaged' });
  },
);

test('the next number is greater, also when nothing is known of the last', () => {
  const now = Date.parse('2026-11-21T00:00:00Z');
  expect(nextLifeNumber({ kind: 'none' }, now)).toBe(1);
  expect(nextLifeNumber({ kind: 'life', record }, now)).toBe(42);
  expect(nextLifeNumber({ kind: 'damaged' }, now)).toBe(now / 1000);
});
