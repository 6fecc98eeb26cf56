import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import { systemCode } from '../lib/errors';
import { cutOffOnlyUnread } from './limits';

/**
 * Sends pieces of text as they come, no faster than the client reads them. The headers wait for the first piece: what
 * fails before is an error answer like any other. What fails later breaks the connection off, so that the client knows
 * that the answer is not whole. A client that leaves ends the source.
 */
export async function streamAnswer(
  response: Response,
  headers: Readonly<Record<string, string>>,
  pieces: AsyncGenerator<string, void, undefined>,
): Promise<void> {
  cutOffOnlyUnread(response);
  try {
    const first = await pieces.next();
    response.set(headers);
    if (response.req.method === 'HEAD') response.end();
    else await pipeline(withFirst(first, pieces), response);
  } catch (error) {
    // ERR_STREAM_PREMATURE_CLOSE, ERR_STREAM_DESTROYED: the client has left.
    if (systemCode(error)?.startsWith('ERR_STREAM_') !== true) throw error;
  } finally {
    await pieces.return();
  }
}

async function* withFirst(first: IteratorResult<string, void>, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  if (first.done) return;
  yield first.value;
  yield* rest;
}
