import { StringDecoder } from 'node:string_decoder';
import { UserError } from '../../lib/errors';

/** A usage record has some hundred bytes, and the longest user name 512 (RFC 8489 section 14.3). */
const MAX_LINE = 1024 * 1024;

/** The complete lines of each chunk, without their ends. Throws UserError for a line that nobody could want. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly string[]> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length))).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_LINE) {
      throw new UserError('too_large', 'A line of the answer is too long to be one of turnkeeper: check --url.');
    }
    yield lines;
  }
  rest += decoder.end();
  if (rest !== '') yield [rest];
}
