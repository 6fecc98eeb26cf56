/** coturn's records have at most 1024 bytes; 4.6.1 joins those that it had to cut. */
export const MAX_LINE = 4096;

/** Cuts Latin-1 text into lines. Holds at most `maxLength` characters; of a longer line only its length is known. */
export class LineCutter {
  private head = '';
  private bytes = 0;

  constructor(
    private readonly maxLength: number,
    /** `bytes` counts the newline, and what was cut off. */
    private readonly onLine: (line: string, bytes: number) => void,
  ) {}

  /** Whether the last line was complete. */
  get isBetweenLines(): boolean {
    return this.bytes === 0;
  }

  push(text: string): void {
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      this.append(text, start, end);
      this.end(1);
      start = end + 1;
    }
    this.append(text, start, text.length);
  }

  /** No more is to come: what is there is the last line. */
  finish(): void {
    if (this.bytes > 0) this.end(0);
  }

  private append(text: string, start: number, end: number): void {
    this.bytes += end - start;
    const room = this.maxLength - this.head.length;
    if (room <= 0) return;
    const part = text.slice(start, Math.min(end, start + room));
    this.head = this.head === '' ? part : this.head + part;
  }

  private end(newline: 0 | 1): void {
    const { head, bytes } = this;
    this.head = '';
    this.bytes = 0;
    this.onLine(head, bytes + newline);
  }
}
