import { traced } from '../lib/traced';
import type { SpanDescription, Tracer } from '../lib/tracer';
import type { LedgerFile } from './ledger-file';
import type { UsageStore } from './usage-store';

/** The same file, whose writing of records is a span; what is open is written every half second, and is none. */
export function tracedLedgerFile(file: LedgerFile, tracer: Tracer): LedgerFile {
  return traced(tracer, file, {
    commit: ({ records }) => (records.length > 0 ? span('sqlite', 'INSERT', records.length) : undefined),
    forget: () => span('sqlite', 'DELETE'),
  });
}

/** The same store elsewhere, whose writing is spans. */
export function tracedStore(store: UsageStore, tracer: Tracer): UsageStore {
  return traced(tracer, store, {
    open: () => span('postgresql', 'MIGRATE'),
    append: (records) => span('postgresql', 'INSERT', records.length),
    deleteBefore: (_time, limit) => span('postgresql', 'DELETE', limit),
  });
}

/** "Semantic conventions for database client spans"; the batch's size in rows, at most. */
function span(system: string, operation: string, rows = 1): SpanDescription {
  const attributes = { 'db.system.name': system, 'db.operation.name': operation };
  return {
    name: `${system} ${operation}`,
    kind: 'client',
    attributes: rows > 1 ? { ...attributes, 'db.operation.batch.size': rows } : attributes,
  };
}
