import { didYouMean } from '../../../src/config/did-you-mean';

const NAMES = ['realm', 'listeningPort', 'tlsListeningPort', 'cert', 'ttl'];

describe('didYouMean', () => {
  it.each([
    ['relam', 'realm'],
    ['listening-port', 'listeningPort'],
    ['LISTENING_PORT', 'listeningPort'],
    ['tlsListenPort', 'tlsListeningPort'],
    ['certs', 'cert'],
  ])('takes %s for %s', (word, meant) => {
    expect(didYouMean(word, NAMES)).toBe(meant);
  });

  it.each(['', 'banana', 'x', 'x'.repeat(100_000)])('does not guess where nothing is near (case %#)', (word) => {
    expect(didYouMean(word, NAMES)).toBeUndefined();
  });
});
