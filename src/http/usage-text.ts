import type { PlacedRecord, UsageReader } from '../usage/usage-store';
import { cursorAt } from './cursor';
import { recordFormat, sumFormat, type RowFormat } from './serialize/usage-format';
import type { UsageQuestion } from './usage-query';
import type { UsageFormat } from './usage-schema';

/** The answer to a question, a piece for each batch that the store gives. The first has waited for the store. */
export function usageText(
  reader: UsageReader,
  question: UsageQuestion,
  format: UsageFormat,
): AsyncGenerator<string, void, undefined> {
  if (question.kind === 'sums') {
    const end = format === 'json' ? ']}\n' : '';
    return text(reader.sums(question.query), sumFormat(format, question.query.groupBy), () => end);
  }
  if (format !== 'json') return text(reader.records(question.query), recordFormat(format), () => '');
  return page(reader, question);
}

/** One more than the page holds is asked for, to know whether there is a next one. */
function page(
  reader: UsageReader,
  { query }: Extract<UsageQuestion, { kind: 'records' }>,
): AsyncGenerator<string, void, undefined> {
  const { limit = 0 } = query;
  const seen = { count: 0, last: 0 };
  const take = (batch: readonly PlacedRecord[]): readonly PlacedRecord[] => {
    const taken = batch.slice(0, Math.max(0, limit - seen.count));
    seen.last = taken.at(-1)?.place ?? seen.last;
    seen.count += batch.length;
    return taken;
  };
  const end = (): string =>
    seen.count > limit ? `],"next":${JSON.stringify(cursorAt('usage', seen.last))}}\n` : ']}\n';
  return text(reader.records({ ...query, limit: limit + 1 }), recordFormat('json'), end, take);
}

async function* text<T>(
  batches: AsyncIterable<readonly T[]>,
  { head, separator, row }: RowFormat<T>,
  end: () => string,
  take = (batch: readonly T[]): readonly T[] => batch,
): AsyncGenerator<string, void, undefined> {
  let before = head;
  let isFirst = true;
  for await (const batch of batches) {
    const rows = take(batch);
    if (rows.length === 0) continue;
    yield before + (isFirst ? '' : separator) + rows.map(row).join(separator);
    before = '';
    isFirst = false;
  }
  yield before + end();
}
