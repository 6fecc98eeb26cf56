/** Replies in RESP 2. Those that coturn gets are made once. */
export const OK = Buffer.from('+OK\r\n');
export const PONG = Buffer.from('+PONG\r\n');
export const NULL = Buffer.from('$-1\r\n');
export const ZERO = Buffer.from(':0\r\n');

export function bulk(text: string): Buffer {
  return Buffer.from(bulkText(text));
}

export function array(texts: readonly string[]): Buffer {
  return Buffer.from(`*${texts.length}\r\n${texts.map(bulkText).join('')}`);
}

/** `text` begins with a code word (`ERR`, `NOAUTH`) and must stand on one line. */
export function error(text: string): Buffer {
  return Buffer.from(`-${text}\r\n`);
}

function bulkText(text: string): string {
  return `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
}

const USUAL_BYTES = 16_384;

/** Replies that wait to be written together: one write a chunk of commands, not one a command. */
export class ReplyBuffer {
  private bytes = Buffer.allocUnsafe(0);
  private length = 0;

  add(reply: Buffer): void {
    const length = this.length + reply.length;
    if (length > this.bytes.length) this.grow(length);
    for (let i = 0; i < reply.length; i++) this.bytes[this.length + i] = reply[i] ?? 0;
    this.length = length;
  }

  /** All that waits, or undefined. */
  take(): Buffer | undefined {
    if (this.length === 0) return undefined;
    const taken = Buffer.from(this.bytes.subarray(0, this.length));
    this.length = 0;
    if (this.bytes.length > USUAL_BYTES) this.bytes = Buffer.allocUnsafe(0);
    return taken;
  }

  private grow(length: number): void {
    const larger = Buffer.allocUnsafe(Math.max(length, this.bytes.length * 2, 512));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }
}
