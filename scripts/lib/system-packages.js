'use strict';

const { accessSync, constants, existsSync, readFileSync } = require('node:fs');
const { delimiter, isAbsolute, join } = require('node:path');
const { say, stop, succeeds } = require('./steps');

/**
 * The distribution's packages: the tests need all of them, `npm start` coturn alone. `provides`: a command, or an
 * absolute path, by which one sees that it is there. `services`: what Debian's package starts by itself when it is
 * installed, and we neither need nor want running.
 */
const PACKAGES = {
  alertmanager: {
    name: 'prometheus-alertmanager',
    provides: 'prometheus-alertmanager',
    services: ['prometheus-alertmanager'],
  },
  chromium: { name: 'chromium', provides: '/usr/bin/chromium', services: [] },
  coturn: { name: 'coturn', provides: 'turnserver', services: ['coturn'] },
  curl: { name: 'curl', provides: 'curl', services: [] },
  logrotate: { name: 'logrotate', provides: '/usr/sbin/logrotate', services: [] },
  openssl: { name: 'openssl', provides: 'openssl', services: [] },
  prometheus: { name: 'prometheus', provides: 'promtool', services: ['prometheus'] },
  postgresql: { name: 'postgresql', provides: '/usr/lib/postgresql', services: ['postgresql'] },
  rabbitmq: { name: 'rabbitmq-server', provides: 'rabbitmq-server', services: ['rabbitmq-server'] },
  redis: { name: 'redis-server', provides: 'redis-server', services: ['redis-server'] },
  // With it comes Java; a server that starts by itself is in another package (zookeeperd).
  zookeeper: { name: 'zookeeper', provides: '/usr/share/java/zookeeper.jar', services: [] },
};

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function isThere({ provides }) {
  if (isAbsolute(provides)) return existsSync(provides);
  return (process.env.PATH ?? '').split(delimiter).some((folder) => isExecutable(join(folder, provides)));
}

/** Whether an /etc/os-release is that of Debian, Ubuntu, or a distribution made from them. */
function isDebianLike(osRelease) {
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(osRelease);
}

/** Why packages can't be installed here, with what to do about it; undefined when they can. */
function obstacle(names, { osRelease, isRoot }) {
  const list = names.join(' ');
  if (!isDebianLike(osRelease)) {
    return `needs ${list} (the names of Debian's packages), and can install them on Debian and Ubuntu only: install them, then start again.`;
  }
  if (!isRoot)
    return `needs ${list}, and only root can install it: run \`sudo apt-get install ${list}\`, then start again.`;
  return undefined;
}

/** Installs those that are missing; stops with a sentence where that is not possible. */
function provideSystemPackages(packages) {
  const missing = packages.filter((item) => !isThere(item));
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name);
  const osRelease = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  const reason = obstacle(names, { osRelease, isRoot: process.getuid?.() === 0 });
  if (reason !== undefined) stop(reason);
  say(`== installing ${names.join(', ')} (once)`);
  install(names);
  missing.flatMap(({ services }) => services).forEach(silence);
  const still = missing.filter((item) => !isThere(item)).map(({ name }) => name);
  if (still.length > 0) stop(`${still.join(' ')} could not be installed: see what apt-get says above.`);
}

function install(names) {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const options = ['-qq', '-o', 'DPkg::Lock::Timeout=120', '-o', 'Dpkg::Use-Pty=0'];
  // An update that fails for one of many sources may well have brought what is needed: the install tells.
  succeeds('apt-get', [...options, 'update'], env);
  succeeds('apt-get', [...options, 'install', '-y', '--no-install-recommends', ...names], env);
}

/** Debian starts a server when its package is installed, and at each boot: it would hold the port that we want. */
function silence(service) {
  if (existsSync('/run/systemd/system')) {
    succeeds('systemctl', ['disable', '--now', '--quiet', service]);
  } else if (existsSync(`/etc/init.d/${service}`)) {
    succeeds('service', [service, 'stop']);
    succeeds('update-rc.d', [service, 'disable']);
  }
}

module.exports = { PACKAGES, isThere, obstacle, provideSystemPackages };
