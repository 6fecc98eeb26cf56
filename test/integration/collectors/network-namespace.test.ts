import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../..');
const MAY = spawnSync('unshare', ['-rnm', 'sh', '-c', inside('ip link add v0 type veth peer name v1')]).status === 0;
const kernelTest = MAY ? test : test.skip;
const suffix = MAY ? '' : ' (SKIPPED: this user may not make network namespaces here)';

function inside(script: string): string {
  return `mount -t sysfs none /sys && ${script}`;
}

interface Seen {
  readonly names: readonly string[];
  readonly auto: readonly { readonly device: string; readonly speedMbps: number | null }[];
}

/** What `auto` takes in a network namespace of its own, where `commands` of iproute2 have been run. */
function seenAfter(...commands: readonly string[]): Seen {
  const program = 'node -r ./test/support/register-typescript.js test/fixtures/programs/network-devices.ts';
  const script = inside([...commands.map((command) => `ip ${command}`), program].join(' && '));
  const { status, stdout, stderr } = spawnSync('unshare', ['-rnm', 'sh', '-c', script], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`status ${String(status)}: ${stderr}`);
  return JSON.parse(stdout) as Seen;
}

/** A container's way out: one end of a veth pair. The other stays here, unused, under a bridge that is down. */
const WAY_OUT = [
  'link add eth0 type veth peer name far',
  'link set eth0 up',
  'link add host type bridge',
  'link set far master host',
  'link set far up',
];
const BRIDGE = [
  'link add br0 type bridge',
  'link add port type veth peer name in',
  'link set port master br0',
  ...['br0', 'port'].map((name) => `link set ${name} up`),
];
const only = (device: string): Seen['auto'] => [{ device, speedMbps: null }];

kernelTest(`a real veth is taken, and the 10 Gb/s that it makes up are not believed${suffix}`, () => {
  const { names, auto } = seenAfter(...WAY_OUT);
  expect(names).toEqual(['eth0', 'far', 'host', 'lo']);
  expect(auto).toEqual(only('eth0'));
});

kernelTest(`a real bridge and its ports do not count beside the way out${suffix}`, () => {
  const { names, auto } = seenAfter(...WAY_OUT, ...BRIDGE);
  expect(names).toEqual(expect.arrayContaining(['br0', 'port']));
  expect(auto).toEqual(only('eth0'));
});

kernelTest(`a real way out that is in a bridge counts, and not the bridge${suffix}`, () => {
  const { auto } = seenAfter(...WAY_OUT, 'link add br0 type bridge', 'link set eth0 master br0', 'link set br0 up');
  expect(auto.map(({ device }) => device)).toEqual(['eth0', 'far']);
});
