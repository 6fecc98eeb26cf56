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
/** Room for a message of the largest size, and for thousands of usual ones in one read. */
const BUFFER_BYTES = 256 * 1024;

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
 * Cuts what Redis sends to one subscriber of `turn/*` into messages, in the buffer that it is read into
 * (https://redis.io/docs/latest/develop/reference/protocol-spec/). A message of any length is stepped over where it is
 * too long, so that nobody who may publish can cut the subscriber off.
 */
export class PushReader {
  readonly text = byteText(Buffer.alloc(BUFFER_BYTES));
  readonly starts = new Int32Array(3);
  readonly ends = new Int32Array(3);
  /** How much of the buffer holds what came. */
  private filled = 0;
  private at = 0;
  /** Bytes to step over. */
  private skip = 0;
  /** Texts of the message that is stepped over that are still to come, after `skip`. */
  private textsToSkip = 0;

  constructor(private readonly listener: PushListener) {}

  /** Where the next bytes are to be put, for `took`. */
  space(): Buffer {
    return this.text.buffer.subarray(this.filled);
  }

  /** So many bytes were put into `space`. Throws PushError. */
  took(bytes: number): void {
    this.filled += bytes;
    this.at = 0;
    let done = 0;
    while (this.readOne()) done = this.at;
    this.text.buffer.copyWithin(0, done, this.filled);
    this.filled -= done;
  }

  /** Takes bytes from elsewhere. Throws PushError. */
  push(chunk: Buffer): void {
    for (let from = 0; from < chunk.length;) {
      const copied = chunk.copy(this.space(), 0, from);
      from += copied;
      this.took(copied);
    }
  }

  /** False where the rest of what comes next has not come. */
  private readOne(): boolean {
    if (this.skip > 0) return this.skipBytes();
    if (this.textsToSkip > 0) return this.skipText();
    const { text, filled } = this;
    const left = filled - this.at;
    if (left === 0) return false;
    if (HEAD.isAt(text.view, this.at, filled)) return this.readMessage(this.at + HEAD.length);
    if (PONG.isAt(text.view, this.at, filled)) {
      this.at += PONG.length;
      this.listener.onPong();
      return true;
    }
    if (
      left < HEAD.length &&
      (HEAD.beginsAt(text.buffer, this.at, filled) || PONG.beginsAt(text.buffer, this.at, filled))
    )
      return false;
    throw new PushError('this is no answer of a Redis to a subscriber');
  }

  private readMessage(start: number): boolean {
    let at = start;
    for (let i = 1; i <= 2; i++) {
      const length = this.readLength(at);
      if (length === INCOMPLETE) return false;
      if (length > MAX_TEXT_BYTES) return this.stepOver(length, 2 - i);
      const end = this.at + length;
      if (end + 2 > this.filled) return false;
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
    const left = this.filled - this.at;
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
    const { filled } = this;
    const { buffer } = this.text;
    if (start >= filled) return INCOMPLETE;
    let value = 0;
    let at = start + 1;
    for (; at < filled; at++) {
      const digit = (buffer[at] ?? 0) - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    const digits = at - start - 1;
    if (buffer[start] !== DOLLAR || digits > MAX_LENGTH_DIGITS) throw new PushError('a length was expected');
    if (at + 1 >= filled) return INCOMPLETE;
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
