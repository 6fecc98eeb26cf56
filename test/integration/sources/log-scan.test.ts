import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endOfLog, type LogPosition } from '../../../src/coturn/log-place';
import { scanLog, type LogScan, type LogScanOptions } from '../../../src/sources/log-scan';
import { temporaryDirectory } from '../../support/coturn';

const CAPTURES = [
  'coturn-4.6.1/turnserver.log',
  'coturn-4.6.1/turnserver-new-timestamp.log',
  'coturn-4.17.1/turnserver.log',
];
const SESSION = '12: : session 001000000000000003: ';
const NAMES = 'realm=<r>, username=<17:a>';
const BEGIN = `${SESSION}new, ${NAMES}, lifetime=600\n`;
const REPORT = `${SESSION}usage: ${NAMES}, rp=2, rb=300, sp=1, sb=100\n${SESSION}peer usage: ${NAMES}, rp=1, rb=90, sp=2, sb=250\n`;
const END = `${SESSION}closed (2nd stage), user <17:a> realm <r> origin <>, local 127.0.0.1:1, remote 127.0.0.1:2, reason: allocation timeout\n${SESSION}delete: ${NAMES}\n`;
const OTHER = (text: string): string => text.replaceAll('001000000000000003', '000000000000000009');

let folder: ReturnType<typeof temporaryDirectory>;
let path: string;

beforeEach(() => {
  folder = temporaryDirectory();
  path = join(folder.path, 'turnserver.log');
});

afterEach(() => {
  folder.remove();
});

function scan(options: Partial<LogScanOptions> = {}): Promise<LogScan> {
  const { signal } = new AbortController();
  return scanLog({ path, keep: 3, from: undefined, until: undefined, wanted: () => true, signal, ...options });
}

function here(): LogPosition {
  const position = endOfLog(path);
  if (!position) throw new Error('no log');
  return position;
}

function rotate(): void {
  rmSync(`${path}.3`, { force: true });
  for (const age of [2, 1, 0]) {
    try {
      renameSync(age === 0 ? path : `${path}.${age}`, `${path}.${age + 1}`);
    } catch {
      // There are not that many yet.
    }
  }
  writeFileSync(path, '');
}

const capture = (name: string): string => readFileSync(join(__dirname, '../../fixtures', name), 'latin1');

test.each(CAPTURES)('%s: rotated at any line, the log tells the same as in one file', async (name) => {
  const lines = capture(name).split(/(?<=\n)/);
  writeFileSync(path, lines.join(''), 'latin1');
  const whole = await scan();
  expect(whole.allocations.filter(({ complete }) => complete).length).toBeGreaterThan(15);
  for (const cuts of [[1], [200], [100, 300, 450]]) {
    rmSync(path);
    writeFileSync(path, '');
    lines.forEach((line, i) => {
      if (cuts.includes(i)) rotate();
      appendFileSync(path, line, 'latin1');
    });
    const { allocations, bytes } = await scan();
    expect(allocations).toEqual(whole.allocations);
    expect(bytes).toBe(lines.join('').length);
    for (const age of [1, 2, 3]) rmSync(`${path}.${age}`, { force: true });
  }
});

test('several lives in one file, with the same ids, are told apart', async () => {
  writeFileSync(path, BEGIN + REPORT + END);
  const second = here();
  appendFileSync(path, BEGIN + REPORT + REPORT);
  const third = here();
  appendFileSync(path, BEGIN + REPORT + REPORT + REPORT + END);
  const received = async (range: Partial<LogScanOptions>): Promise<unknown> =>
    (await scan(range)).allocations.map(({ client, complete }) => complete && client.receivedBytes);
  expect(await received({ until: second })).toEqual([300]);
  expect(await received({ from: second, until: third })).toEqual([600]);
  expect(await received({ from: third })).toEqual([900]);
  expect((await scan()).leftOut.contradiction).toBe(1);
});

test('a life that began in a rotated file and goes on in the next is read over both, and no other', async () => {
  writeFileSync(path, OTHER(BEGIN + REPORT));
  const from = here();
  appendFileSync(path, BEGIN + REPORT);
  rotate();
  appendFileSync(path, REPORT + END);
  const until = here();
  appendFileSync(path, OTHER(BEGIN + END));
  const { allocations } = await scan({ from, until });
  expect(allocations).toMatchObject([{ low: 3, complete: true, client: { receivedBytes: 600 } }]);
});

test('only the allocations that were asked for are given, and those that began later and did not end', async () => {
  writeFileSync(path, OTHER(BEGIN));
  const newSince = here();
  appendFileSync(path, BEGIN + REPORT);
  const wanted = ({ low }: { low: number }): boolean => low === 77;
  expect((await scan({ wanted, newSince })).allocations).toMatchObject([{ low: 3, ended: undefined }]);
  expect((await scan({ wanted })).allocations).toEqual([]);
  appendFileSync(path, END);
  expect((await scan({ wanted, newSince })).allocations).toEqual([]);
  expect((await scan({ wanted: ({ low }) => low === 3 })).allocations).toMatchObject([{ low: 3 }]);
});

test('a last line that was cut is not believed: a digit may be missing', async () => {
  writeFileSync(path, BEGIN + REPORT.slice(0, -2));
  const { allocations, leftOut } = await scan();
  expect(allocations).toMatchObject([{ complete: false, peer: { sentBytes: 0 } }]);
  expect(leftOut.doubtful).toBe(1);
});

test.each([
  ['a user name', '12: : ERROR: check_stun_auth: wrong username: '],
  ['a realm', '12: : ERROR: check_stun_auth: wrong realm: '],
  ['an origin that is refused', '12: : ERROR: handle_turn_command: Wrong origin format: '],
  ['HTTP', '12: : read_client_connection: HTTP connection input: '],
  ['an origin', '12: : session 001000000000000009: origin <'],
  ['an origin at the close', '12: : session 001000000000000009: closed (2nd stage), user <> realm <r> origin <'],
])('lines forged in %s add nothing, and what they touch is not called complete', async (_what, opening) => {
  const forged = `0: : session 001000000000000003: usage: ${NAMES}, rp=9, rb=9, sp=9, sb=9\n`;
  writeFileSync(path, BEGIN + REPORT + opening + 'x\n' + forged + 'y'.repeat(1024) + '\n' + REPORT + END);
  const { allocations, leftOut } = await scan();
  expect(allocations).toMatchObject([{ complete: false, client: { receivedBytes: 600 }, peer: { sentBytes: 500 } }]);
  expect(leftOut.doubtful).toBe(1);
});

test('a scan that begins behind a hostile opening keeps the doubt of who read that far', async () => {
  writeFileSync(path, '12: : ERROR: check_stun_auth: wrong username: x\n');
  const from = { ...here(), doubtfulBytes: 500 };
  appendFileSync(path, BEGIN + REPORT + END);
  expect((await scan({ from })).allocations).toEqual([]);
  expect((await scan({ from })).leftOut.doubtful).toBe(5);
});

test('memory is bounded: allocations beyond the limit are counted', async () => {
  writeFileSync(path, BEGIN + OTHER(BEGIN));
  const { allocations, leftOut } = await scan({ limit: 1 });
  expect([allocations.length, leftOut.beyond]).toEqual([1, 1]);
});

test('a log that is not there tells of nothing; one that is no file is an error', async () => {
  expect(await scan()).toMatchObject({ allocations: [], bytes: 0 });
  mkdirSync(path);
  await expect(scan()).rejects.toThrow('is not a regular file');
});

test('a scan lets others run, and ends when it is told to', async () => {
  writeFileSync(path, REPORT.repeat(50_000));
  let turns = 0;
  const ticking = setInterval(() => turns++, 1);
  await scan();
  clearInterval(ticking);
  expect(turns).toBeGreaterThan(5);
  const ended = new AbortController();
  const scanning = scan({ signal: ended.signal });
  ended.abort(new Error('stop'));
  await expect(scanning).rejects.toThrow('stop');
});
