import { byteText, BytePattern } from '../../coturn/byte-pattern';

/** What a Redis that is subscribed to `turn/*` sends before each channel and message, in RESP2. */
const HEAD = new BytePattern('*4\r\n$8\r\npmessage\r\n$6\r\nturn/*\r\n');
/** Its answer to PING on such a connection. */
const PONG = new BytePattern('*2\r\n$4\r\npong\r\n$0\r\n\r\n');

/** coturn's longest is a channel with a realm of 127 bytes and a user name of 512, and a status line. */
const MAX_TEXT_BYTES = 4096;
/** Redis' own limit of a text is 512 MB. */
const MAX_LENGTH_DIGITS = 9;
const CR = 0x0d;
const LF = 0x0a;
const DOLLAR = 0x24;
const ZERO = 0x30;
const INCOMPLETE = -1;
const EMPTY = Buffer.alloc(0);

export interface PushListener {
  /** A message stands in the reader's `text`: its channel at `[1]`, itself at `[2]`. Valid until it returns. */
  onMessage(): void;
  onPong(): void;
  /** A message that is larger than any of coturn's was stepped over. */
  onOversized(): void;
}

/** What came is not what Redis sends to a subscriber. */
export class PushError extends Error {
  override readonly name = 'PushError';
}

/**
 * Cuts what Redis sends to one subscriber of `turn/*` into messages, without copying
 * (https://redis.io/docs/latest/develop/reference/protocol-spec/). A message of any length is stepped over where it is
 * too long, so that nobody who may publish can cut the subscriber off.
 */
export class PushReader {
  text = byteText(EMPTY);
  readonly starts = new Int32Array(3);
  readonly ends = new Int32Array(3);
  private at = 0;
  private rest: Buffer = EMPTY;
  /** Bytes to step over. */
  private skip = 0;
  /** Texts of the message that is stepped over that are still to come, after `skip`. */
  private textsToSkip = 0;

  constructor(private readonly listener: PushListener) {}

  /** Throws PushError. */
  push(chunk: Buffer): void {
    this.text = byteText(this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]));
    this.at = 0;
    let done = 0;
    while (this.readOne()) done = this.at;
    // A copy: a few bytes kept must not keep a whole chunk.
    const rest = this.text.buffer.subarray(done);
    this.rest = rest.length === 0 ? EMPTY : Buffer.from(rest);
  }

  /** False where the rest of what comes next has not come. */
  private readOne(): boolean {
    if (this.skip > 0) return this.skipBytes();
    if (this.textsToSkip > 0) return this.skipText();
    const { buffer, view } = this.text;
    const left = buffer.length - this.at;
    if (left === 0) return false;
    if (HEAD.isAt(view, this.at, buffer.length)) return this.readMessage(this.at + HEAD.length);
    if (PONG.isAt(view, this.at, buffer.length)) {
      this.at += PONG.length;
      this.listener.onPong();
      return true;
    }
    if (left < HEAD.length && (HEAD.beginsWith(buffer, this.at) || PONG.beginsWith(buffer, this.at))) return false;
    throw new PushError('this is no answer of a Redis to a subscriber');
  }

  private readMessage(start: number): boolean {
    let at = start;
    for (let i = 1; i <= 2; i++) {
      const length = this.readLength(at);
      if (length === INCOMPLETE) return false;
      if (length > MAX_TEXT_BYTES) return this.stepOver(length, 2 - i);
      const end = this.at + length;
      if (end + 2 > this.text.buffer.length) return false;
      this.expectLineEnd(end);
      this.starts[i] = this.at;
      this.ends[i] = end;
      at = end + 2;
    }
    this.at = at;
    this.listener.onMessage();
    return true;
  }

  private stepOver(length: number, texts: number): boolean {
    this.listener.onOversized();
    this.skip = length + 2;
    this.textsToSkip = texts;
    return true;
  }

  private skipBytes(): boolean {
    const left = this.text.buffer.length - this.at;
    const skipped = Math.min(left, this.skip);
    this.skip -= skipped;
    this.at += skipped;
    return skipped > 0;
  }

  private skipText(): boolean {
    const length = this.readLength(this.at);
    if (length === INCOMPLETE) return false;
    this.textsToSkip--;
    this.skip = length + 2;
    return true;
  }

  /** The number in `$<number>\r\n`; steps behind it. INCOMPLETE where it has not come wholly. */
  private readLength(start: number): number {
    const { buffer } = this.text;
    if (start >= buffer.length) return INCOMPLETE;
    let value = 0;
    let at = start + 1;
    for (; at < buffer.length; at++) {
      const digit = (buffer[at] ?? 0) - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    const digits = at - start - 1;
    if (buffer[start] !== DOLLAR || digits > MAX_LENGTH_DIGITS) throw new PushError('a length was expected');
    if (at + 1 >= buffer.length) return INCOMPLETE;
    if (digits === 0) throw new PushError('a length was expected');
    this.expectLineEnd(at);
    this.at = at + 2;
    return value;
  }

  private expectLineEnd(at: number): void {
    const { buffer } = this.text;
    if (buffer[at] !== CR || buffer[at + 1] !== LF) throw new PushError('the end of a line was expected');
  }
}
