import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllocationLine } from '../../../src/coturn/log-allocation';
import { AllocationSums, type LoggedAllocation } from '../../../src/coturn/log-allocation-sums';
import { parseLogTime } from '../../../src/coturn/log-header';
import { LogTrust } from '../../../src/coturn/log-trust';
import { loggedUsage, type LoggedUsage } from '../../support/coturn-usage';

const SESSION = '12: : session 001000000000000003: ';
const NAMES = 'realm=<r>, username=<17:a>';
const NEW = `${SESSION}new, ${NAMES}, lifetime=600`;
const USAGE = `${SESSION}usage: ${NAMES}, rp=2, rb=300, sp=1, sb=100`;
const PEER = `${SESSION}peer usage: ${NAMES}, rp=1, rb=90, sp=2, sb=250`;
const CLOSED = `${SESSION}closed (2nd stage), user <17:a> realm <r> origin <>, local 127.0.0.1:1, remote 127.0.0.1:2, reason: allocation timeout`;
const DELETE = `${SESSION}delete: ${NAMES}`;
const WHOLE = [NEW, USAGE, PEER, CLOSED, DELETE];

function sumsOf(lines: readonly string[], limit = 1000): { told: readonly LoggedAllocation[]; sums: AllocationSums } {
  const sums = new AllocationSums({ wanted: () => true, limit });
  const trust = new LogTrust();
  for (const line of lines) {
    const believed = trust.believes(line, line.length + 1);
    const told = parseAllocationLine(line, () => true);
    if (told && believed) sums.add(told, false);
    else if (told) sums.doubt(told);
  }
  return { told: sums.finish(), sums };
}

const withId = (line: string, id: string): string => line.replace('001000000000000003', id);

type Leg = LoggedUsage['client'];

function add(a: Leg, b: Leg): Leg {
  return {
    receivedPackets: a.receivedPackets + b.receivedPackets,
    receivedBytes: a.receivedBytes + b.receivedBytes,
    sentPackets: a.sentPackets + b.sentPackets,
    sentBytes: a.sentBytes + b.sentBytes,
  };
}

describe.each([
  'coturn-4.6.1/turnserver.log',
  'coturn-4.6.1/turnserver-new-timestamp.log',
  'coturn-4.17.1/turnserver.log',
])('%s', (fixture) => {
  const log = readFileSync(join(__dirname, '../../fixtures', fixture), 'latin1');
  const lines = log.split('\n');
  // Connections that were refused an allocation report too.
  const all = sumsOf(lines).told;
  const told = all.filter(({ beganAt }) => beganAt);
  const count = (words: string): number => lines.filter((line) => line.includes(words)).length;

  test('every allocation that began is told, complete, and as ended where it ended', () => {
    const began = count(': new, realm=');
    expect(began).toBeGreaterThan(15);
    expect(told).toHaveLength(began);
    expect(told.filter(({ complete }) => complete)).toHaveLength(began);
    expect(told.filter(({ ended }) => ended)).toHaveLength(count(': delete: realm='));
  });

  test('the sums of each user are those of an account of its own, and some carried traffic', () => {
    const unforged = lines.filter((line) => !line.includes('rp=999999')).join('\n');
    expect(unforged.length).toBeLessThan(log.length);
    const users = new Set(all.map(({ username }) => username.replace(/^\d+:/, '')).filter((user) => user !== ''));
    expect(users.size).toBeGreaterThan(4);
    for (const user of users) {
      const own = all.filter(({ username }) => username.endsWith(`:${user}`));
      const zero = { receivedPackets: 0, receivedBytes: 0, sentPackets: 0, sentBytes: 0 };
      const client = own.map((allocation) => allocation.client).reduce(add, zero);
      const peer = own.map((allocation) => allocation.peer).reduce(add, zero);
      expect({ client, peer }).toEqual(loggedUsage(unforged, user));
    }
    expect(Math.max(...told.map(({ peer }) => peer.sentBytes))).toBeGreaterThan(0);
  });
});

test('an allocation has its times, names, legs and the reason of its close', () => {
  const { told } = sumsOf(WHOLE);
  expect(told).toEqual([
    {
      high: 1_000_000,
      low: 3,
      realm: 'r',
      username: '17:a',
      beganAt: { kind: 'since_start', seconds: 12 },
      complete: true,
      client: { receivedPackets: 2, receivedBytes: 300, sentPackets: 1, sentBytes: 100 },
      peer: { receivedPackets: 1, receivedBytes: 90, sentPackets: 2, sentBytes: 250 },
      ended: { at: { kind: 'since_start', seconds: 12 }, reason: 'timeout' },
    },
  ]);
});

test('several reports add up, also where the allocation is still open', () => {
  const { told } = sumsOf([NEW, USAGE, PEER, USAGE, PEER]);
  expect(told[0]).toMatchObject({ complete: true, client: { receivedBytes: 600 }, peer: { sentBytes: 500 } });
  expect(told[0]?.ended).toBeUndefined();
});

test('a user name in UTF-8, with brackets and commas, is the name that coturn knows', () => {
  const name = Buffer.from('17:é>,<b,').toString('latin1');
  const { told } = sumsOf(WHOLE.map((line) => line.replace('17:a>', `${name}>`)));
  expect(told[0]).toMatchObject({ username: '17:é>,<b,', complete: true, client: { receivedBytes: 300 } });
});

test('the first stage of a close, which waits for a mobile client, ends nothing', () => {
  const first = CLOSED.replace('2nd', '1st').replace('allocation timeout', 'connection closed by client');
  expect(sumsOf([NEW, USAGE, PEER, first, DELETE]).told[0]?.ended?.reason).toBe('other');
});

describe('what can not be all is not complete', () => {
  const FORGED_BEFORE = '12: : ERROR: check_stun_auth: wrong username: bob';
  test.each<[string, readonly string[]]>([
    ['its first line is missing', [USAGE, PEER, CLOSED, DELETE]],
    ['a report of one leg is missing', [NEW, USAGE, CLOSED, DELETE]],
    ['it ended without a report', [NEW, CLOSED, DELETE]],
    ['a report is in doubt', [NEW, FORGED_BEFORE, USAGE, PEER, 'x'.repeat(512), USAGE, PEER, CLOSED, DELETE]],
    ['its first line is in doubt', [FORGED_BEFORE, NEW, 'x'.repeat(512), USAGE, PEER, CLOSED, DELETE]],
  ])('%s', (_why, lines) => {
    expect(sumsOf(lines).told).toMatchObject([{ complete: false }]);
  });
});

test('a line in doubt takes no completeness from an allocation of another user, or from one that has ended', () => {
  const opening = '12: : ERROR: check_stun_auth: wrong username: bob';
  const foreign = USAGE.replace('17:a', '17:b');
  expect(sumsOf([NEW, opening, foreign, 'x'.repeat(512), USAGE, PEER]).told).toMatchObject([{ complete: true }]);
  expect(sumsOf([...WHOLE, opening, USAGE]).told).toMatchObject([{ complete: true }]);
});

describe('what contradicts itself is left out and counted', () => {
  const other = (line: string): string => line.replace('17:a', '17:b');
  test.each<[string, readonly string[], 'contradiction' | 'implausible']>([
    ['a report of another user', [NEW, USAGE, PEER, other(USAGE), CLOSED, DELETE], 'contradiction'],
    ['a report of another realm', [NEW, USAGE.replace('<r>', '<s>'), PEER, DELETE], 'contradiction'],
    ['the end of another user', [NEW, USAGE, PEER, other(DELETE)], 'contradiction'],
    ['a second beginning', [NEW, USAGE, PEER, NEW, DELETE], 'contradiction'],
    ['a report before the beginning', [USAGE, ...WHOLE], 'contradiction'],
    ['a report after the end', [...WHOLE, USAGE], 'contradiction'],
    ['more bytes than packets hold', [NEW, USAGE.replace('rb=300', 'rb=131071'), PEER, DELETE], 'implausible'],
    ['bytes without a packet', [NEW, USAGE.replace('sp=1', 'sp=0'), PEER, DELETE], 'implausible'],
    ['more than coturn can count', [NEW, USAGE.replace('rp=2', 'rp=4294967296'), PEER, DELETE], 'implausible'],
  ])('%s', (_why, lines, cause) => {
    const { told, sums } = sumsOf([...lines, ...WHOLE.map((line) => withId(line, '000000000000000009'))]);
    expect(told.map(({ low }) => low)).toEqual([9]);
    expect(sums.leftOut[cause]).toBe(1);
  });
});

test('beyond the limit allocations are counted, not held', () => {
  const lines = Array.from({ length: 5 }, (_, i) => withId(NEW, `00000000000000000${i + 1}`));
  const { told, sums } = sumsOf(lines, 3);
  expect(told).toHaveLength(3);
  expect(sums.leftOut.beyond).toBe(2);
});

test('an allocation that was asked for only while it is open is given up when it ends', () => {
  const sums = new AllocationSums({ wanted: () => false, limit: 1 });
  const add = (line: string, isSought: boolean): void => {
    const told = parseAllocationLine(line, () => true);
    if (told) sums.add(told, isSought);
  };
  for (let i = 0; i < 3; i++)
    WHOLE.forEach((line) => {
      add(line, true);
    });
  WHOLE.forEach((line) => {
    add(withId(line, '000000000000000008'), false);
  });
  add(withId(NEW, '000000000000000009'), true);
  add(withId(USAGE, '000000000000000009'), true);
  expect(sums.leftOut.beyond).toBe(0);
  expect(sums.finish().map(({ low }) => low)).toEqual([9]);
});

test.each([
  ['12: : session', { kind: 'since_start', seconds: 12 }],
  ['12: (4711): INFO: session', { kind: 'since_start', seconds: 12 }],
  ['2026-11-21T02:40:25.770+0000 INFO session', { kind: 'epoch', ms: Date.UTC(2026, 10, 21, 2, 40, 25, 770) }],
  ['2026-11-21T04:40:25+0200: : session', { kind: 'epoch', ms: Date.UTC(2026, 10, 21, 2, 40, 25) }],
  ['2026-13-45T99:99:99+0000: : session', undefined],
  ['session', undefined],
])('the time of "%s"', (line, time) => {
  expect(parseLogTime(line)).toEqual(time);
});

test.each([
  `x${USAGE}`,
  `${USAGE}7x`,
  USAGE.slice(0, -4),
  `${SESSION}refreshed, ${NAMES}, lifetime=600`,
  `${SESSION}peer 127.0.0.1:1 lifetime updated: 600`,
  `12: : prefix session 001000000000000003: usage: ${NAMES}, rp=2, rb=300, sp=1, sb=100`,
  USAGE.replace('17:a', '17:a b'),
])('a line that only resembles one tells of no allocation: %s', (line) => {
  expect(parseAllocationLine(line, () => true)).toBeUndefined();
});
