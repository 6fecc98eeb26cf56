import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../../src/config/schema';
import { Supervisor } from '../../../src/coturn/supervisor';
import { systemClock, type Clock } from '../../../src/lib/clock';
import {
  coturnLog,
  loopbackConfig,
  notingHooks,
  openSessions,
  serverOptions,
  temporaryDirectory,
  type Clients,
} from '../../support/coturn';
import { eventually } from '../../support/eventually';

jest.setTimeout(60_000);

/** What is looked at every ten seconds is looked at twenty times a second. */
const hastyClock: Clock = {
  ...systemClock,
  every: (ms, ...rest) => { systemClock.every(Math.min(ms, 50), ...rest); }, // prettier-ignore
};

const directory = temporaryDirectory();
let config: Config;
let server: Supervisor;
let clients: Clients | undefined;

afterEach(async () => {
  await clients?.stop();
  await server.stop();
  directory.remove();
});

test('a large log is rotated, coturn writes on in the new one, and no more are kept than asked for', async () => {
  config = await loopbackConfig(directory.path, { log: { maxMegabytes: 0.004, keep: 2 } });
  server = new Supervisor({ ...serverOptions(config, notingHooks()), clock: hastyClock });
  await server.start();
  const log = join(directory.path, 'turnserver.log');
  for (const last of ['.1', '.2']) {
    clients = openSessions(config, 20);
    await eventually(`the log is rotated to ${last}`, () => existsSync(log + last));
    await clients.stop();
  }
  clients = openSessions(config, 1);
  await eventually('coturn writes to the new log', () => coturnLog(config).includes('session'));
  expect(statSync(log).mode & 0o077).toBe(0);
  expect(readdirSync(directory.path)).not.toContain('turnserver.log.3');
  expect(server.restarts()).toEqual({ exit: 0, signal: 0, unresponsive: 0, requested: 0 });
});
