import { execFile, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
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

/** A manager in a mount namespace of its own, which takes nothing from this machine but the path of the unit's folder. */
const MANAGER = `
  mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system /run/user && chmod 700 /run/user || exit 77
  export XDG_CONFIG_HOME="$1" XDG_RUNTIME_DIR=/run/user
  timeout 60 /lib/systemd/systemd --user --unit=test.target &
  for _ in $(seq 100); do systemctl --user start test.service 2>/dev/null && break; sleep 0.1; done
  first=$(systemctl --user show --property MainPID --value test.service)
  kill -KILL "$first"
  for _ in $(seq 100); do
    next=$(systemctl --user show --property MainPID --value test.service)
    [ "$next" != 0 ] && [ "$next" != "$first" ] && break
    sleep 0.1
  done
  kill -0 "$(cat "$1/coturn.pid")" && echo "coturn goes on, the agent is $([ "$next" = "$first" ] || echo another)"
  kill -KILL "$(cat "$1/coturn.pid")"
  systemctl --user stop test.service
  systemctl --user exit
  wait`;
const WHY_NOT = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/run']).status !== 0;

(WHY_NOT ? test.skip : test)(
  'an agent that is killed is started again by a real systemd, and its coturn goes on',
  async () => {
    const units = join(folder.path, 'systemd/user');
    mkdirSync(units, { recursive: true });
    const ending = /^(Kill|Restart|SendSIG)\w+=.*$/gm;
    const lines = readFileSync(join(FOLDER, 'turnkeeper.service'), 'utf8').match(ending) ?? [];
    const agent = `[ -e ${folder.path}/coturn.pid ] || { setsid sleep 300 & echo $! >${folder.path}/coturn.pid; }; exec sleep 300`;
    const program = join(folder.path, 'agent.sh');
    writeFileSync(program, agent);
    const service = ['[Service]', 'Type=exec', `ExecStart=/bin/bash ${program}`, ...lines];
    writeFileSync(join(units, 'test.service'), ['[Unit]', 'DefaultDependencies=no', ...service].join('\n'));
    writeFileSync(join(units, 'test.target'), '[Unit]\nDefaultDependencies=no\n');
    const { stdout } = await run('unshare', ['--mount', 'bash', '-c', MANAGER, 'manager', folder.path]);
    expect(stdout).toBe('coturn goes on, the agent is another\n');
  },
);

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
