import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BlockedUsers } from '../../../src/credentials/blocked-users';
import { fingerprintOf } from '../../../src/credentials/user-fingerprint';
import { temporaryDirectory } from '../../support/coturn';

const NOW = Date.UTC(2026, 10, 21);
let now: number;
let folder: ReturnType<typeof temporaryDirectory>;

beforeEach(() => {
  now = NOW;
  folder = temporaryDirectory();
});

afterEach(() => {
  folder.remove();
});

const file = (): string => join(folder.path, 'blocked-users.json');

async function load(text?: string): Promise<BlockedUsers> {
  if (text !== undefined) writeFileSync(file(), text);
  const blocked = new BlockedUsers(file(), { now: () => now } as never);
  await blocked.load();
  return blocked;
}

test('who is blocked is so after a restart, and the file holds no name', async () => {
  await (await load()).block('alice', NOW + 10);
  expect(readFileSync(file(), 'utf8')).not.toContain('alice');
  const blocked = await load();
  expect(blocked.untilOf('alice')).toBe(NOW + 10);
  now = NOW + 10;
  expect(blocked.untilOf('alice')).toBeUndefined();
});

test('a file of before, with names, is understood: an update lets nobody slip through', async () => {
  const blocked = await load(JSON.stringify({ alice: NOW + 10, users: NOW + 20 }));
  expect(blocked.untilOf('alice')).toBe(NOW + 10);
  expect(blocked.untilOf('users')).toBe(NOW + 20);
});

test.each(['', '[]', '{"users":{"alice":1}}', '{"alice":"1"}'])(
  'a file that holds %j stops the agent',
  async (text) => {
    await expect(load(text)).rejects.toThrow(/does not hold the blocked users: restore it/);
  },
);

test('a block can be made longer and not shorter', async () => {
  const blocked = await load();
  expect(await blocked.block('alice', NOW + 10)).toBe(NOW + 10);
  expect(await blocked.block('alice', NOW + 5)).toBe(NOW + 10);
  expect(await blocked.block('alice', NOW + 20)).toBe(NOW + 20);
});

test('what is taken over is what blocks somebody now, and for longer than before', async () => {
  const blocked = await load();
  const [alice, bob, carol] = ['alice', 'bob', 'carol'].map(fingerprintOf) as [string, string, string];
  await blocked.block('alice', NOW + 10);
  const found = new Map([
    [alice, NOW + 10],
    [bob, NOW + 10],
    [carol, NOW],
  ]);
  expect([...blocked.take(found)]).toEqual([bob]);
  expect([...blocked.entries().keys()]).toEqual([alice, bob]);
});

test('no more are blocked than memory is for; who is blocked already stays so, and another may be when one is not any more', async () => {
  const blocked = await load();
  const many = Array.from({ length: 100_000 }, (_, i) => [fingerprintOf(`user-${i}`), NOW + 10 + (i % 2)] as const);
  expect(blocked.take(new Map(many)).size).toBe(100_000);
  expect(blocked.take(new Map([[fingerprintOf('alice'), NOW + 10]])).size).toBe(0);
  await expect(blocked.block('alice', NOW + 10)).rejects.toMatchObject({ code: 'too_many' });
  expect(await blocked.block('user-1', NOW + 20)).toBe(NOW + 20);
  now = NOW + 10;
  expect(await blocked.block('alice', NOW + 20)).toBe(NOW + 20);
});
