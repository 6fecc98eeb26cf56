import Database from 'better-sqlite3';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../src/lib/clock';
import { noTracer } from '../../../src/lib/tracer';
import { openUsage, type OpenUsage } from '../../../src/usage/open-usage';
import { temporaryDirectory } from '../../support/coturn';
import { recordingLogger } from '../../unit/collectors/recording-logger';
import { usageRecord } from './store-contract';

const folder = temporaryDirectory();
afterAll(() => {
  folder.remove();
});

const open = (): Promise<OpenUsage> =>
  openUsage({
    config: { dataDir: folder.path, usage: { store: 'sqlite', retention: 400 } },
    stamp: { bootId: 'boot', monotonic: 0, wall: 0 },
    tracer: noTracer,
    clock: systemClock,
    logger: recordingLogger().logger,
  });

test('open sessions that can not be read are named, with what to do, and the file stays as it is', async () => {
  const { file } = await open();
  const blocks = [{ number: 2, pieces: ['{"at":{"bootId":"boot"},"origins":[]}\n["s",0,42\n'] }];
  await file.commit({ number: 2, records: [usageRecord('a')], blocks, obsolete: [] });
  await file.close();
  await expect(open()).rejects.toMatchObject({
    code: 'bad_config',
    message: expect.stringMatching(/usage\.db says of the open sessions is damaged: move it away/) as string,
  });
  expect(readdirSync(folder.path)).toEqual(['usage.db']);
  const database = new Database(join(folder.path, 'usage.db'), { readonly: true });
  expect(database.prepare('SELECT id FROM usage').pluck().all()).toEqual(['a']);
  database.close();
});
