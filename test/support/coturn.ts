import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { configSchema, type Config } from '../../src/config/schema';
import type { CoturnHooks, CoturnServerOptions } from '../../src/coturn/server';
import type { ListedSession } from '../../src/coturn/session-listing';
import { systemClock } from '../../src/lib/clock';
import { freePorts, relayRange } from './free-ports';

export const TEST_SECRETS = {
  statsdbPassword: 'statsdb-password-of-the-tests',
  cliPassword: 'cli-password-of-the-tests',
  authSecret: 'auth-secret-of-the-tests',
};

/** A data directory that goes away with `remove`. */
export function temporaryDirectory(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'turnkeeper-test-'));
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** A configuration for a coturn on free loopback ports; `coturn` is merged over its part. */
export async function loopbackConfig(dataDir: string, coturn: object = {}): Promise<Config> {
  const [listeningPort, tlsListeningPort, cliPort, statsdbPort, webPort, metricsPort] = await freePorts(6);
  return configSchema.parse({
    dataDir,
    web: { listenAddress: `127.0.0.1:${webPort ?? 0}` },
    sources: { statsdb: { listenAddress: `127.0.0.1:${statsdbPort ?? 0}` } },
    coturn: {
      listeningPort,
      tlsListeningPort,
      cliPort,
      metricsPort,
      ...relayRange(1000),
      stopTimeout: '5s',
      extra: { 'relay-threads': 2 },
      ...coturn,
    },
  });
}

/** Hooks that note what they are told, and know no allocation. */
export function notingHooks(): CoturnHooks & { readonly notes: string[]; readonly found: ListedSession[][] } {
  const notes: string[] = [];
  const found: ListedSession[][] = [];
  return {
    notes,
    found,
    openAllocations: () => [],
    lastHeartbeat: () => undefined,
    lifeStarted: (life, takenOver) => {
      notes.push(`${takenOver ? 'taken over' : 'started'} ${life.number}`);
    },
    sessionsFound: (_, sessions) => {
      found.push([...sessions]);
    },
    lifeEnded: (life, reason) => {
      notes.push(`ended ${life.number} ${reason}`);
    },
  };
}

export function serverOptions(config: Config, hooks: CoturnHooks): CoturnServerOptions {
  return {
    settings: config.coturn,
    dataDir: config.dataDir,
    secrets: TEST_SECRETS,
    statsdb: config.sources.statsdb.listenAddress,
    restSeparator: config.sessions.separator,
    hooks,
    clock: systemClock,
    logger: pino({ level: process.env['TEST_LOG'] ?? 'silent' }),
  };
}

/** Everything in coturn's log of this data directory. */
export function coturnLog(config: Config): string {
  return readFileSync(join(config.dataDir, 'turnserver.log'), 'utf8');
}

export interface Clients {
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

/** turnutils_uclient with sessions that stay open until `stop`, each relaying to the next through coturn. */
export function openSessions(config: Config, count: number): Clients {
  const { listeningPort } = config.coturn;
  const args = [
    '-p',
    listeningPort,
    '-W',
    TEST_SECRETS.authSecret,
    '-u',
    'alice',
    '-m',
    count,
    '-n',
    100_000,
    '-z',
    20,
    '-X',
    '-c',
    '-y',
  ];
  const client = spawn('turnutils_uclient', [...args.map(String), '127.0.0.1'], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) =>
    client.once('exit', () => {
      resolve();
    }),
  );
  return {
    process: client,
    stop: () => {
      client.kill('SIGKILL');
      return ended;
    },
  };
}

/** A certificate and key of its own, in this folder. */
export async function selfSigned(directory: string, name: string, days = 30): Promise<{ cert: string; pkey: string }> {
  const files = { cert: join(directory, `${name}-cert.pem`), pkey: join(directory, `${name}-key.pem`) };
  const what = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await promisify(execFile)('openssl', [
    ...what,
    '-keyout',
    files.pkey,
    '-out',
    files.cert,
    '-days',
    String(days),
    '-subj',
    '/CN=turn.test',
  ]);
  return files;
}
