import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts, relayRange } from '../support/free-ports';
import { LIFETIME_SECONDS } from './chaos-client';

export interface StagePorts {
  readonly web: number;
  /** Where the agent listens for coturn, and where coturn believes that it does. */
  readonly statsdb: number;
  readonly proxy: number;
  readonly turn: number;
  readonly tls: number;
  readonly cli: number;
  readonly metrics: number;
}

const LINGER_SECONDS = 2;
const RELAY_PORTS = 2000;

export async function choosePorts(): Promise<StagePorts> {
  const [web = 0, statsdb = 0, proxy = 0, turn = 0, tls = 0, cli = 0, metrics = 0] = await freePorts(7);
  return { web, statsdb, proxy, turn, tls, cli, metrics };
}

/** Writes `turnkeeper.yml` into the folder; its path. `database`: the URL of the store, if it is one. */
export function writeConfig(folder: string, ports: StagePorts, secret: string, database: string | undefined): string {
  const config = {
    dataDir: join(folder, 'data'),
    web: { listenAddress: `127.0.0.1:${ports.web}` },
    sources: { statsdb: { listenAddress: `127.0.0.1:${ports.statsdb}` } },
    sessions: { linger: `${LINGER_SECONDS}s` },
    credentials: { secret },
    ...(database !== undefined && { usage: { store: database } }),
    coturn: {
      binary: writeCoturnBehind(folder, ports),
      realm: 'chaos.test',
      listeningPort: ports.turn,
      tlsListeningPort: ports.tls,
      cliPort: ports.cli,
      metricsPort: ports.metrics,
      ...relayRange(RELAY_PORTS),
      // Rotated now and then in a long run, and nothing of it thrown away.
      log: { maxMegabytes: 0.5, keep: 100 },
      extra: { 'relay-threads': 2, 'max-allocate-lifetime': LIFETIME_SECONDS },
    },
  };
  const file = join(folder, 'turnkeeper.yml');
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}

/**
 * A coturn whose stats connections lead to the harness: the agent writes its own port into coturn's configuration, and
 * this program changes it, and becomes coturn.
 */
function writeCoturnBehind(folder: string, { statsdb, proxy }: StagePorts): string {
  const turnserver = execFileSync('sh', ['-c', 'command -v turnserver'], { encoding: 'utf8' }).trim();
  const change = `[ "$1" != -c ] || sed -i 's/ port=${statsdb} / port=${proxy} /' "$2" || exit 1`;
  mkdirSync(join(folder, 'bin'));
  const file = join(folder, 'bin', 'turnserver');
  writeFileSync(file, `#!/bin/sh\n${change}\nexec ${turnserver} "$@"\n`);
  chmodSync(file, 0o755);
  return file;
}
