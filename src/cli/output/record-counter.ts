const QUOTE = 0x22;
const NEWLINE = 0x0a;

/** Counts the rows of a CSV text (RFC 4180) or the lines of an NDJSON one as their bytes pass. */
export class RecordCounter {
  bytes = 0;
  private newlines = 0;
  private quoted = false;

  constructor(private readonly format: 'csv' | 'ndjson') {}

  /** Without the header. */
  get records(): number {
    return this.format === 'csv' ? Math.max(0, this.newlines - 1) : this.newlines;
  }

  add(chunk: Uint8Array): void {
    this.bytes += chunk.length;
    for (const byte of chunk) {
      // A user name may hold a newline, which CSV only quotes; JSON escapes it.
      if (byte === QUOTE && this.format === 'csv') this.quoted = !this.quoted;
      else if (byte === NEWLINE && !this.quoted) this.newlines++;
    }
  }
}
