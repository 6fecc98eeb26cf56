import { pino } from 'pino';
import { registry as registrySchema } from '../../../src/config/registry';
import { joinFleet, type Fleet, type RelayFigures } from '../../../src/fleet/fleet';
import type { RelayState } from '../../../src/fleet/assign/fitness';
import type { MendedClient } from '../../../src/fleet/zookeeper-client';
import { systemClock } from '../../../src/lib/clock';

export const PATH = '/turnservers';
/** All of them share it. */
const SECRET = '0123456789abcdef';

const started: TestFleet[] = [];

/** One agent's part of the fleet, without the agent; `stopFleets` stops it. */
export interface TestFleet extends Fleet {
  /** What its relay says from now on. */
  figures: RelayFigures & RelayState;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** `settings`: over those of `registry` in the configuration. `home` stands for the data directory. */
export function testFleet(zookeeper: string, server: string, settings: object = {}, home = server): TestFleet {
  const logger = pino({ level: process.env['TEST_LOG'] ?? 'silent' }).child({ server });
  const fleet = joinFleet({
    settings: registrySchema.parse({
      zookeeper,
      server,
      restAddress: `${server}.test:9642`,
      sessionTimeout: '2s',
      ...settings,
    }),
    listen: { host: '127.0.0.1', port: 9642 },
    ownSecret: `secret of ${home}`,
    version: '1.2.3',
    secrets: { issuesBy: SECRET, accepts: [SECRET] },
    figures: () => Promise.resolve(whole.figures),
    state: () => ({ ready: whole.figures.ready, draining: whole.figures.draining }),
    blocked: { entries: () => new Map(), take: () => new Set(), save: () => Promise.resolve() },
    clock: systemClock,
    logger,
  });
  const whole: TestFleet = {
    ...fleet,
    figures: { freeMbps: 812.34, load: 0.1876, allocations: 3, ready: true, draining: false, uris: ['turn:t:3478'] },
    start: async () => {
      for (const service of fleet.services) await service.start();
    },
    stop: async () => {
      for (const service of fleet.services.toReversed()) await service.stop();
    },
  };
  started.push(whole);
  return whole;
}

export async function startFleet(...args: Parameters<typeof testFleet>): Promise<TestFleet> {
  const fleet = testFleet(...args);
  await fleet.start();
  return fleet;
}

/** For `afterEach`: also after a test that failed half way. */
export async function stopFleets(): Promise<void> {
  for (const fleet of started.splice(0)) await fleet.stop();
}

/** What the session keeps to itself. */
export function clientOf({ session }: Pick<Fleet, 'session'>): MendedClient {
  return (session as unknown as { readonly mended: MendedClient }).mended;
}

/** The names of the relays that this agent knows. */
export function serversIn({ view }: Pick<Fleet, 'view'>): string[] {
  return view.relays().map(({ server }) => server);
}
