import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryDirectory } from '../../support/coturn';
import { eventually } from '../../support/eventually';
import { startProgram, type Program } from '../../support/program';
import { idsIn, idsOf, KeptRelay, leftBehind } from './kept-relay';
import { SmallDisk } from './small-disk';

const FILES = ['', '-wal', '-shm'];

const disk = SmallDisk.mount(12);
const onDisk = disk ? test : test.skip;
const folder = temporaryDirectory();
const programs: Program[] = [];
const relays: KeptRelay[] = [];
let count = 0;

afterEach(async () => {
  for (const program of programs.splice(0)) await program.kill();
  disk?.makeRoom();
  for (const relay of relays.splice(0)) await relay.stop();
});
afterAll(() => {
  disk?.remove();
  folder.remove();
});

async function open(path: string): Promise<KeptRelay> {
  const relay = await KeptRelay.open(path);
  relays.push(relay);
  return relay;
}

/** A new file in a folder of its own, so that all of it can go. */
function newPath(): string {
  const own = join(folder.path, String(++count));
  mkdirSync(own);
  return join(own, 'usage.db');
}

/** Every record that was told is in the file, once, in its order. */
function expectAll(relay: KeptRelay, path: string): void {
  expect(idsIn(path)).toEqual(idsOf(relay.told));
}

/** An agent that begins with what one that was killed now leaves has the session of 4711 bytes, and its record. */
async function expectOpenKept(path: string): Promise<void> {
  const next = await open(leftBehind(path));
  next.closeAll();
  expect(next.told).toMatchObject([{ userId: 'long', clientReceivedBytes: 4711, peerSentBytes: 4711 }]);
}

/** Writes garbage over every page, of the log and its index too. */
function spoil(path: string): void {
  for (const file of FILES) writeFileSync(path + file, Buffer.alloc(statSync(path + file).size, 0x5a), { flag: 'r+' });
}

async function goesOnAndCatchesUp(relay: KeptRelay, cure: () => void | Promise<void>): Promise<void> {
  const [told, received] = [relay.told.length, relay.receivedBytes()];
  relay.sessions(30);
  expect([relay.told.length, relay.receivedBytes() > received]).toEqual([told + 30, true]);
  expect(relay.ledger.pending).toBeGreaterThanOrEqual(30);
  expect(relay.log.lines.map(({ msg }) => msg)).toContain('the ledger takes no records: they wait in memory');
  await cure();
  await relay.written();
  expect(relay.log.lines.at(-1)?.msg).toBe('the ledger takes records again');
}

onDisk('a full disk holds records up, and loses none nor what is open', async () => {
  const path = join(disk?.path ?? '', 'full.db');
  const relay = await open(path);
  relay.sessions(10);
  await relay.written();
  disk?.fill();
  relay.open('long', 4711);
  await relay.fails();
  expect(relay.ledger.problem).toMatch(/the disk is full, make room|make room on it/);
  await goesOnAndCatchesUp(relay, () => disk?.makeRoom());
  expectAll(relay, path);
  await expectOpenKept(path);
});

onDisk('a disk that fills up again and again loses nothing', async () => {
  const path = join(disk?.path ?? '', 'again.db');
  const relay = await open(path);
  for (let round = 0; round < 4; round++) {
    disk?.fill();
    await relay.fails();
    disk?.makeRoom();
    await relay.written();
  }
  expectAll(relay, path);
});

onDisk('a disk that turned read-only holds records up, and loses none nor what is open', async () => {
  const path = join(disk?.path ?? '', 'read-only.db');
  const relay = await open(path);
  relay.open('long', 4711);
  relay.sessions(10);
  await relay.written();
  // The kernel makes a disk read-only below an open file, at its first error; we can between two commits alone.
  await eventually('it is read-only', async () => {
    await relay.file.close();
    disk?.remount('ro');
    return true;
  });
  await relay.fails();
  expect(relay.ledger.problem).toMatch(/give this user permission|mounted read-only/);
  await goesOnAndCatchesUp(relay, () => disk?.remount('rw'));
  expectAll(relay, path);
  await expectOpenKept(path);
});

test('a lock of another process holds records up, and loses none nor what is open', async () => {
  const path = newPath();
  const relay = await open(path);
  relay.open('long', 4711);
  relay.sessions(10);
  await relay.written();
  const locker = await startProgram('sqlite-locker.ts', path);
  programs.push(locker);
  await relay.fails();
  expect(relay.ledger.problem).toMatch(/another program holds a lock on it/);
  await goesOnAndCatchesUp(relay, () => locker.kill());
  expectAll(relay, path);
  await expectOpenKept(path);
});

test('a file that garbage was written over is put aside, and what is open and what comes goes to a new one', async () => {
  const path = newPath();
  const relay = await open(path);
  relay.open('long', 4711);
  relay.sessions(500);
  await relay.written();
  const before = relay.told.length;
  spoil(path);
  relay.sessions(30);
  const isAside = (): boolean => readdirSync(dirname(path)).some((name) => name.startsWith('usage.db.damaged-'));
  await eventually('it is put aside', isAside);
  await relay.written();
  relay.sessions(5);
  await relay.written();
  expect(idsIn(path)).toEqual(idsOf(relay.told.slice(before)));
  await expectOpenKept(path);
});

onDisk(
  'a file that is damaged while there is no room for a new one has all that is open in the new one later',
  async () => {
    const path = join(disk?.path ?? '', 'spoilt.db');
    const relay = await open(path);
    relay.open('long', 4711);
    relay.sessions(10);
    await relay.written();
    disk?.fill();
    spoil(path);
    await relay.fails();
    await goesOnAndCatchesUp(relay, () => disk?.makeRoom());
    expect(idsIn(path)).toEqual(idsOf(relay.told.slice(10)));
    await expectOpenKept(path);
  },
);

test.each([
  ['deleted', rmSync],
  [
    'moved away',
    (path: string): void => {
      renameSync(path, `${path}.moved`);
    },
  ],
])('a file that was %s is said to be gone, and what is open and what comes goes to a new one', async (_, away) => {
  const path = newPath();
  const relay = await open(path);
  relay.open('long', 4711);
  relay.sessions(10);
  await relay.written();
  away(path);
  relay.sessions(30);
  await relay.written();
  expect(relay.log.lines.map(({ msg }) => msg)).toContainEqual(expect.stringMatching(/begun anew/));
  expect(idsIn(path)).toEqual(idsOf(relay.told.slice(10)));
  await expectOpenKept(path);
});

test('a data directory that is gone is said to be, and what waited and what is open is written when it is back', async () => {
  const path = newPath();
  const relay = await open(path);
  relay.open('long', 4711);
  relay.sessions(10);
  await relay.written();
  rmSync(dirname(path), { recursive: true });
  await relay.fails();
  await goesOnAndCatchesUp(relay, () => {
    mkdirSync(dirname(path));
  });
  expect(idsIn(path)).toEqual(idsOf(relay.told.slice(10)));
  await expectOpenKept(path);
});

test('ids are given once, also when the run that lost its file comes round again in the new one', async () => {
  const path = newPath();
  for (let run = 1; run < 4; run++) await (await KeptRelay.open(path)).stop();
  const fourth = await open(path);
  rmSync(path);
  fourth.sessions(5);
  await fourth.written();
  fourth.sessions(5);
  await fourth.stop();
  const told = [...fourth.told];
  for (let run = 0; run < 4; run++) {
    const next = await KeptRelay.open(path);
    next.sessions(10);
    await next.stop();
    told.push(...next.told);
  }
  expect(new Set(idsOf(told)).size).toBe(told.length);
  expect(idsIn(path)).toEqual(idsOf(told));
});
