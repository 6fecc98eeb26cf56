import { execFile } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryDirectory } from '../../support/coturn';

const FOLDER = join(__dirname, '../../../deploy/systemd');
const run = promisify(execFile);

const folder = temporaryDirectory();
afterAll(() => {
  folder.remove();
});

test('systemd takes the unit as it is', async () => {
  const unit = join(folder.path, 'turnkeeper.service');
  const text = readFileSync(join(FOLDER, 'turnkeeper.service'), 'utf8');
  // It looks whether the program is there.
  writeFileSync(unit, text.replace('ExecStart=/usr/bin/node', `ExecStart=${process.execPath}`));
  const { stdout, stderr } = await run('systemd-analyze', ['verify', '--man=no', unit]);
  expect(stdout + stderr).toBe('');
});

test('the unit may do little: systemd calls its exposure OK', async () => {
  const unit = join(folder.path, 'turnkeeper.service');
  copyFileSync(join(FOLDER, 'turnkeeper.service'), unit);
  const { stdout } = await run('systemd-analyze', ['security', '--offline=true', '--threshold=20', '--no-pager', unit]);
  expect(stdout).toMatch(/Overall exposure level for turnkeeper\.service: 1\.\d/);
});

test('logrotate rotates the log that it names', async () => {
  const log = join(folder.path, 'turnkeeper.log');
  const config = join(folder.path, 'logrotate.conf');
  const user = userInfo().username;
  const text = readFileSync(join(FOLDER, 'turnkeeper.logrotate'), 'utf8')
    .replace('/var/log/turnkeeper/turnkeeper.log', log)
    .replaceAll('turnkeeper turnkeeper', `${user} ${user}`);
  writeFileSync(config, text, { mode: 0o644 });
  writeFileSync(log, 'a line\n');
  await run('logrotate', ['--force', '--state', join(folder.path, 'state'), config]);
  expect([readFileSync(log, 'utf8'), readFileSync(`${log}.1`, 'utf8')]).toEqual(['', 'a line\n']);
});
