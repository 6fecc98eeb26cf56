import { errorMeaning } from './error-meaning';
import { PATIENCE_MS } from './stun-connection';
import type { TestResult } from './test-result';
import { printable } from '../text/printable';

/** What happened, in one line for a person. */
export function sentenceFor(result: TestResult): string {
  return printable(`${result.uri} ${verdict(result)}.`);
}

function verdict(result: TestResult): string {
  const { address = '' } = result;
  switch (result.outcome) {
    case 'granted':
      return `works: ${address} gave ${result.relayedAddress} for ${result.lifetimeSeconds} s${remarks(result)}`;
    case 'refused': {
      const why = `${result.code} ${result.reason}`.trim();
      return `fails: ${address} refused it (${why}${inRealm(result.realm)}): ${errorMeaning(result.code)}`;
    }
    case 'untested':
      return `is not tested: ${result.detail}`;
    case 'unresolved':
      return `fails: its name is not known here (${result.detail ?? ''}): check the URI and the DNS`;
    case 'silent':
      return `fails: ${address} gave no answer within ${PATIENCE_MS / 1000} s: a firewall is between, or no relay is there`;
    case 'garbled':
      return `fails: what ${address} sends is no answer of a TURN server that knows this password: check the address`;
    case 'closed':
      return `fails: ${address} closed the connection without an answer: check that it is a TURN server's port for this transport`;
    case 'untrusted':
      return `fails: the certificate of ${address} is not trusted: ${certificateHint(result.detail)}`;
    case 'unreachable':
      return `fails: ${address} can't be reached: ${reachHint(result.detail)}`;
  }
}

function remarks({ realm, givenBack }: Extract<TestResult, { outcome: 'granted' }>): string {
  const open = realm === undefined ? '; it asked for no credential, so anyone can relay there' : inRealm(realm);
  return givenBack ? open : `${open}; it did not take the allocation back, which ends by itself`;
}

function inRealm(realm: string | undefined): string {
  return realm === undefined ? '' : `, realm ${realm}`;
}

/** By OpenSSL's codes (openssl-verification-options(1)) and Node.js' own. */
function certificateHint(code = ''): string {
  if (code === 'CERT_HAS_EXPIRED') return 'it has expired: renew it';
  if (/ALTNAME|HOSTNAME/.test(code)) return "it is for another name than the URI's";
  return `its authority is unknown here (${code}): browsers refuse it too. For a private one set NODE_EXTRA_CA_CERTS, or use --insecure`;
}

/** By the system's codes. */
function reachHint(code = ''): string {
  if (code === 'ECONNREFUSED') return 'nothing listens there for this transport';
  if (/^E(HOST|NET)UNREACH$/.test(code)) return 'there is no route from here';
  if (/^(EPROTO|ERR_SSL_\w+)$/.test(code)) return `no TLS could be agreed on (${code})`;
  return code;
}
