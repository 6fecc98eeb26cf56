import { createLogger } from '../../../src/lib/logger';
import { createSqliteUsage } from '../../../src/usage/sqlite/create';
import { temporaryDirectory } from '../../support/coturn';
import { testStoreContract } from './store-contract';

const folders: { remove(): void }[] = [];
afterAll(() => {
  for (const folder of folders) folder.remove();
});

testStoreContract(async () => {
  const folder = temporaryDirectory();
  folders.push(folder);
  const { store } = createSqliteUsage({ file: `${folder.path}/usage.db`, logger: createLogger('error', 'logfmt') });
  await store.open();
  return store;
});
