import type { Config } from '../../../src/config/schema';
import { createCoturnServer } from '../../../src/coturn/create-server';
import { sentenceOf } from '../../../src/coturn/readiness';
import type { CoturnServer } from '../../../src/coturn/server';
import { loopbackConfig, notingHooks, serverOptions, temporaryDirectory } from '../../support/coturn';
import { eventually } from '../../support/eventually';

jest.setTimeout(60_000);

const directory = temporaryDirectory();
let config: Config;
let theirs: CoturnServer;
let observer: CoturnServer;

beforeEach(async () => {
  config = await loopbackConfig(directory.path, { unresponsiveAfter: '300ms' });
  theirs = createCoturnServer(serverOptions(config, notingHooks()));
  const options = serverOptions(config, notingHooks());
  observer = createCoturnServer({ ...options, settings: { ...options.settings, supervise: false } });
});

afterEach(async () => {
  await observer.stop();
  await theirs.stop();
});

afterAll(() => {
  directory.remove();
});

test('it sees a coturn that somebody else starts, and that it stops', async () => {
  await observer.start();
  // Not as if the agent would start it.
  expect(sentenceOf(observer.state())).toMatch(/somebody else has to start it/);
  await theirs.start();
  await eventually('it is seen', () => observer.state().kind === 'up');
  await theirs.stop();
  await eventually('it is missed', () => observer.state().kind !== 'up');
});

test('it leaves it alone: no end of sessions, no restart, and it goes on after stop()', async () => {
  await theirs.start();
  await observer.start();
  await expect(observer.restart()).rejects.toThrow('run by somebody else');
  await expect(observer.endAllocations([])).rejects.toThrow('run by somebody else');
  await observer.stop();
  expect(observer.state()).toEqual({ kind: 'stopped' });
  expect(theirs.state().kind).toBe('up');
});
