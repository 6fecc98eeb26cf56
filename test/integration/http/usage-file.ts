import { join } from 'node:path';
import { pino } from 'pino';
import type { UsageRecord } from '../../../src/turn/usage-record';
import { createSqliteUsage } from '../../../src/usage/sqlite/create';
import type { UsageStore } from '../../../src/usage/usage-store';
import { temporaryDirectory } from '../../support/coturn';

const A_TRANSACTION = 10_000;

export interface UsageFile {
  readonly store: UsageStore;
  remove(): Promise<void>;
}

/** A real store in a folder of its own, with so many records. */
export async function usageFile(count: number, record: (index: number) => UsageRecord): Promise<UsageFile> {
  const folder = temporaryDirectory();
  const { store } = createSqliteUsage({ file: join(folder.path, 'usage.db'), logger: pino({ enabled: false }) });
  await store.open();
  for (let first = 0; first < count; first += A_TRANSACTION) {
    const size = Math.min(A_TRANSACTION, count - first);
    await store.append(Array.from({ length: size }, (_, i) => record(first + i)));
  }
  return {
    store,
    async remove() {
      await store.close();
      folder.remove();
    },
  };
}
