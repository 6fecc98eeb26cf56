import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { systemCode } from '../lib/errors';
import { errorBody, TOO_LARGE, type HttpError } from './http-error';

const BAD_REQUEST: HttpError = { status: 400, code: 'bad_request', message: 'This is not valid HTTP/1.1.' };

/** Node.js' codes (llhttp's begin with HPE) for what a client did before there was a request to route. */
const ERRORS: Readonly<Record<string, HttpError>> = {
  HPE_HEADER_OVERFLOW: { status: 431, code: 'too_large', message: 'The request line and headers are too long.' },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: TOO_LARGE,
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, code: 'timeout', message: 'The request did not arrive in time.' },
};

/** A listener for the server's `clientError`: says what was wrong, and closes. */
export function onClientError(error: Error, socket: Duplex): void {
  const code = systemCode(error);
  if (!socket.writable || code === 'ECONNRESET' || isAnswering(socket)) {
    socket.destroy();
    return;
  }
  socket.once('finish', () => socket.destroy());
  socket.end(rawAnswer(ERRORS[code ?? ''] ?? BAD_REQUEST));
}

/** Node.js keeps the response under way here, and looks at it for its own answer: bytes of a second one would corrupt it. */
function isAnswering(socket: Duplex): boolean {
  const { _httpMessage: response } = socket as { _httpMessage?: { headersSent?: boolean } | null };
  return response?.headersSent === true;
}

function rawAnswer(error: HttpError): string {
  const body = errorBody(error);
  return [
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? ''}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
