import { rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { messageOf } from '../lib/errors';
import { writeFileAtomically } from '../lib/write-file-atomically';
import { askBinary, type CoturnBinary } from './binary';
import type { StunEndpoint } from './binding-check';
import { checkCertificate } from './certificate-check';
import { coturnArguments, CoturnProcess } from './coturn-process';
import { nextLifeNumber, readLifeRecord, writeLifeRecord, type LifeRecord } from './life-record';
import { listenersOf } from './listeners';
import { empty, ensurePrivate, rotate, sizeOf } from './log-files';
import { reserveSpace } from './log-space';
import { endOfLog } from './log-place';
import { assertListenable } from './port-check';
import { identityOf, isAlive, pidOfArguments, type ProcessIdentity } from './process-identity';
import { prometheusPort } from './prometheus-port';
import type { CoturnLife, CoturnServerOptions } from './server';
import {
  confFile,
  confHash,
  logFile,
  outputFile,
  reachable,
  renderTurnserverConf,
  type TurnserverConf,
} from './turnserver-conf';

/** USER_HZ, in which /proc/<pid>/stat counts since the boot: 100 on every Linux (proc(5)). */
const TICKS_A_SECOND = 100;

/** A process of coturn with what is recorded of it. */
export interface Launched {
  readonly life: CoturnLife;
  readonly record: LifeRecord;
  readonly process: CoturnProcess;
  readonly takenOver: boolean;
}

/** Starts coturn, or takes over one that an earlier run of the agent left in this data directory. */
export class Launcher {
  readonly dataDir: string;
  readonly log: string;
  readonly output: string;

  constructor(private readonly options: CoturnServerOptions) {
    this.dataDir = resolve(options.dataDir);
    this.log = logFile(this.dataDir);
    this.output = outputFile(this.dataDir);
  }

  /** Undefined where none is left. Watched until `signal` aborts. */
  async takeOver(signal: AbortSignal): Promise<Launched | undefined> {
    const stored = readLifeRecord(this.dataDir);
    if (stored.kind === 'damaged')
      this.options.logger.warn('coturn.json is damaged: a coturn left from before is not taken over');
    if (stored.kind !== 'life') return undefined;
    const identity = this.survivor(stored.record);
    if (!identity) return undefined;
    const record = { ...stored.record, process: identity };
    const process = CoturnProcess.adopt(identity, this.options.clock, signal);
    await this.warnOfChange(record);
    return this.launched(record, process, true);
  }

  /**
   * Throws a UserError when something is in the way, before coturn is started; whether it stays is for the caller to
   * see. Nothing is started once `signal` has aborted.
   */
  async launch(signal: AbortSignal): Promise<Launched> {
    const { settings, clock } = this.options;
    await mkdir(this.dataDir, { recursive: true, mode: 0o700 });
    const binary = await askBinary(settings.binary);
    await this.preflight(binary);
    const record = await this.reserve(binary);
    await this.prepareFiles(this.conf(binary, record.number));
    signal.throwIfAborted();
    const process = await CoturnProcess.spawn(settings.binary, confFile(this.dataDir), this.output);
    const started = { ...record, startedAt: clock.now(), process: process.identity };
    const launched = this.launched(started, process, false);
    await this.write(started);
    return launched;
  }

  write(record: LifeRecord): Promise<void> {
    return writeLifeRecord(this.dataDir, record);
  }

  private launched(record: LifeRecord, process: CoturnProcess, takenOver: boolean): Launched {
    const { number, startedAt, version } = record;
    const { pid, startTicks } = process.identity;
    const startedMonotonic = (startTicks * 1000) / TICKS_A_SECOND;
    const known = { logStart: record.logStart ?? undefined, metricsPort: record.metricsPort ?? undefined };
    const life: CoturnLife = { number, startedAt, startedMonotonic, version, pid, ...known };
    this.options.hooks.lifeStarted(life, takenOver);
    return { life, record, process, takenOver };
  }

  /** The recorded process, or one that was started just before the agent was killed, and not recorded any more. */
  private survivor(record: LifeRecord): ProcessIdentity | undefined {
    if (record.process) return isAlive(record.process) ? record.process : undefined;
    const pid = pidOfArguments(basename(this.options.settings.binary), coturnArguments(confFile(this.dataDir)));
    return pid === undefined ? undefined : identityOf(pid);
  }

  private async warnOfChange(record: LifeRecord): Promise<void> {
    const { logger, settings } = this.options;
    try {
      const binary = await askBinary(settings.binary);
      if (binary.version !== record.version)
        logger.warn('another version of coturn is installed: a restart will bring it');
      if (confHash(this.conf(binary, record.number)) === record.confHash) return;
      logger.warn('coturn runs with an earlier configuration: a restart will apply the new one');
    } catch (error) {
      logger.warn({ why: messageOf(error) }, 'the coturn that was taken over could not be started again like this');
    }
  }

  private async preflight({ knows }: CoturnBinary): Promise<void> {
    const { settings, clock, logger } = this.options;
    if (settings.cert !== undefined && settings.pkey !== undefined) {
      const passphrase = settings.extra['pkey-pwd']?.toString();
      const warning = await checkCertificate({ cert: settings.cert, pkey: settings.pkey, passphrase }, clock.now());
      if (warning !== undefined) logger.warn(warning);
    }
    await assertListenable(listenersOf(settings, prometheusPort(settings, knows)));
  }

  /** Takes the next number for good before there is a process, so that none is ever given twice. */
  private async reserve(binary: CoturnBinary): Promise<LifeRecord> {
    const { settings, clock } = this.options;
    const record: LifeRecord = {
      number: nextLifeNumber(readLifeRecord(this.dataDir), clock.now()),
      startedAt: clock.now(),
      version: binary.version,
      confHash: confHash(this.conf(binary, 0)),
      stun: stunEndpoint(settings),
      cliPort: settings.cliPort,
      metricsPort: prometheusPort(settings, binary.knows) ?? null,
      logStart: endOfLog(this.log) ?? null,
      ending: false,
      process: null,
    };
    await this.write(record);
    return record;
  }

  private async prepareFiles(conf: TurnserverConf): Promise<void> {
    await writeFileAtomically(confFile(this.dataDir), renderTurnserverConf(conf));
    ensurePrivate(this.log);
    reserveSpace(this.log, this.maxLogBytes);
    ensurePrivate(this.output);
    empty(this.output);
  }

  /** Whether the log was too large, so that coturn has another one to open. */
  boundLog(): boolean {
    if (sizeOf(this.log) <= this.maxLogBytes) return false;
    const fresh = `${this.log}.fresh`;
    ensurePrivate(fresh);
    const isReady = reserveSpace(fresh, this.maxLogBytes);
    // On a full disk it goes on in the file that is there.
    if (isReady) rotate(this.log, this.options.settings.log.keep, fresh);
    else rmSync(fresh);
    return isReady;
  }

  private get maxLogBytes(): number {
    return this.options.settings.log.maxMegabytes * 1e6;
  }

  private conf(binary: CoturnBinary, lifeNumber: number): TurnserverConf {
    const { settings, secrets, mode, statsdb, restSeparator } = this.options;
    return { settings, secrets, mode, statsdb, restSeparator, dataDir: this.dataDir, lifeNumber, knows: binary.knows };
  }
}

/** Where coturn can be asked over UDP whether it lives. */
export function stunEndpoint(settings: CoturnServerOptions['settings']): StunEndpoint {
  return { host: reachable(settings.listeningIp[0] ?? '127.0.0.1'), port: settings.listeningPort };
}
