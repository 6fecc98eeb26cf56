import { byteText } from '../../coturn/byte-pattern';

/** A request that is not RESP, or beyond the limits. The message is what the client is told, after `-ERR `. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';

  constructor(
    readonly reason: 'malformed' | 'oversized',
    message: string,
  ) {
    super(message);
  }
}

/** coturn's longest command is a channel (a realm of 127 bytes, a user name of 512) and a status line. */
const MAX_ARGUMENT_BYTES = 4096;
const MAX_ARGUMENTS = 8;
const MAX_COMMAND_BYTES = 36_864;
/** `*8` and `$4096` have no more; a longer run of digits is refused before it is read. */
const MAX_LENGTH_DIGITS = 5;

const CR = 0x0d;
const LF = 0x0a;
const ASTERISK = 0x2a;
const DOLLAR = 0x24;
const ZERO = 0x30;
const INCOMPLETE = -1;
const EMPTY = Buffer.alloc(0);
/** How much of a chunk is joined to a command that the last one began: little, as a rule, since it is copied. */
const JOINED_BYTES = [1024, MAX_COMMAND_BYTES];

/**
 * Cuts a byte stream into RESP commands (arrays of bulk strings, https://redis.io/docs/latest/develop/reference/protocol-spec/)
 * without copying: a command is the places of its arguments in the buffer, valid while it is handled.
 */
export class RespReader {
  /** Where the arguments of the command that is handled stand. */
  text = byteText(EMPTY);
  count = 0;
  readonly starts = new Int32Array(MAX_ARGUMENTS);
  readonly ends = new Int32Array(MAX_ARGUMENTS);
  private at = 0;
  /** The beginning of a command of which the rest has not come. */
  private rest: Buffer = EMPTY;

  /**
   * Calls `onCommand` for each complete command until it returns false; keeps the rest for the next chunk, at most
   * one command of the largest size. Throws ProtocolError.
   */
  push(chunk: Buffer, onCommand: () => boolean): void {
    let from = 0;
    if (this.rest.length > 0) {
      from = this.finishCommand(chunk, onCommand);
      if (from === chunk.length) return;
    }
    const done = this.readCommands(chunk, from, onCommand);
    this.keep(chunk.subarray(done));
  }

  /** Reads the command that the last chunk began; returns where in `chunk` the next one begins. */
  private finishCommand(chunk: Buffer, onCommand: () => boolean): number {
    const kept = this.rest.length;
    for (const size of JOINED_BYTES) {
      const joined = Buffer.concat([this.rest, chunk.subarray(0, size)]);
      const done = this.readCommands(joined, 0, onCommand, 1);
      if (done === 0 && chunk.length > size) continue;
      if (done === 0) this.keep(joined);
      else this.rest = EMPTY;
      return done === 0 ? chunk.length : done - kept;
    }
    throw tooLarge();
  }

  /** Returns where the first command begins that was not read. */
  private readCommands(buffer: Buffer, from: number, onCommand: () => boolean, most = Infinity): number {
    this.text = byteText(buffer);
    this.at = from;
    let done = from;
    for (let read = 0; read < most && this.at < buffer.length && this.readCommand(); read++) {
      done = this.at;
      if (this.count > 0 && !onCommand()) break;
    }
    return done;
  }

  /** A copy: a few bytes kept must not keep a whole chunk. */
  private keep(rest: Buffer): void {
    if (rest.length > MAX_COMMAND_BYTES) throw tooLarge();
    this.rest = rest.length === 0 ? EMPTY : Buffer.from(rest);
  }

  private readCommand(): boolean {
    const count = this.readLength(ASTERISK, MAX_ARGUMENTS);
    if (count === INCOMPLETE) return false;
    const { buffer } = this.text;
    for (let i = 0; i < count; i++) {
      const length = this.readLength(DOLLAR, MAX_ARGUMENT_BYTES);
      const start = this.at;
      const end = start + length;
      if (length === INCOMPLETE || end + 2 > buffer.length) return false;
      if (buffer[end] !== CR || buffer[end + 1] !== LF) {
        throw new ProtocolError('malformed', 'Protocol error: expected CRLF after an argument');
      }
      this.starts[i] = start;
      this.ends[i] = end;
      this.at = end + 2;
    }
    this.count = count;
    return true;
  }

  /** The number between `mark` and CRLF, or INCOMPLETE where the buffer ends before. */
  private readLength(mark: number, most: number): number {
    const { buffer } = this.text;
    const first = this.at + 1;
    if (first > buffer.length) return INCOMPLETE;
    if (buffer[first - 1] !== mark) throw unexpected(mark);
    let value = 0;
    let at = first;
    for (; at < buffer.length; at++) {
      const digit = (buffer[at] ?? 0) - ZERO;
      if (digit < 0 || digit > 9) break;
      if (at - first >= MAX_LENGTH_DIGITS) throw tooLarge();
      value = value * 10 + digit;
    }
    if (at + 1 >= buffer.length) return INCOMPLETE;
    if (value > most) throw tooLarge();
    this.endLine(at, at > first);
    return value;
  }

  /** Steps over the CRLF that must stand at `at`. */
  private endLine(at: number, hasDigits: boolean): void {
    const { buffer } = this.text;
    if (!hasDigits || buffer[at] !== CR || buffer[at + 1] !== LF) {
      throw new ProtocolError('malformed', 'Protocol error: invalid length');
    }
    this.at = at + 2;
  }
}

function unexpected(mark: number): ProtocolError {
  return new ProtocolError('malformed', `Protocol error: expected '${String.fromCharCode(mark)}'`);
}

function tooLarge(): ProtocolError {
  return new ProtocolError('oversized', 'Protocol error: the command is too large');
}
