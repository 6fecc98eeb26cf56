import { loadWebConfig } from '../../../src/web-config/load';
import { makeAuthority, makeCertificate, temporaryFolder } from './certificates';

const folder = temporaryFolder();
const HASH = '$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG';

beforeAll(() => {
  makeAuthority(folder, 'ca');
  makeCertificate(folder, 'server', 'ca', 'DNS:localhost');
  makeCertificate(folder, 'other', 'ca', 'DNS:localhost');
});
afterAll(() => {
  folder.remove();
});

const load = (yaml: string): ReturnType<typeof loadWebConfig> => loadWebConfig(folder.write('web.yml', yaml));
const TLS = 'tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n';

describe('a web configuration', () => {
  test.each(['', '# nothing\n', '{}', 'tls_server_config:\nbasic_auth_users:\n', 'tls_server_config: {}\n'])(
    'that says nothing (%j) turns nothing on',
    async (yaml) => {
      expect(await load(yaml)).toMatchObject({ tls: undefined, headers: {}, users: new Map() });
    },
  );

  test('of exporter-toolkit’s documentation, with every key, is taken; paths are relative to it', async () => {
    const config = await load(`${TLS}
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: ca.pem
  client_allowed_sans: [prometheus.example, 127.0.0.1]
  min_version: TLS12
  max_version: TLS13
  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_AES_128_GCM_SHA256]
  prefer_server_cipher_suites: false
  curve_preferences: [CurveP256, X25519]
http_server_config:
  http2: false
  headers:
    Content-Security-Policy: default-src 'self'
    X-Frame-Options: deny
    X-Content-Type-Options: nosniff
    X-XSS-Protection: ""
    Strict-Transport-Security: max-age=1
basic_auth_users:
  alice: ${HASH}
rate_limit:
  interval: 250ms
  burst: 3
`);
    expect(config).toMatchObject({
      tls: {
        cert: folder.read('server.pem'),
        key: folder.read('server.key'),
        clientCa: folder.read('ca.pem'),
        clientAuth: 'RequireAndVerifyClientCert',
        allowedSans: ['prometheus.example', '127.0.0.1'],
        curvePreferences: ['CurveP256', 'X25519'],
        preferServerCipherSuites: false,
      },
      users: new Map([['alice', HASH]]),
      rateLimit: { intervalMs: 250, burst: 3 },
    });
    expect(Object.keys(config.headers)).toEqual([
      'Content-Security-Policy',
      'X-Frame-Options',
      'X-Content-Type-Options',
      'Strict-Transport-Security',
    ]);
  });

  test('has exporter-toolkit’s defaults', async () => {
    const defaults = {
      clientAuth: 'NoClientCert',
      minVersion: 'TLS12',
      maxVersion: 'TLS13',
      preferServerCipherSuites: true,
    };
    expect((await load(TLS)).tls).toMatchObject(defaults);
  });

  test('may hold the certificate and key themselves', async () => {
    const indented = (name: string): string => folder.read(name).replaceAll(/^/gm, '    ');
    const config = await load(
      `tls_server_config:\n  cert: |\n${indented('server.pem')}\n  key: |\n${indented('server.key')}`,
    );
    expect(config.tls?.cert.trim()).toBe(folder.read('server.pem').trim());
  });
});

describe('mistakes in a web configuration', () => {
  const mistakesOf = async (yaml: string): Promise<string> => {
    const error: unknown = await load(yaml).then(
      () => 'no mistake was found',
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ name: 'UserError', code: 'bad_config' });
    return (error as Error).message;
  };

  test('are named all at once, each with its path', async () => {
    const message = await mistakesOf(`
tls_server_config:
  cert_file: nowhere.pem
  client_auth_type: Sometimes
  min_version: SSL3
  cipher_suites: [TLS_NULL]
  curve_preferences: [CurveP1]
  client_allowed_sans: yes-please
  cert_filse: x
http_server_config:
  headers: { X-Powered-By: me, X-Frame-Options: allow }
basic_auth_users: { alice: not-a-hash, "a:b": "${HASH}" }
rate_limit: { interval: often, burst: 0 }
extra: 1
`);
    for (const path of [
      'tls_server_config.cert_file: cannot be read: ENOENT',
      'tls_server_config.key_file: is missing',
      'tls_server_config.client_auth_type: expected one of NoClientCert,',
      'tls_server_config.min_version: expected one of TLS10,',
      'tls_server_config.cipher_suites[0]: expected one of',
      'tls_server_config.curve_preferences[0]: expected one of X25519,',
      'tls_server_config.client_allowed_sans: expected a list',
      'tls_server_config: unknown key cert_filse',
      'http_server_config.headers: unknown key X-Powered-By',
      'http_server_config.headers.X-Frame-Options: expected one of deny, sameorigin',
      'basic_auth_users.alice: expected a bcrypt hash',
      'basic_auth_users.a:b: not a possible key: must hold no colon',
      'rate_limit.interval: expected a duration',
      'rate_limit.burst: must be at least 1',
      '\n  unknown key extra',
    ]) {
      expect(message).toContain(path);
    }
  });

  test('never show a hash, a key or a password', async () => {
    const message = await mistakesOf(`basic_auth_users:\n  alice: s3cret-in-clear\ntls_server_config: { key: k3y }\n`);
    expect(message).not.toMatch(/s3cret|k3y/);
    expect(await mistakesOf('basic_auth_users:\n  alice: "s3cret\n  - x: {')).not.toContain('s3cret');
  });

  test.each([
    [`${TLS}  client_ca_file: ca.pem\n`, /client_auth_type: is missing/],
    [`${TLS}  client_auth_type: RequireAndVerifyClientCert\n`, /client_ca_file: is missing/],
    [`${TLS}  client_allowed_sans: [a]\n`, /client_allowed_sans: needs a client_auth_type/],
    [`${TLS}  cert: x\n`, /cert_file: says the same as cert/],
    [`${TLS}  min_version: TLS13\n  max_version: TLS12\n`, /min_version: must not be above max_version/],
    ['tls_server_config: { min_version: TLS12 }', /cert_file: is missing.*\n.*key_file: is missing/],
    [
      'tls_server_config: { cert_file: server.pem, key_file: other.key }',
      /key_file: the certificate and this key cannot be used/,
    ],
    ['tls_server_config: { cert_file: web.yml, key_file: server.key }', /cert_file: is not a PEM certificate/],
    [
      `${TLS}  client_auth_type: RequireAnyClientCert\n  client_ca_file: server.key\n`,
      /client_ca_file: is not a PEM certificate/,
    ],
    ['- a\n- b', /expected a mapping/],
    ['a: [', /line 1: /],
    ['just text', /expected a mapping/],
  ])('%j is refused', async (yaml, message) => {
    expect(await mistakesOf(yaml)).toMatch(message);
  });

  test('a file that is not there is one sentence', async () => {
    await expect(loadWebConfig(`${folder.path}/none.yml`)).rejects.toThrow(
      /none\.yml can't be used:\n {2}the file cannot be read: ENOENT/,
    );
  });
});
