import { stunTarget } from '../../../../src/fleet/round-trips/stun-target';
import { isUnicast } from '../../../../src/fleet/round-trips/unicast';

test.each([
  [['turns:a:5349?transport=tcp', 'turn:a:3478?transport=tcp', 'turn:b:3479?transport=udp'], 'b', 3479],
  [['turn:[2001:db8::1]:3478?transport=udp', 'turn:c:1?transport=udp'], '2001:db8::1', 3478],
  [['turn:turn.example.org'], 'turn.example.org', 3478],
])('%j is asked at its first plain UDP URI: %s port %d', (uris, host, port) => {
  expect(stunTarget(uris)).toMatchObject({ host, port });
});

test.each([
  ['no URI', []],
  ['none over plain UDP', ['turns:a?transport=tcp', 'turns:a:443?transport=udp', 'turn:a?transport=tcp']],
  ['a port that is none', ['turn:a:0?transport=udp', 'turn:a:65536?transport=udp']],
  ['more than a host', ['turn:user@a:3478?transport=udp', 'turn:a/b:3478', 'turn:a:3478?transport=udp&x=1']],
  ['text that is no host', ['turn:a b:3478', 'turn:[::1:3478', 'turn:\u0000:1', 'turn::3478']],
])('a relay with %s is not asked', (_, uris) => {
  expect(stunTarget(uris)).toBeUndefined();
});

test.each(['10.0.0.1', '127.0.0.2', '203.0.113.7', '2001:db8::1', '::1', 'fe80::1'])('%s is one machine', (address) => {
  expect(isUnicast(address, address.includes(':') ? 'ipv6' : 'ipv4')).toBe(true);
});

test.each([
  '224.0.0.1',
  '239.1.2.3',
  '255.255.255.255',
  '0.0.0.0',
  '::',
  'ff02::1',
  '::ffff:224.0.0.1',
  '::ffff:0.0.0.0',
])('%s could be many, and is never sent anything', (address) => {
  expect(isUnicast(address, address.includes(':') ? 'ipv6' : 'ipv4')).toBe(false);
});
