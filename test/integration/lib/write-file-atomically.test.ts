import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../src/lib/clock';
import { writeFileAtomically } from '../../../src/lib/write-file-atomically';
import { BlockedUsers } from '../../../src/credentials/blocked-users';
import { SmallDisk } from '../usage/small-disk';

const disk = SmallDisk.mount(1);
const onDisk = disk ? test : test.skip;
const file = join(disk?.path ?? '', 'blocked-users.json');

afterEach(() => {
  disk?.makeRoom();
});
afterAll(() => {
  disk?.remove();
});

onDisk('a full disk is said to be full, with what to do, and the file is the one of before', async () => {
  await writeFileAtomically(file, '{}\n');
  disk?.fill();
  await expect(writeFileAtomically(file, '{"later":1}\n')).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(/blocked-users\.json can't be written \(ENOSPC.*: make room on its disk/) as string,
  });
  expect(readFileSync(file, 'utf8')).toBe('{}\n');
});

onDisk('a revocation on a full disk is no internal error, and holds once there is room', async () => {
  const until = Date.now() + 60_000;
  const users = new BlockedUsers(file, systemClock);
  disk?.fill();
  await expect(users.block('alice', until)).rejects.toMatchObject({ code: 'unavailable' });
  disk?.makeRoom();
  await users.block('alice', until);
  const restarted = new BlockedUsers(file, systemClock);
  await restarted.load();
  expect(restarted.untilOf('alice')).toBe(until);
});
