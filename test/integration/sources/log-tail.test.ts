import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { endOfLog, type LogPosition } from '../../../src/coturn/log-place';
import type { LogEvent } from '../../../src/coturn/log-reader';
import { systemClock, type Clock } from '../../../src/lib/clock';
import { LogTail, type EventPlace } from '../../../src/sources/log-tail';

const MEGABYTE = 1024 * 1024;
const LINE =
  '12: : session 001000000000000003: realm <r> user <17:a>: incoming packet ALLOCATE processed, error 486: x\n';

let folder: string;
let path: string;
let poll: () => Promise<void>;
let tail: LogTail;
let logged: string[];

/** Polls when a test says so. */
const clock: Clock = {
  ...systemClock,
  every(_ms, task, signal) {
    poll = async () => {
      if (!signal.aborted) await task();
    };
  },
};

async function follow(from?: LogPosition, onEvent?: (event: LogEvent, place: EventPlace) => void): Promise<void> {
  const logger = pino(
    { base: null },
    { write: (line: string) => logged.push((JSON.parse(line) as { msg: string }).msg) },
  );
  tail = new LogTail({ path, keep: 3, clock, logger, ...(from && { from }), ...(onEvent && { onEvent }) });
  await tail.start();
}

function position(): LogPosition {
  if (!tail.position) throw new Error('nothing has been read');
  return tail.position;
}

/** As the supervisor does it. */
function rotate(): void {
  for (const age of [2, 1, 0]) {
    const name = age === 0 ? path : `${path}.${age}`;
    if (existsSync(name)) renameSync(name, `${path}.${age + 1}`);
  }
  writeFileSync(path, '');
}

const errors = (): number => tail.counts.stunErrors.get('allocate')?.get('486') ?? 0;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'turnkeeper-log-'));
  path = join(folder, 'turnserver.log');
  logged = [];
});

afterEach(async () => {
  await tail.stop();
  rmSync(folder, { recursive: true });
});

test('what was in the log before the start is not counted, what comes after it is', async () => {
  writeFileSync(path, LINE.repeat(3));
  await follow();
  await poll();
  expect(errors()).toBe(0);
  appendFileSync(path, LINE + LINE.slice(0, 40));
  await poll();
  expect(errors()).toBe(1);
  appendFileSync(path, LINE.slice(40));
  await poll();
  expect(errors()).toBe(2);
  expect(tail.counts.bytes).toBe(2 * LINE.length);
});

test('a log that appears after the start is read from its beginning', async () => {
  await follow();
  expect(tail.problem).toMatch(/^There is no .*turnserver.log: set sources.log.path/);
  writeFileSync(path, LINE);
  await poll();
  expect(errors()).toBe(1);
  expect(tail.problem).toBeUndefined();
});

test('a log that was rotated away is read until coturn writes to the new one', async () => {
  writeFileSync(path, '');
  await follow();
  appendFileSync(path, LINE);
  renameSync(path, `${path}.1`);
  await poll();
  writeFileSync(path, '');
  await poll();
  appendFileSync(`${path}.1`, LINE);
  await poll();
  expect(errors()).toBe(2);
  appendFileSync(`${path}.1`, LINE);
  appendFileSync(path, LINE.repeat(4));
  await poll();
  expect(errors()).toBe(7);
  expect(tail.problem).toBeUndefined();
});

test('a last line without an end does not spoil the first line of the next file', async () => {
  writeFileSync(path, '');
  await follow();
  appendFileSync(path, LINE.slice(0, -1));
  renameSync(path, `${path}.1`);
  writeFileSync(path, LINE);
  await poll();
  expect(errors()).toBe(2);
});

test('a log that was truncated is read from its beginning', async () => {
  writeFileSync(path, LINE.repeat(5));
  await follow();
  truncateSync(path, 0);
  await poll();
  appendFileSync(path, LINE.repeat(2));
  await poll();
  expect(errors()).toBe(2);
});

test('a log that was deleted is read to its end, said to be gone once, and taken up again', async () => {
  writeFileSync(path, '');
  await follow();
  appendFileSync(path, LINE);
  rmSync(path);
  await poll();
  await poll();
  expect(errors()).toBe(1);
  expect(tail.problem).toMatch(/^There is no /);
  writeFileSync(path, LINE);
  await poll();
  expect(errors()).toBe(2);
  expect(logged).toEqual(["coturn's log can't be read", "coturn's log can be read again"]);
});

test.each([
  [
    'a folder',
    () => {
      mkdirSync(path);
    },
  ],
  [
    'a FIFO, which nobody writes to',
    () => {
      execFileSync('mkfifo', [path]);
    },
  ],
])('%s in the place of the log is refused', async (_what, make) => {
  make();
  await follow();
  expect(tail.problem).toMatch(/is not a regular file: set sources.log.path/);
});

test('an agent that comes back goes on where it stopped, unless the file is another one', async () => {
  writeFileSync(path, LINE);
  await follow();
  const stopped = position();
  await tail.stop();
  appendFileSync(path, LINE.repeat(2));
  await follow(stopped);
  expect(errors()).toBe(2);
  await tail.stop();
  // ext4 gives the inode of a deleted file to the next one.
  await follow({ ...stopped, bornAt: stopped.bornAt - 1 });
  expect(errors()).toBe(3);
});

test('an agent that comes back reads on through the files that were rotated away meanwhile, in their order', async () => {
  writeFileSync(path, LINE);
  await follow();
  const stopped = position();
  await tail.stop();
  const seen: number[] = [];
  for (const lines of [1, 2, 3]) {
    appendFileSync(path, LINE.repeat(lines));
    rotate();
  }
  appendFileSync(path, LINE.repeat(4));
  await follow(stopped, (_event, { offset }) => seen.push(offset / LINE.length));
  expect(seen).toEqual([1, 0, 1, 0, 1, 2, 0, 1, 2, 3]);
  expect(position()).toEqual(endOfLog(path));
});

test('an agent that comes back when its file is gone reads all that came after it', async () => {
  writeFileSync(path, LINE);
  await follow();
  const stopped = position();
  await tail.stop();
  for (let i = 0; i < 4; i++) {
    rotate();
    appendFileSync(path, LINE);
  }
  await follow(stopped);
  expect(errors()).toBe(4);
});

test('rotations between two polls lose no line', async () => {
  writeFileSync(path, '');
  await follow();
  for (let i = 0; i < 3; i++) {
    appendFileSync(path, LINE);
    rotate();
  }
  appendFileSync(path, LINE);
  await poll();
  expect(errors()).toBe(4);
});

test('the position is never inside a line', async () => {
  writeFileSync(path, LINE);
  await follow();
  appendFileSync(path, LINE + LINE.slice(0, 40));
  await poll();
  expect(position().offset).toBe(2 * LINE.length);
  await tail.stop();
  appendFileSync(path, LINE.slice(40));
  await follow(position());
  expect(errors()).toBe(1);
});

test('an agent that stopped in the reach of a hostile text does not believe it when it comes back', async () => {
  const hostile = '12: : ERROR: check_stun_auth: wrong username: bob\n';
  writeFileSync(path, '');
  await follow();
  // A record that coturn is still writing: its last line is not whole.
  appendFileSync(path, `${hostile}x`);
  await poll();
  const stopped = position();
  expect(stopped).toMatchObject({ offset: hostile.length, doubtfulBytes: 512 - 'bob\n'.length });
  await tail.stop();
  appendFileSync(path, `\n${LINE}`);
  await follow(stopped);
  expect(errors()).toBe(0);
  expect(tail.counts.ignored.doubtful).toBe(2);
});

test('an event has the place of its line, and the life that wrote it, over a rotation', async () => {
  writeFileSync(path, LINE);
  const lives: (number | undefined)[] = [];
  const places: EventPlace[] = [];
  await follow(undefined, (_event, place) => {
    lives.push(place.life);
    places.push(place);
  });
  appendFileSync(path, LINE);
  await poll();
  const second = endOfLog(path);
  if (!second) throw new Error('no log');
  tail.mark(1, second);
  appendFileSync(path, LINE);
  rotate();
  const third = endOfLog(path);
  if (!third) throw new Error('no log');
  tail.mark(2, third);
  appendFileSync(path, LINE);
  await poll();
  expect(lives).toEqual([undefined, 1, 2]);
  expect(places[1]).toEqual({ ...second, life: 1 });
  expect(places[2]).toEqual({ ...third, life: 2 });
});

test('it has caught up when it stands at the end, by the time before it looked', async () => {
  await follow();
  expect(tail.caughtUpAt).toBeUndefined();
  writeFileSync(path, LINE);
  const before = clock.monotonic();
  await poll();
  const caughtUp = tail.caughtUpAt ?? 0;
  expect(caughtUp).toBeGreaterThanOrEqual(before);
  expect(caughtUp).toBeLessThanOrEqual(clock.monotonic());
  rmSync(path);
  await poll();
  expect(tail.caughtUpAt).toBe(caughtUp);
});

test('a log of many megabytes is caught up with over several polls, and every line is counted', async () => {
  writeFileSync(path, '');
  await follow();
  const lines = Math.ceil((10 * MEGABYTE) / LINE.length);
  writeFileSync(path, LINE.repeat(lines));
  await poll();
  expect(tail.counts.bytes).toBeLessThan(9 * MEGABYTE);
  await poll();
  expect(tail.counts.lines).toBe(lines);
  expect(errors()).toBe(lines);
});

test('a line without end costs no memory, is counted, and the next one is read', async () => {
  writeFileSync(path, '');
  await follow();
  const filler = 'x'.repeat(MEGABYTE);
  for (let i = 0; i < 7; i++) appendFileSync(path, filler);
  appendFileSync(path, `\n${'y'.repeat(1024)}\n${LINE}`);
  await poll();
  expect(tail.counts.ignored).toEqual({ doubtful: 1, too_long: 1 });
  expect(errors()).toBe(1);
});

test('a forged line costs none of the lines that coturn writes later, and a forged part of a line does not end the doubt', async () => {
  writeFileSync(path, '');
  await follow();
  appendFileSync(path, `12: : ERROR: check_stun_auth: wrong username: bob\n${LINE}`);
  await poll();
  appendFileSync(path, LINE);
  await poll();
  expect(errors()).toBe(1);
  appendFileSync(path, '12: : ERROR: check_stun_auth: wrong username: bob\nmore');
  await poll();
  appendFileSync(path, `\n${LINE}`);
  await poll();
  expect(errors()).toBe(1);
});

test('a listener sees what is not only counted', async () => {
  writeFileSync(path, '');
  const events: LogEvent[] = [];
  await follow(undefined, (event) => events.push(event));
  appendFileSync(path, '2026-11-21T03:50:03.993+0000 INFO Terminating on signal 15\n');
  await poll();
  expect(events).toEqual([{ kind: 'terminating' }]);
});

test('nothing of it is left after a stop', async () => {
  writeFileSync(path, '');
  await follow();
  appendFileSync(path, LINE.repeat(10_000));
  const reading = poll();
  await tail.stop();
  await reading;
  const { lines } = tail.counts;
  appendFileSync(path, LINE);
  await poll();
  expect(tail.counts.lines).toBe(lines);
  const open = readdirSync('/proc/self/fd').map((fd) => targetOf(`/proc/self/fd/${fd}`));
  expect(open).not.toContain(path);
});

function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return 'closed';
  }
}
