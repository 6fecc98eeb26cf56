import { copyFileSync, existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { systemClock, type Clock } from '../../../src/lib/clock';
import { CLIENT_LEG, PEER_LEG } from '../../../src/turn/counts';
import type { TurnEvent } from '../../../src/turn/event';
import { Relay } from '../../../src/turn/relay';
import type { UsageRecord } from '../../../src/turn/usage-record';
import { readKept } from '../../../src/usage/kept-state';
import { Ledger } from '../../../src/usage/ledger';
import type { LedgerFile, OpenedLedger } from '../../../src/usage/ledger-file';
import { createSqliteUsage } from '../../../src/usage/sqlite/create';
import { eventually } from '../../support/eventually';
import { recordingLogger } from '../../unit/collectors/recording-logger';

const HASTE = 20;
const LEGS = [CLIENT_LEG, PEER_LEG] as const;
const BOOT = { bootId: 'boot', monotonic: 0, wall: 0 };
const NOTHING = { receivedPackets: 0, receivedBytes: 0, sentPackets: 0, sentBytes: 0 };

/** The machine's clock, for those who can't wait. */
export const hastyClock: Clock = {
  ...systemClock,
  sleep: (ms, signal) => systemClock.sleep(ms / HASTE, signal),
  every: (ms, task, signal, onError) => {
    systemClock.every(ms / HASTE, task, signal, onError);
  },
};

/** A relay whose ledger writes to a real file, as in the agent; the test does what coturn would. */
export class KeptRelay {
  /** The records of the sessions that have closed. */
  readonly told: UsageRecord[] = [];
  readonly relay: Relay;
  readonly ledger: Ledger;
  readonly log = recordingLogger();
  private lastAllocation = 0;
  private origin = 0;

  private constructor(
    readonly file: LedgerFile,
    opened: OpenedLedger,
  ) {
    const sessionClosed = (session: Parameters<Ledger['sessionClosed']>[0]): void => {
      this.told.push(this.ledger.sessionClosed(session));
    };
    this.relay = new Relay({ lingerMs: 0, separator: ':', maxAllocations: 1e6, realms: ['r'] }, { sessionClosed });
    const kept = readKept(opened.blocks, BOOT);
    const clock = hastyClock;
    const { logger } = this.log;
    const { relay } = this;
    this.ledger = new Ledger({ file, opened, kept, relay, clock, logger, bootId: 'boot', witness: () => ({}) });
    if (opened.blocks.length === 0) this.origin = relay.origins.add('here', 'here', 0);
  }

  static async open(path: string): Promise<KeptRelay> {
    const { logger } = recordingLogger();
    const { ledger: file } = createSqliteUsage({ file: path, logger });
    const kept = new KeptRelay(file, await file.open());
    await kept.ledger.start();
    return kept;
  }

  /** An allocation of that user begins, and carries so many bytes from and to its peer. */
  open(user: string, bytes: number): number {
    const allocation = ++this.lastAllocation;
    const endpoint = { transport: 'udp' as const, remote: `192.0.2.1:${1 + (allocation % 65_000)}` };
    this.tell({ ...this.of(allocation, user), kind: 'new', lifetimeSeconds: 600, endpoint });
    const counts = { receivedPackets: 1, receivedBytes: bytes, sentPackets: 1, sentBytes: bytes };
    for (const leg of LEGS) this.tell({ ...this.of(allocation, user), kind: 'traffic', leg, ...counts });
    return allocation;
  }

  /** It ends, and its session with it: its record is told. */
  close(allocation: number): void {
    this.tell({ ...this.of(allocation), kind: 'deleted' });
    for (const leg of LEGS) this.tell({ ...this.of(allocation), kind: 'totals', leg, ...NOTHING });
    this.relay.advance(systemClock.monotonic());
  }

  /** Everything that is open ends with its server. */
  closeAll(): void {
    this.relay.endOrigin(this.origin, systemClock.monotonic());
    this.relay.advance(systemClock.monotonic());
  }

  sessions(count: number): void {
    for (let i = 0; i < count; i++) this.close(this.open(`u${i}`, 100 + i));
  }

  /** All that the relay has received from clients, as its metrics say it. */
  receivedBytes(): number {
    return this.relay.totals.cells.reduce((sum, { traffic }) => sum + (traffic[1] ?? 0), 0);
  }

  /** Closes sessions until the file takes no more. */
  async fails(): Promise<void> {
    await eventually('the ledger takes nothing', () => {
      this.sessions(50);
      return this.ledger.problem !== undefined;
    });
  }

  async written(): Promise<void> {
    const isWritten = (): boolean => this.ledger.pending === 0 && this.ledger.problem === undefined;
    await eventually('everything is written', isWritten, 30_000);
  }

  async stop(): Promise<void> {
    await this.ledger.stop();
    await this.file.close();
  }

  private of(low: number, user = ''): Pick<TurnEvent, 'origin' | 'high' | 'low' | 'principal'> {
    return { origin: this.origin, high: 1, low, principal: () => ({ realm: 'r', username: `99:${user}` }) };
  }

  private tell(event: TurnEvent): void {
    this.relay.apply(event, systemClock.monotonic());
  }
}

/** What a process that was killed now would leave, in a file of its own. */
export function leftBehind(path: string): string {
  const copy = `${path}.left`;
  for (const suffix of ['', '-wal']) if (existsSync(path + suffix)) copyFileSync(path + suffix, copy + suffix);
  return copy;
}

/** The ids of the records in a file, in the order in which they arrived. */
export function idsIn(path: string): string[] {
  const db = new Database(path, { readonly: true });
  try {
    return db.prepare('SELECT id FROM usage ORDER BY place').pluck().all() as string[];
  } finally {
    db.close();
  }
}

export const idsOf = (records: readonly UsageRecord[]): string[] => records.map(({ id }) => id);
