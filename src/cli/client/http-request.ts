import { X509Certificate } from 'node:crypto';
import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { ConnectionOptions as TlsOptions } from 'node:tls';

/** A sum over years may take the store so long before it says its first word. */
const ANSWER_MS = 300_000;

interface Asked {
  readonly method: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body: string | undefined;
  /** PEM. Where it is given only who has its key is believed, whatever name stands in it. */
  readonly certificate: string | undefined;
}

/**
 * Resolves when the answer begins; rejects with the error of the socket or of TLS. Not fetch: that of Node.js 20 reads an
 * answer of small chunks as fast as it comes, however slowly it is consumed, and keeps it all (800 MB of a 450 MB export).
 */
export function request(url: URL, { method, headers, body, certificate }: Asked): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked =
      url.protocol === 'https:'
        ? httpsRequest(url, { method, headers, ...(certificate !== undefined && trustIn(certificate)) })
        : httpRequest(url, { method, headers });
    asked.setTimeout(ANSWER_MS, () => {
      asked.destroy(new Error(`it gave no answer for ${ANSWER_MS / 1000} s`));
    });
    asked.on('error', reject);
    asked.once('response', (answer) => {
      asked.setTimeout(0); // from here on it waits as long as whoever reads the export does
      asked.socket?.setKeepAlive(true, 30_000);
      resolve(answer);
    });
    asked.end(body);
  });
}

/** The first of the file is the server's own; those of the authorities above it would vouch for others too. */
function trustIn(certificate: string): TlsOptions {
  const ca = new X509Certificate(certificate).toString();
  return { ca, allowPartialTrustChain: true, checkServerIdentity: () => undefined };
}
