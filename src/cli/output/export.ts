import type { Clock } from '../../lib/clock';
import { bytes, count } from '../text/human';
import { printable, printableLines } from '../text/printable';
import type { Terminal } from '../terminal';
import { linesOf } from './lines';
import { Progress } from './progress';
import { RecordCounter } from './record-counter';
import { withSink } from './sink';

export interface ExportOptions {
  readonly format: 'csv' | 'ndjson';
  /** Unset: standard output. */
  readonly file: string | undefined;
  readonly terminal: Terminal;
  readonly clock: Clock;
}

/** Passes on what the agent sends, at the speed of whoever reads it. Throws where it does not come whole. */
export async function exportTo(chunks: AsyncIterable<Uint8Array>, options: ExportOptions): Promise<void> {
  const { format, file, terminal, clock } = options;
  const toScreen = file === undefined && terminal.columns !== undefined;
  const watched = terminal.watched && !toScreen;
  const counter = new RecordCounter(format);
  const progress = new Progress(counter, terminal.stderr, clock);
  if (watched) progress.start();
  try {
    await withSink(file, terminal, async (sink) => {
      const passed = counted(chunks, counter);
      for await (const chunk of toScreen ? escaped(passed) : passed) await sink.write(chunk);
    });
  } finally {
    progress.stop();
  }
  if (watched && file !== undefined) terminal.stderr(`${printable(file)}: ${summaryOf(counter)}\n`);
}

function summaryOf({ records, bytes: size }: RecordCounter): string {
  return `${count(records)} records, ${bytes(size)}`;
}

async function* counted(chunks: AsyncIterable<Uint8Array>, counter: RecordCounter): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    counter.add(chunk);
    yield chunk;
  }
}

/** For a terminal, which would obey control characters. */
async function* escaped(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  for await (const lines of linesOf(chunks)) {
    yield printableLines(lines.map((line) => `${line.replace(/\r$/, '')}\n`).join(''));
  }
}
