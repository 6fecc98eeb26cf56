import type { NetworkInterfaceInfo } from 'node:os';
import { configSchema, type CoturnConfig } from '../../../src/config/schema';
import { relayUris } from '../../../src/credentials/relay-uris';

const coturn = (keys: object): CoturnConfig => configSchema.parse({ coturn: keys }).coturn;
const entry = (address: string, internal = false): NetworkInterfaceInfo =>
  ({ address, internal, family: address.includes(':') ? 'IPv6' : 'IPv4' }) as NetworkInterfaceInfo;

const INTERFACES = {
  lo: [entry('127.0.0.1', true), entry('::1', true)],
  eth0: [entry('192.0.2.7'), entry('2001:db8::7'), entry('fe80::1'), entry('169.254.3.4')],
};

describe('the URIs of a coturn', () => {
  test('are UDP and TCP on loopback with no configuration', () => {
    expect(relayUris(coturn({}), INTERFACES)).toEqual([
      'turn:127.0.0.1:3478?transport=udp',
      'turn:127.0.0.1:3478?transport=tcp',
    ]);
  });

  test('have TLS on its own port when there is a certificate', () => {
    const uris = relayUris(coturn({ cert: 'c.pem', pkey: 'k.pem', tlsListeningPort: 443 }), INTERFACES);
    expect(uris).toContain('turns:127.0.0.1:443?transport=tcp');
  });

  test('name the external address, which clients reach, and not the one behind the NAT', () => {
    const uris = relayUris(coturn({ externalIp: '203.0.113.7/10.0.0.7', listeningIp: ['10.0.0.7'] }), INTERFACES);
    expect(uris[0]).toBe('turn:203.0.113.7:3478?transport=udp');
    expect(uris.join()).not.toContain('10.0.0.7');
  });

  test('stand for the machine’s own addresses where coturn listens on all, IPv6 in brackets, no link-local ones', () => {
    const uris = relayUris(coturn({ listeningIp: ['0.0.0.0', '::'] }), INTERFACES);
    expect(uris.filter((uri) => uri.endsWith('udp'))).toEqual([
      'turn:192.0.2.7:3478?transport=udp',
      'turn:[2001:db8::7]:3478?transport=udp',
    ]);
  });

  test('fall back to loopback on a machine without a network', () => {
    expect(relayUris(coturn({ listeningIp: ['0.0.0.0'] }), {})[0]).toBe('turn:127.0.0.1:3478?transport=udp');
  });

  test('leave out a transport that coturn was told not to serve', () => {
    expect(relayUris(coturn({ extra: { 'no-udp': true } }), INTERFACES)).toEqual(['turn:127.0.0.1:3478?transport=tcp']);
  });
});
