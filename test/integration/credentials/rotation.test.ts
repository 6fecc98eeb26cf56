import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { z } from 'zod';
import { makeSecret } from '../../../src/lib/make-secret';
import { RingFile } from '../../../src/credentials/ring-file';
import { Rotation, type AcceptedTable } from '../../../src/credentials/rotation';
import { secretTable } from '../../../src/credentials/tables';
import { TurnAdmin } from '../../../src/credentials/turn-admin';
import { systemClock } from '../../../src/lib/clock';
import { temporaryDirectory } from '../../support/coturn';

const HOUR_MS = 3_600_000;
const logger = pino({ enabled: false });
const started: Rotation<string>[] = [];
let folder: ReturnType<typeof temporaryDirectory>;
let now: number;

beforeEach(() => {
  folder = temporaryDirectory();
  now = Date.UTC(2026, 10, 21);
});
afterEach(async () => {
  for (const rotation of started.splice(0)) await rotation.stop();
  folder.remove();
});

const database = (): string => join(folder.path, 'turndb');
const ringPath = (): string => join(folder.path, 'secrets.json');
const admin = (file = database(), realm = 'example.org'): TurnAdmin =>
  new TurnAdmin({ coturn: 'turnserver', database: { flag: ['-b', file], file }, realm, logger });

/** A rotation on the real database, of which each call goes through `around`. */
function rotation(around: (call: string) => void = () => undefined, everyMs = Infinity): Rotation<string> {
  const real = secretTable(admin());
  const table: AcceptedTable<string> = {
    holds: () => (around('holds'), real.holds()),
    add: (secret) => (around('add'), real.add(secret)),
    remove: (secret) => (around('remove'), real.remove(secret)),
  };
  const made = new Rotation<string>({
    name: 'secret',
    file: new RingFile(ringPath(), z.string()),
    table,
    first: () => ({ value: 'the-first-secret', madeAt: now }),
    make: makeSecret,
    everyMs,
    usableUntil: () => now + HOUR_MS,
    clock: { ...systemClock, now: () => now },
    logger,
  });
  started.push(made);
  return made;
}

test('begins with the first secret, in the database and in a file that nobody else reads', async () => {
  const one = rotation();
  await one.start();
  expect(one.current().value).toBe('the-first-secret');
  expect(await admin().secrets()).toEqual(['the-first-secret']);
  for (const file of [ringPath(), database()]) expect(statSync(file).mode & 0o077).toBe(0);
});

test('uses a new secret once it is there, and removes the old one when its time has passed', async () => {
  const one = rotation();
  await one.start();
  expect(await one.rotate()).toEqual({ acceptedUntil: now + HOUR_MS });
  const second = one.current().value;
  expect(second).not.toBe('the-first-secret');
  expect(new Set(await admin().secrets())).toEqual(new Set(['the-first-secret', second]));
  now += HOUR_MS;
  await one.stop();
  await rotation().start();
  expect(await admin().secrets()).toEqual([second]);
});

test('rotates by itself when it is due, and at once where that is asked for', async () => {
  await rotation(undefined, HOUR_MS).start();
  now += HOUR_MS;
  const two = rotation(undefined, HOUR_MS);
  await two.start();
  expect(two.current().value).not.toBe('the-first-secret');
  expect(await admin().secrets()).toHaveLength(2);
  await two.rotate(true);
  expect(await admin().secrets()).toEqual([two.current().value]);
});

test('a secret that was made while the clock was a year ahead is renewed once the clock is right', async () => {
  now += 365 * 24 * HOUR_MS;
  const ahead = rotation(undefined, 24 * HOUR_MS);
  await ahead.start();
  await ahead.stop();
  now -= 365 * 24 * HOUR_MS;
  const right = rotation(undefined, 24 * HOUR_MS);
  await right.start();
  expect(right.current()).toMatchObject({ madeAt: now });
  expect(right.accepts((secret) => secret === 'the-first-secret')).toBe(true);
});

test('leaves what others put into the database', async () => {
  await admin().addSecret('of-another-agent');
  const one = rotation();
  await one.start();
  await one.rotate(true);
  expect(new Set(await admin().secrets())).toEqual(new Set(['of-another-agent', one.current().value]));
});

/** A rotation makes nine calls and writes of its own: each is tried as the last thing that happens. */
test.each([1, 2, 3, 4, 5, 6, 7])('a run that dies at step %d of a rotation is finished by the next', async (step) => {
  const first = rotation();
  await first.start();
  await first.stop();
  let calls = 0;
  let isRotating = false;
  const dying = rotation(() => {
    if (isRotating && ++calls >= step) throw new Error('the process died here');
  });
  await dying.start();
  isRotating = true;
  await dying.rotate(true).catch(() => undefined);
  await dying.stop();

  const next = rotation();
  await next.start();
  const kept = JSON.parse(readFileSync(ringPath(), 'utf8')) as { next?: unknown; old: unknown[] };
  expect(kept.next).toBeUndefined();
  const secrets = await admin().secrets();
  expect(secrets).toContain(next.current().value);
  expect(secrets).toHaveLength(1 + kept.old.length);
});

test('a database that can not be used is said so, waited for, and used when it is back', async () => {
  let isAway = true;
  const one = rotation(() => {
    if (isAway) throw new Error('away');
  });
  await one.start();
  expect(() => one.current()).toThrow(/try again later/);
  isAway = false;
  await one.rotate();
  expect(await admin().secrets()).toContain(one.current().value);
});

test('a file that does not hold what it should is left alone', async () => {
  const one = rotation();
  await one.start();
  await one.stop();
  const { writeFileSync } = await import('node:fs');
  writeFileSync(ringPath(), '{"current":');
  await expect(rotation().start()).rejects.toThrow(/restore it from a backup/);
  expect(readFileSync(ringPath(), 'utf8')).toBe('{"current":');
});

test('turnadmin: what it can not do is an error, it takes what looks like a flag, and leaves no log behind', async () => {
  await expect(admin('/nonexistent/folder/db').secrets()).rejects.toThrow(/user database can't be used/);
  await admin().addUser('alice', 'a-password');
  await admin().addUser('bob', 'b-password');
  await admin().removeUser('alice');
  expect(await admin().users()).toEqual(['bob']);
  expect(await admin(database(), 'other.org').users()).toEqual([]);
  expect(existsSync(join(process.cwd(), 'turn.log'))).toBe(false);
});
