import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { pino } from 'pino';
import { createAuditLog, type AuditLog } from '../../../src/credentials/audit-log';
import { systemClock, type Clock } from '../../../src/lib/clock';
import { temporaryDirectory } from '../../support/coturn';
import { eventually } from '../../support/eventually';
import { SmallDisk } from '../usage/small-disk';

const NOW = Date.UTC(2026, 10, 21);
const MEGABYTE = 1024 * 1024;
const folder = temporaryDirectory();
const opened: AuditLog[] = [];
let files = 0;

afterEach(async () => {
  for (const log of opened.splice(0)) await log.stop();
});
afterAll(() => {
  folder.remove();
});

/** Waits short where the log would wait long; `monotonic` is the test's. */
function clockAt(monotonic = (): number => 0): Clock {
  return {
    ...systemClock,
    now: () => NOW,
    monotonic,
    sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 20), signal),
  };
}

function audit({ file = join(folder.path, `audit-${files++}.log`), clock = clockAt() } = {}) {
  const said: string[] = [];
  const logger = pino({}, { write: (line: string) => said.push(line) });
  const log = createAuditLog({ file, clock, logger });
  opened.push(log);
  return { log, file, said };
}

const linesOf = (file: string): Record<string, unknown>[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const issued = (user: string) =>
  ({ what: 'issue', outcome: 'done', by: 'signalling', from: '192.0.2.1', user, ttlSeconds: 3600 }) as const;
const refused = (user: string) =>
  ({ what: 'issue', outcome: 'refused', reason: 'limit', by: undefined, from: '192.0.2.1', user }) as const;

test('each has a line with who, what, whence and when, in the order in which they came', async () => {
  const { log, file } = audit();
  log.record({ ...issued('alice'), label: 'room-7' });
  log.record({ what: 'rotate', outcome: 'done', by: 'local', from: '127.0.0.1' });
  log.record({ what: 'revoke', outcome: 'done', by: 'operator', from: '2001:db8::1', user: 'alice', rotate: true });
  log.record(refused('bob'));
  await log.stop();
  const time = '2026-11-21T00:00:00.000Z';
  expect(linesOf(file)).toEqual([
    {
      time,
      what: 'issue',
      outcome: 'done',
      by: 'signalling',
      from: '192.0.2.1',
      user: 'alice',
      label: 'room-7',
      ttl: 3600,
    },
    { time, what: 'rotate', outcome: 'done', by: 'local', from: '127.0.0.1' },
    { time, what: 'revoke', outcome: 'done', by: 'operator', from: '2001:db8::1', user: 'alice', rotate: true },
    { time, what: 'issue', outcome: 'refused', reason: 'limit', by: null, from: '192.0.2.1', user: 'bob' },
  ]);
  expect(log.counts).toEqual({ written: 4, dropped: 0, leftOut: 0 });
});

test('a whole credential that is handed over by mistake does not get in', async () => {
  const { log, file } = audit();
  const careless = { ...issued('alice'), password: 'hunter2', secret: 'hunter2', credential: 'hunter2' };
  log.record(careless);
  await log.stop();
  expect(readFileSync(file, 'utf8')).not.toContain('hunter2');
});

test('no name can forge a line, drive a terminal, or fill the file', async () => {
  const { log, file } = audit();
  const names = ['a\n{"what":"revoke"}', '\r\u0000\u001b[2J\u009b2J\u2028', '\ud800', '"},{', '\u0001'.repeat(1e6)];
  for (const name of names) log.record({ ...issued(name), label: name, by: name });
  await log.stop();
  const text = readFileSync(file, 'utf8');
  expect(text).not.toMatch(/[^\n\x20-\x7e…]/);
  expect(linesOf(file).map(({ user }) => user)).toEqual([...names.slice(0, 4), `${'\u0001'.repeat(256)}…`]);
  expect(Buffer.byteLength(text)).toBeLessThan(10_000);
});

test('only its owner may read it, also where it was open to others before, or a link', async () => {
  const { log, file } = audit();
  writeFileSync(file, '');
  chmodSync(file, 0o644);
  log.record(issued('alice'));
  await eventually('the line is written', () => log.counts.written === 1);
  expect(statSync(file).mode & 0o777).toBe(0o600);

  const target = join(folder.path, 'target');
  const linked = audit();
  symlinkSync(target, linked.file);
  linked.log.record(issued('alice'));
  await linked.log.stop();
  expect([existsSync(target), linked.log.counts]).toEqual([false, { written: 0, dropped: 1, leftOut: 0 }]);
});

test('what was there stays, and a line that a dying run left unfinished spoils no other', async () => {
  const { log, file } = audit();
  writeFileSync(file, '{"what":"issue"}\n{"wha');
  log.record(issued('alice'));
  await log.stop();
  expect(readFileSync(file, 'utf8')).toMatch(/^\{"what":"issue"\}\n\{"wha\n\{"time":.*"user":"alice".*\}\n$/);
});

test('a file that was moved away is made anew', async () => {
  const { log, file } = audit();
  log.record(issued('alice'));
  await eventually('the first is written', () => log.counts.written === 1);
  renameSync(file, `${file}.mine`);
  log.record(issued('bob'));
  await log.stop();
  expect([linesOf(`${file}.mine`), linesOf(file)].map((lines) => lines.map(({ user }) => user))).toEqual([
    ['alice'],
    ['bob'],
  ]);
});

test('before 16 MB it is put aside, and of those put aside three stay', async () => {
  const { log, file } = audit();
  const full = Buffer.alloc(16 * MEGABYTE - 100, '\n');
  for (const [at, user] of ['one', 'two', 'three', 'four', 'five'].entries()) {
    writeFileSync(file, full, { mode: 0o600 });
    log.record(issued(user));
    await eventually(`${user} is written`, () => log.counts.written === at + 1);
    expect(linesOf(file)).toEqual([expect.objectContaining({ user })]);
    expect([statSync(file).mode & 0o777, statSync(`${file}.1`).size]).toEqual([0o600, full.length]);
  }
  expect([1, 2, 3, 4].map((n) => existsSync(`${file}.${n}`))).toEqual([true, true, true, false]);
  expect(existsSync(`${file}.new`)).toBe(false);
});

test('refusals without end neither fill it nor go unmentioned, and leave what was done alone', async () => {
  let monotonic = 0;
  const { log, file } = audit({ clock: clockAt(() => monotonic) });
  for (let i = 0; i < 1000; i++) log.record(refused('mallory'));
  log.record(issued('alice'));
  monotonic += 60_000;
  log.record(refused('mallory'));
  log.record(refused('mallory'));
  await log.stop();
  const lines = linesOf(file);
  expect(lines).toHaveLength(20 + 1 + 2);
  expect(lines.slice(20).map(({ user, leftOut }) => [user, leftOut])).toEqual([
    ['alice', undefined],
    ['mallory', 980],
    ['mallory', undefined],
  ]);
  expect(log.counts).toEqual({ written: 23, dropped: 0, leftOut: 980 });
});

test('a burst is written whole, in few writes, while the caller goes on', async () => {
  const { log, file } = audit();
  const began = performance.now();
  for (let i = 0; i < 5_000; i++) log.record(issued(`user-${i}`));
  // Had it waited for the disk: 5,000 times open, write, close.
  expect(performance.now() - began).toBeLessThan(500);
  await log.stop();
  expect(linesOf(file).map(({ user }) => user)).toEqual(Array.from({ length: 5_000 }, (_, i) => `user-${i}`));
});

test('where it can not be written, that is said once, lines wait, and come when it can', async () => {
  const { log, file, said } = audit({ file: join(folder.path, 'later', 'audit.log') });
  for (let i = 0; i < 3; i++) log.record(issued(`user-${i}`));
  await eventually('it is said', () => said.length > 0);
  expect(said).toEqual([expect.stringContaining('the audit log can not be written')]);
  mkdirSync(dirname(file));
  await eventually('the lines came', () => log.counts.written === 3);
  expect(linesOf(file)).toHaveLength(3);
  expect(said).toHaveLength(2);
  expect(log.counts.dropped).toBe(0);
});

test('memory is bounded while it can not be written: what is too much is dropped, and counted', async () => {
  const { log, file } = audit({ file: join(folder.path, 'never', 'audit.log') });
  const line = 150;
  for (let i = 0; i < 100_000; i++) log.record(issued('alice'));
  expect(log.counts.dropped).toBeGreaterThan(100_000 - MEGABYTE / (line - 30));
  const { dropped } = log.counts;
  await log.stop();
  expect([existsSync(file), log.counts.written, log.counts.dropped > dropped]).toEqual([false, 0, true]);
  expect(log.counts.dropped).toBe(100_000);
});

test('a full disk tears no line and doubles none', async () => {
  const disk = SmallDisk.mount(2);
  if (!disk) return;
  try {
    const { log, file, said } = audit({ file: join(disk.path, 'audit.log') });
    log.record(issued('before'));
    await eventually('the first is written', () => log.counts.written === 1);
    disk.fill();
    for (let i = 0; i < 2_000; i++) log.record(issued(`user-${i}`));
    await eventually('the failure is said', () => said.length === 1);
    expect(linesOf(file).length).toBeLessThanOrEqual(2_001);
    disk.makeRoom();
    await eventually('all are written', () => log.counts.written === 2_001);
    expect(linesOf(file).map(({ user }) => user)).toEqual([
      'before',
      ...Array.from({ length: 2_000 }, (_, i) => `user-${i}`),
    ]);
    rmSync(file);
  } finally {
    disk.remove();
  }
});
