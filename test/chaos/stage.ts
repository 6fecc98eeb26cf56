import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Postgres } from '../support/postgres';
import { Absences } from './absences';
import { choosePorts, writeConfig, type StagePorts } from './agent-config';
import { AgentKeeper } from './agent-keeper';
import type { Cleanup } from './cleanup';
import { DataDisk } from './data-disk';
import { EchoPeer } from './echo-peer';
import type { Store } from './options';
import { StatsProxy } from './stats-proxy';

/** What a plan is played on: everything but the clients. */
export interface Stage {
  readonly folder: string;
  readonly dataDir: string;
  readonly clockFile: string;
  readonly ports: StagePorts;
  /** coturn's `static-auth-secret`. */
  readonly secret: string;
  readonly postgres: Postgres | undefined;
  readonly disk: DataDisk;
  readonly proxy: StatsProxy;
  readonly agent: AgentKeeper;
  readonly peer: EchoPeer;
  readonly away: Away;
  /** Whether the folder stays, with a copy of the data directory. */
  readonly logs: { keep: boolean };
}

/** What was away when. */
export interface Away {
  readonly agent: Absences;
  readonly stats: Absences;
  /** It was full. */
  readonly disk: Absences;
  /** coturn, killed. */
  readonly killed: Absences;
  /** coturn, with all that it had open, stopped on purpose. */
  readonly stopped: Absences;
}

/** The agent writes what it knows each half a second. */
const UNWRITTEN_MS = 1_500;
/** coturn 4.6.1 connects again at its next heartbeat, 5 s later at most. */
const RECONNECT_MS = 7_000;
const DISK_MS = 1_000;

/** Makes everything ready; the agent runs. `cleanup` undoes it, also what was made before a failure. */
export async function setStage(store: Store, main: string, cleanup: Cleanup): Promise<Stage> {
  const logs = { keep: true };
  const folder = mkdtempSync(join(tmpdir(), 'turnkeeper-chaos-'));
  cleanup.defer(() => {
    if (!logs.keep) rmSync(folder, { recursive: true, force: true });
  });
  const disk = DataDisk.create(join(folder, 'data'));
  cleanup.defer(() => {
    if (logs.keep) cpSync(disk.path, join(folder, 'kept'), { recursive: true });
    disk.remove();
  });
  const ports = await choosePorts();
  const { postgres, proxy, peer } = await startServers(store, ports, cleanup);
  const secret = randomBytes(16).toString('hex');
  const configFile = writeConfig(folder, ports, secret, postgres?.url);
  const clockFile = join(folder, 'clock');
  writeFileSync(clockFile, '0');
  const away = nothingAway();
  const places = { main, folder, configFile, dataDir: disk.path, clockFile };
  const agent = new AgentKeeper(places, away.agent);
  cleanup.defer(() => agent.clear());
  await agent.start();
  return { folder, dataDir: disk.path, clockFile, ports, secret, postgres, disk, proxy, agent, peer, away, logs };
}

async function startServers(
  store: Store,
  ports: StagePorts,
  cleanup: Cleanup,
): Promise<Pick<Stage, 'postgres' | 'proxy' | 'peer'>> {
  const postgres = store === 'postgres' ? await Postgres.start() : undefined;
  if (postgres) cleanup.defer(() => postgres.remove());
  const peer = await EchoPeer.start();
  cleanup.defer(() => {
    peer.stop();
  });
  const proxy = new StatsProxy(ports.proxy, ports.statsdb);
  await proxy.open();
  cleanup.defer(() => {
    proxy.close();
  });
  return { postgres, proxy, peer };
}

function nothingAway(): Away {
  return {
    agent: new Absences(UNWRITTEN_MS, RECONNECT_MS),
    stats: new Absences(0, RECONNECT_MS),
    disk: new Absences(0, DISK_MS),
    killed: new Absences(0, 0),
    stopped: new Absences(0, 0),
  };
}
