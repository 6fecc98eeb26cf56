import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { digest as digestSchema } from '../../../src/config/digest';
import { createDigest } from '../../../src/digest/create';
import type { Digest } from '../../../src/digest/digest';
import type { Service } from '../../../src/lib/services';
import { createSqliteUsage } from '../../../src/usage/sqlite/create';
import type { UsageStore } from '../../../src/usage/usage-store';
import { temporaryDirectory } from '../../support/coturn';
import { eventually } from '../../support/eventually';
import { SmtpSink } from '../../support/smtp-sink';
import { ManualClock } from '../../unit/collectors/manual-clock';
import { recordingLogger } from '../../unit/collectors/recording-logger';
import { usageRecord } from '../usage/store-contract';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const START = Date.parse('2026-11-21T08:30:00Z');
const LOST = { endReason: 'lost', endedAt: START + MINUTE } as const;

/** Knows whether a task is under way. */
class WatchedClock extends ManualClock {
  working = 0;

  override every(ms: number, task: () => void | Promise<void>, ...rest: [AbortSignal, (error: unknown) => void]): void {
    const watched = async (): Promise<void> => {
      this.working++;
      await Promise.resolve(task()).finally(() => this.working--);
    };
    super.every(ms, watched, ...rest);
  }
}

const { logger, lines } = recordingLogger();
let folder: ReturnType<typeof temporaryDirectory>;
let store: UsageStore;
let clock: WatchedClock;
let service: Service | undefined;
let smtp: SmtpSink;
let webhook: Server;
let status = 200;
const posted: Digest[] = [];

beforeEach(async () => {
  folder = temporaryDirectory();
  store = createSqliteUsage({ file: join(folder.path, 'usage.db'), logger }).store;
  await store.open();
  clock = new WatchedClock();
  await clock.advance(START);
  smtp = await SmtpSink.start();
  webhook = createServer((request, response) => {
    void json(request).then((body) => {
      if (status === 200) posted.push(body as Digest);
      response.writeHead(status).end();
    });
  });
  await once(webhook.listen(0, '127.0.0.1'), 'listening');
  status = 200;
  posted.length = 0;
  lines.length = 0;
});

afterEach(async () => {
  await service?.stop();
  webhook.closeAllConnections();
  webhook.close();
  await smtp.stop();
  await store.close();
  folder.remove();
});

/** As a restart of the agent does. */
async function start(changes: object = {}): Promise<void> {
  await service?.stop();
  const url = `http://127.0.0.1:${(webhook.address() as AddressInfo).port}/hook`;
  const email = { smtp: `smtp://127.0.0.1:${smtp.port}`, from: 'turn@example.org', to: ['ops@example.org'] };
  const settings = digestSchema.parse({ every: '1h', webhook: url, email, ...changes });
  service = await createDigest(settings, { usage: store, dataDir: folder.path, clock, logger });
  await service.start();
}

/** Lets so much time pass, and waits until what was due is done. */
async function pass(ms: number): Promise<void> {
  await clock.advance(ms);
  await eventually('what was due is done', () => clock.working === 0);
}

const mails = (): number => smtp.mails.length;
const idsIn = (digest: Digest | undefined): string[] | undefined => digest?.sessions.map(({ id }) => id);
const problems = (): string[] => lines.filter(({ level }) => level >= 40).map(({ msg }) => msg);

test('what ended abnormally is told once a period, over restarts, and never what ended well', async () => {
  await start();
  await store.append([usageRecord('a-1', LOST), usageRecord('a-2', { endedAt: START + MINUTE })]);
  await pass(10 * MINUTE);
  expect([mails(), posted.length]).toEqual([0, 0]);
  await pass(20 * MINUTE);
  expect([mails(), posted.map(idsIn)]).toEqual([1, [['a-1']]]);
  await start();
  await pass(10 * MINUTE);
  expect([mails(), posted.length]).toEqual([1, 1]);
  await store.append([usageRecord('a-3', { ...LOST, endedAt: START + 40 * MINUTE })]);
  await pass(HOUR);
  expect([mails(), idsIn(posted[1])]).toEqual([2, ['a-3']]);
  expect(problems()).toEqual([]);
});

test('what ended while the agent was away, and a record that came late, are in the next digest', async () => {
  await start();
  await store.append([usageRecord('a-1', LOST)]);
  await pass(HOUR);
  await service?.stop();
  await clock.advance(5 * HOUR);
  await store.append([usageRecord('a-2', { ...LOST, endedAt: START + 2 * HOUR }), usageRecord('a-3', LOST)]);
  await start();
  await pass(MINUTE);
  expect(posted.map(idsIn)).toEqual([['a-1'], ['a-2', 'a-3']]);
});

test('nothing is sent where nothing ended abnormally, unless asked for', async () => {
  await start();
  await store.append([usageRecord('a-1', { endedAt: START + MINUTE })]);
  await pass(3 * HOUR);
  expect([mails(), posted.length]).toEqual([0, 0]);
  await start({ evenIfEmpty: true });
  await pass(HOUR);
  expect([mails(), posted.map(({ total }) => total)]).toEqual([1, [0]]);
});

test('what one channel does not take is tried again, and the other gets nothing twice', async () => {
  await start();
  smtp.refusals = 2;
  await store.append([usageRecord('a-1', LOST)]);
  await pass(30 * MINUTE);
  expect([mails(), posted.length]).toEqual([0, 1]);
  await pass(50_000);
  expect(problems()).toHaveLength(1);
  await pass(10_000);
  expect(problems()).toHaveLength(2);
  await pass(2 * MINUTE);
  expect([mails(), posted.length]).toEqual([1, 1]);
  status = 500;
  await store.append([usageRecord('a-2', { ...LOST, endedAt: START + 40 * MINUTE })]);
  await pass(HOUR);
  status = 200;
  await pass(MINUTE);
  expect([mails(), posted.map(idsIn)]).toEqual([2, [['a-1'], ['a-2']]]);
});

test('a database that was made anew is read from the last digest on', async () => {
  await start();
  await store.append([usageRecord('a-1', LOST), usageRecord('a-2', LOST)]);
  await pass(HOUR);
  await store.close();
  store = createSqliteUsage({ file: join(folder.path, 'another.db'), logger }).store;
  await store.open();
  await store.append([usageRecord('b-1', { ...LOST, endedAt: START + 2 * HOUR })]);
  await start();
  await pass(HOUR);
  expect(posted.map(idsIn)).toEqual([['a-1', 'a-2'], ['b-1']]);
});

test('an agent that began while its clock was a day ahead tells of what ends once the clock is right', async () => {
  const ahead = { until: START + 24 * HOUR, from: START + 24 * HOUR };
  writeFileSync(join(folder.path, 'digest.json'), JSON.stringify({ email: ahead, webhook: ahead }));
  await start();
  await pass(MINUTE);
  await store.append([usageRecord('a-1', { ...LOST, endedAt: START + 2 * MINUTE })]);
  await pass(HOUR);
  expect([mails(), posted.map(idsIn)]).toEqual([1, [['a-1']]]);
});

test('a state that can not be read keeps no agent from starting', async () => {
  const file = join(folder.path, 'digest.json');
  writeFileSync(file, '{"email":');
  await start();
  expect(problems()).toEqual(['what digests have told of can not be read: they begin anew from now']);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toHaveProperty('email.until', START);
});
