import { DEFAULT_CIPHERS, type SecureContextOptions } from 'node:tls';
import { CIPHERS, CURVES, VERSIONS, type CipherName, type CurveName, type VersionName } from './tls-names';

export interface TlsSettings {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
  readonly clientCa: string | undefined;
  readonly minVersion: VersionName;
  readonly maxVersion: VersionName;
  readonly cipherSuites: readonly CipherName[];
  readonly preferServerCipherSuites: boolean;
  readonly curvePreferences: readonly CurveName[];
}

/** Go lets nobody choose the suites of TLS 1.3; Node.js would turn TLS 1.3 off where a list has none of them. */
const TLS13_SUITES = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];

export function secureContextOptions(tls: TlsSettings): SecureContextOptions {
  return {
    cert: tls.cert,
    key: tls.key,
    minVersion: VERSIONS[tls.minVersion],
    maxVersion: VERSIONS[tls.maxVersion],
    honorCipherOrder: tls.preferServerCipherSuites,
    ciphers: cipherList(tls),
    ...(tls.clientCa === undefined ? {} : { ca: tls.clientCa }),
    ...(tls.curvePreferences.length === 0
      ? {}
      : { ecdhCurve: tls.curvePreferences.map((name) => CURVES[name]).join(':') }),
  };
}

function cipherList({ cipherSuites, minVersion }: TlsSettings): string {
  const chosen = new Set([...TLS13_SUITES, ...cipherSuites.map((name) => CIPHERS[name])]);
  const list = cipherSuites.length === 0 ? DEFAULT_CIPHERS : [...chosen].join(':');
  // OpenSSL 3 speaks TLS 1.0 and 1.1 at security level 0 only (SSL_CTX_set_security_level(3)).
  return minVersion === 'TLS10' || minVersion === 'TLS11' ? `${list}:@SECLEVEL=0` : list;
}
