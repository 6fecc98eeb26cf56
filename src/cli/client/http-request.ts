import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** A sum over years may take the store so long before it says its first word. */
const ANSWER_MS = 300_000;

/**
 * Resolves when the answer begins; rejects with the error of the socket or of TLS. Not fetch: that of Node.js 20 reads an
 * answer of small chunks as fast as it comes, however slowly it is consumed, and keeps it all (800 MB of a 450 MB export).
 */
export function request(
  url: URL,
  method: string,
  headers: OutgoingHttpHeaders,
  body?: string,
): Promise<IncomingMessage> {
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const asked = send(url, { method, headers });
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
