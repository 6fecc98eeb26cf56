import type { NetworkInterfaceInfo } from 'node:os';
import { registry } from '../../../src/config/registry';
import { registryPlace, restAddress } from '../../../src/fleet/registry-address';

function address(text: string, internal = false): NetworkInterfaceInfo {
  const rest = { netmask: '', mac: '', internal, cidr: null };
  return text.includes(':')
    ? { address: text, family: 'IPv6', scopeid: 0, ...rest }
    : { address: text, family: 'IPv4', ...rest };
}

const MACHINE = {
  lo: [address('127.0.0.1', true)],
  eth0: [address('fe80::1'), address('2001:db8::5'), address('10.0.0.5')],
};

test.each([
  ['zk:2181', '/turnservers', 'zk:2181', '/turnservers'],
  ['zk1:2181,zk2:2182/turn/eu', '/relays', 'zk1:2181,zk2:2182', '/turn/eu/relays'],
])('%s and path %s are %s and %s', (zookeeper, path, servers, whole) => {
  expect(registryPlace({ zookeeper, path })).toEqual({ servers, path: whole });
});

test.each([
  ['10.1.2.3', '10.1.2.3:9642'],
  ['turn1.example.org', 'turn1.example.org:9642'],
  ['2001:db8::7', '[2001:db8::7]:9642'],
  ['0.0.0.0', '10.0.0.5:9642'],
  ['::', '10.0.0.5:9642'],
  ['127.0.0.1', '10.0.0.5:9642'],
  ['localhost', '10.0.0.5:9642'],
])('an agent that listens at %s is reached at %s', (host, reached) => {
  expect(restAddress({ host, port: 9642 }, MACHINE)).toBe(reached);
});

test('a machine with IPv6 alone is reached there, one without a network on loopback', () => {
  const listen = { host: '::', port: 1 };
  expect(restAddress(listen, { eth0: [address('fe80::1'), address('2001:db8::5')] })).toBe('[2001:db8::5]:1');
  expect(restAddress(listen, { lo: [address('127.0.0.1', true)] })).toBe('127.0.0.1:1');
});

describe('the configuration', () => {
  test('has a default for everything but the servers', () => {
    expect(registry.parse({ zookeeper: 'zk' })).toEqual({
      zookeeper: 'zk',
      path: '/turnservers',
      server: 'auto',
      restAddress: 'auto',
      roundTrips: { enabled: true, every: 10 },
      isps: [],
      sessionTimeout: 10,
      settleAfter: 600,
      assign: {
        strategy: 'least-used',
        reserve: 60,
        reserveMbps: 2,
        minFreeMbps: 10,
        maxAllocations: 10_000,
      },
    });
  });

  test.each<[string, object]>([
    ['an IPv6 address, which the client can not read', { zookeeper: '[::1]:2181' }],
    ['no server', { zookeeper: '/chroot' }],
    ['a STUN Binding more than once a second', { roundTrips: { every: '500ms' } }],
    ['a chroot that leads out', { zookeeper: 'zk/a/../b' }],
    ['a path that leads out', { path: '/a/..' }],
    ['a path that is none', { path: 'turnservers' }],
    ['a name with a slash', { server: 'a/b' }],
    ['a name that ZooKeeper refuses', { server: '..' }],
    ['an address without a port', { restAddress: 'turn1' }],
    ['a URL for an address', { restAddress: 'http://turn1:9642' }],
    ['an auth without a user', { auth: 'password' }],
    ['a session of no time', { sessionTimeout: '10ms' }],
    ['an agent that is given up before its node is gone', { sessionTimeout: '10s', settleAfter: '10s' }],
  ])('refuses %s', (_what, changes) => {
    expect(registry.safeParse({ zookeeper: 'zk:2181', ...changes }).success).toBe(false);
  });
});
