import { listenerUrl } from '../../../src/cli/client/address';

describe('an agent on this machine', () => {
  it.each([
    ['127.0.0.1', 'http://127.0.0.1:9642/'],
    ['0.0.0.0', 'http://127.0.0.1:9642/'],
    ['::', 'http://127.0.0.1:9642/'],
    ['::1', 'http://[::1]:9642/'],
    ['turn.example.org', 'http://turn.example.org:9642/'],
  ])('that listens on %s is reached at %s', (host, url) => {
    expect(listenerUrl({ host, port: 9642 }).href).toBe(url);
  });

  it('that chooses its port can only be found by who says it', () => {
    expect(() => listenerUrl({ host: '127.0.0.1', port: 0 })).toThrow('say it with --url');
  });
});
