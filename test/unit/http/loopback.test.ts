import { notLocal, type Provenance } from '../../../src/http/loopback';
import { isLoopback } from '../../../src/lib/loopback';

const local: Provenance = {
  boundAddress: '127.0.0.1',
  remoteAddress: '127.0.0.1',
  headers: { host: '127.0.0.1:9642' },
};
const withHeaders = (headers: Provenance['headers']): Provenance => ({
  ...local,
  headers: { ...local.headers, ...headers },
});

describe('loopback addresses', () => {
  test.each(['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1', '::FFFF:127.0.0.1'])('%s is one', (address) => {
    expect(isLoopback(address)).toBe(true);
  });

  test.each(['', '0.0.0.0', '::', '10.0.0.1', '::ffff:10.0.0.1', '127.0.0.1.evil.org', '128.0.0.1', '::2'])(
    '%j is none',
    (address) => {
      expect(isLoopback(address)).toBe(false);
    },
  );
});

describe('a request for a credential', () => {
  test.each(['localhost', 'LOCALHOST:9642', '127.0.0.1', '127.1.2.3:80', '[::1]:9642'])(
    'to %s may be local',
    (host) => {
      expect(notLocal(withHeaders({ host }))).toBeUndefined();
    },
  );

  test.each([
    undefined,
    '',
    'evil.example:9642',
    'localhost.evil.example',
    '127.0.0.1.nip.io',
    '2130706433',
    '[::2]',
    '127.0.0.1@evil',
  ])('to the host %j is refused: its name may have been rebound', (host) => {
    expect(notLocal(withHeaders({ host }))).toMatch(/Host header/);
  });

  test('is refused on a server that other machines reach, even when it comes from this one', () => {
    expect(notLocal({ ...local, boundAddress: '0.0.0.0' })).toMatch(/listens beyond loopback/);
    expect(notLocal({ ...local, boundAddress: '::' })).toMatch(/listens beyond loopback/);
  });

  test('is refused from another machine, or from one that is not known', () => {
    expect(notLocal({ ...local, remoteAddress: '10.0.0.9' })).toMatch(/another machine/);
    expect(notLocal({ ...local, remoteAddress: '' })).toMatch(/another machine/);
  });

  test.each([{ forwarded: 'for=1.2.3.4' }, { 'x-forwarded-for': '1.2.3.4' }, { via: '1.1 squid' }])(
    'through a proxy (%j) is refused',
    (headers) => {
      expect(notLocal(withHeaders(headers))).toMatch(/proxy/);
    },
  );

  test.each([
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://127.0.0.1:3000' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'http://127.0.0.1:9642', 'sec-fetch-site': 'cross-site' },
  ])('by a page of another site (%j) is refused', (headers) => {
    expect(notLocal(withHeaders(headers))).toMatch(/another site/);
  });

  test.each([{ origin: 'http://127.0.0.1:9642', 'sec-fetch-site': 'same-origin' }, { 'sec-fetch-site': 'none' }])(
    'by a page of this server or by hand (%j) is let through',
    (headers) => {
      expect(notLocal(withHeaders(headers))).toBeUndefined();
    },
  );
});
