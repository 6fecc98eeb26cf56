import { parseTurnUri } from '../../../src/turn/turn-uri';

describe('a TURN URI', () => {
  it.each([
    ['turn:turn.example.org', 'udp', 'turn.example.org', 3478],
    ['TURN:Turn.Example.org:80?transport=TCP', 'tcp', 'turn.example.org', 80],
    ['turns:turn.example.org', 'tls', 'turn.example.org', 5349],
    ['turns:10.0.0.1:443?transport=tcp', 'tls', '10.0.0.1', 443],
    ['turn:[2001:db8::1]:3479?transport=udp', 'udp', '2001:db8::1', 3479],
  ])('%s leads over %s to %s, port %d', (uri, transport, host, port) => {
    expect(parseTurnUri(uri)).toEqual({ kind: 'target', target: { transport, host, port } });
  });

  it.each([
    ['turns:a?transport=udp', 'DTLS'],
    ['turn:a?transport=sctp', 'neither udp nor tcp'],
    ['stun:a:3478', 'STUN server'],
    ...[
      '',
      'turn:',
      'turn://a',
      'turn:a:0',
      'turn:a:65536',
      'turn:[::g]',
      'turn:[1]',
      'turn:a b',
      'turn:a\n',
      'http://a',
    ].map((uri) => [uri, 'no TURN URI']),
  ])('%j is not tested', (uri = '', why = '') => {
    expect(parseTurnUri(uri)).toEqual({ kind: 'untested', why: expect.stringContaining(why) as string });
  });
});
