import {
  accepts,
  CLIENT_AUTH_TYPES,
  subjectAltNames,
  type ClientAuthType,
} from '../../../src/web-config/client-certificate';

const NONE = undefined;
const FORGED = { verified: false, subjectAltName: 'DNS:prometheus.example' };
const GOOD = { verified: true, subjectAltName: 'DNS:prometheus.example' };

describe('a client certificate', () => {
  const expected: Record<ClientAuthType, [boolean, boolean, boolean]> = {
    NoClientCert: [true, true, true],
    RequestClientCert: [true, true, true],
    RequireAnyClientCert: [false, true, true],
    VerifyClientCertIfGiven: [true, false, true],
    RequireAndVerifyClientCert: [false, false, true],
  };

  test.each(CLIENT_AUTH_TYPES)('under %s: none, one of an unknown authority, a good one', (clientAuth) => {
    const policy = { clientAuth, allowedSans: [] };
    expect([NONE, FORGED, GOOD].map((shown) => accepts(policy, shown))).toEqual(expected[clientAuth]);
  });

  test('must hold an allowed name where some are listed, and must be there', () => {
    const policy = {
      clientAuth: 'VerifyClientCertIfGiven',
      allowedSans: ['prometheus.example', '2001:db8::1'],
    } as const;
    expect(accepts(policy, GOOD)).toBe(true);
    expect(accepts(policy, { verified: true, subjectAltName: 'IP Address:2001:DB8:0:0:0:0:0:1' })).toBe(true);
    expect(accepts(policy, { verified: true, subjectAltName: 'DNS:other.example' })).toBe(false);
    expect(accepts(policy, { verified: true, subjectAltName: undefined })).toBe(false);
    expect(accepts(policy, NONE)).toBe(false);
    expect(accepts(policy, { ...FORGED })).toBe(false);
  });
});

describe('subject alternative names', () => {
  test('are DNS names, addresses, e-mails and URIs', () => {
    const text = 'DNS:a.example, IP Address:192.0.2.1, email:x@a.example, URI:https://a.example/x, othername:UPN:no';
    expect(subjectAltNames(text)).toEqual(['a.example', '192.0.2.1', 'x@a.example', 'https://a.example/x']);
  });

  test('that hold a comma are one name: a certificate can’t smuggle in a second (CVE-2021-44532)', () => {
    expect(subjectAltNames('URI:"http://x/, DNS:good.example", DNS:b')).toEqual(['http://x/, DNS:good.example', 'b']);
    expect(subjectAltNames('othername:"x, DNS:good.example"')).toEqual([]);
  });
});
