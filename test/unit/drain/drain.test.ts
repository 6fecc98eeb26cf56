import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Drain } from '../../../src/drain/drain';
import { DrainFile } from '../../../src/drain/drain-file';
import type { DrainedRelay } from '../../../src/drain/drained-relay';
import { UserError } from '../../../src/lib/errors';
import { temporaryDirectory } from '../../support/coturn';
import { ManualClock } from '../collectors/manual-clock';
import { recordingLogger } from '../collectors/recording-logger';

const folder = temporaryDirectory();
afterAll(() => {
  folder.remove();
});

/** A relay that does as it is told, unless it can't be told anything. */
class TestRelay implements DrainedRelay {
  isOwn = true;
  allocations = 3;
  lifeNumber: number | undefined = 1;
  isDeaf = false;
  readonly told: string[] = [];

  life = (): number | undefined => this.lifeNumber;
  left = (): { allocations: number; sessions: number } => ({ allocations: this.allocations, sessions: 1 });

  admit = async (admitted: boolean): Promise<void> => {
    await this.tell(admitted ? 'admit' : 'refuse');
  };

  end = async (): Promise<void> => {
    await this.tell('end');
    this.allocations = 0;
  };

  private tell(what: string): Promise<void> {
    if (this.isDeaf) return Promise.reject(new UserError('unavailable', 'coturn does not listen.'));
    this.told.push(what);
    return Promise.resolve();
  }
}

let path: string;
let files = 0;
let clock: ManualClock;
let relay: TestRelay;
let registry: string[];
let lines: ReturnType<typeof recordingLogger>['lines'];
const started: Drain[] = [];

beforeEach(() => {
  path = join(folder.path, `drain-${files++}.json`);
  clock = new ManualClock();
  relay = new TestRelay();
  registry = [];
});

afterEach(async () => {
  for (const drain of started.splice(0)) await drain.stop();
});

async function newDrain(boot = 'this boot'): Promise<Drain> {
  const { logger, lines: said } = recordingLogger();
  lines = said;
  const drain = new Drain({
    relay,
    file: new DrainFile(path, boot),
    registry: () => ({
      withdraw: () => Promise.resolve(void registry.push('withdrawn')),
      announce: () => Promise.resolve(void registry.push('announced')),
    }),
    deadlineSeconds: 3600,
    clock,
    logger,
  });
  started.push(drain);
  await drain.start();
  return drain;
}

test('a drain refuses clients and credentials, and is over when nothing is left', async () => {
  const drain = await newDrain();
  drain.assertServing();
  expect(drain.progress()).toEqual({ state: 'serving', allocations: 3, sessions: 1 });
  const begun = { state: 'draining', allocations: 3, startedAt: 0, deadlineAt: 3_600_000, refusing: true, ended: 0 };
  expect(await drain.begin()).toMatchObject(begun);
  expect([relay.told, registry]).toEqual([['refuse'], ['withdrawn']]);
  expect(() => {
    drain.assertServing();
  }).toThrow('This relay is being drained');
  relay.allocations = 0;
  // What was allocated just before coturn refused may be told of a moment later.
  expect(drain.progress().state).toBe('draining');
  await clock.advance(500);
  expect(drain.progress().state).toBe('drained');
  expect(await drain.undo()).toMatchObject({ state: 'serving' });
  expect([relay.told, registry]).toEqual([
    ['refuse', 'admit'],
    ['withdrawn', 'announced'],
  ]);
  drain.assertServing();
});

test('the deadline ends what is left, and can be changed', async () => {
  const drain = await newDrain();
  await drain.begin(60);
  await drain.begin(); // another who waits for the same
  expect(drain.progress()).toMatchObject({ deadlineAt: 60_000 });
  await drain.begin(120);
  await clock.advance(119_000);
  expect(relay.told).toEqual(['refuse']);
  await clock.advance(1000);
  await clock.advance(500);
  expect(relay.told).toEqual(['refuse', 'end']);
  expect(drain.progress()).toMatchObject({ state: 'drained', ended: 3 });
});

test('what coturn tells of after it was told to end it counts as ended, too', async () => {
  const drain = await newDrain();
  relay.end = () => Promise.resolve(void relay.told.push('end'));
  expect(await drain.begin(0)).toMatchObject({ state: 'ending', allocations: 3, ended: 0 });
  relay.allocations = 1;
  expect(drain.progress()).toMatchObject({ allocations: 1, ended: 2 });
  relay.allocations = 0;
  expect(drain.progress()).toMatchObject({ ended: 3 });
});

test('a deadline of 0 ends everything now', async () => {
  const drain = await newDrain();
  expect(await drain.begin(0)).toMatchObject({ allocations: 0, ended: 3 });
});

test('a coturn that can not be told is told again, and so is the next life of one that crashed', async () => {
  const drain = await newDrain();
  relay.isDeaf = true;
  expect(await drain.begin()).toMatchObject({ state: 'draining', refusing: false });
  await clock.advance(500);
  expect(JSON.stringify(lines).match(/could not be told/g)).toHaveLength(1);
  relay.isDeaf = false;
  await clock.advance(500);
  expect(drain.progress()).toMatchObject({ refusing: true });
  relay.lifeNumber = undefined;
  await clock.advance(500);
  relay.lifeNumber = 2;
  expect(drain.progress()).toMatchObject({ refusing: false });
  await clock.advance(500);
  expect(relay.told).toEqual(['refuse', 'refuse']);
});

test('a coturn that can not be told to take clients again keeps the drain going', async () => {
  const drain = await newDrain();
  await drain.begin();
  relay.isDeaf = true;
  await expect(drain.undo()).rejects.toThrow('coturn does not listen.');
  expect([drain.isOn, registry]).toEqual([true, ['withdrawn']]);
  relay.lifeNumber = undefined; // The next one takes clients anyway.
  expect(await drain.undo()).toMatchObject({ state: 'serving' });
});

test('a coturn of somebody else is waited for, and neither told nor ended', async () => {
  relay.isOwn = false;
  const drain = await newDrain();
  expect(await drain.begin(60)).toMatchObject({ state: 'draining', refusing: false });
  await clock.advance(60_000);
  expect(drain.progress()).toMatchObject({ state: 'overdue', allocations: 3 });
  relay.allocations = 0;
  expect(drain.progress().state).toBe('drained');
  await drain.undo();
  expect(relay.told).toEqual([]);
});

test('an agent that was killed goes on with the drain, with the same deadline', async () => {
  await (await newDrain()).begin(60);
  await clock.advance(30_000);
  const next = await newDrain();
  expect([next.isOn, registry]).toEqual([true, ['withdrawn', 'withdrawn']]);
  await clock.advance(500);
  expect(next.progress()).toMatchObject({ startedAt: 0, deadlineAt: 60_000, refusing: true });
});

test('a stop ends the drain; a release of coturn does not, an undo does', async () => {
  const first = await newDrain();
  await first.begin();
  first.release();
  await first.stop();
  const second = await newDrain();
  expect(second.isOn).toBe(true);
  await second.stop();
  expect((await newDrain()).isOn).toBe(false);
  const third = await newDrain();
  await third.begin();
  await third.undo();
  expect(existsSync(path)).toBe(false);
});

test('the drain of an earlier boot, or a damaged file, is none', async () => {
  await (await newDrain()).begin();
  expect((await newDrain('another boot')).isOn).toBe(false);
  writeFileSync(path, '{"bootId":"this boot","startedAt":');
  expect((await newDrain()).isOn).toBe(false);
});

test('a disk that takes nothing keeps nobody from draining', async () => {
  mkdirSync(`${path}.tmp`); // where the file would be written
  const drain = await newDrain();
  expect(await drain.begin()).toMatchObject({ state: 'draining', refusing: true });
  expect(JSON.stringify(lines)).toContain('would not outlive a crash');
});

test('a registry that does not answer holds nobody up', async () => {
  const { logger } = recordingLogger();
  const never = (): Promise<void> => new Promise(() => undefined);
  const drain = new Drain({
    relay,
    file: new DrainFile(path, 'this boot'),
    registry: () => ({ withdraw: never, announce: never }),
    deadlineSeconds: 3600,
    clock,
    logger,
  });
  started.push(drain);
  const begun = drain.begin();
  await clock.advance(0);
  expect(drain.isOn).toBe(true);
  while (relay.told.length === 0) await clock.advance(2000);
  expect(await begun).toMatchObject({ refusing: true });
});
