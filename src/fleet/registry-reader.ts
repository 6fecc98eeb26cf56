import type { Clock } from '../lib/clock';
import { messageOf } from '../lib/errors';
import type { Logger } from '../lib/logger';
import { Bell } from './bell';
import { ConnectionLost, type NodeData, type ZookeeperConnection } from './zookeeper-connection';

export interface RegistryReaderOptions {
  readonly connection: ZookeeperConnection;
  readonly path: string;
  /** A name and its node, for the first time or anew; undefined where it may not be read. */
  readonly found: (name: string, node: NodeData | undefined) => void;
  readonly gone: (name: string) => void;
  /** Names that are known still, of this connection or of one before. */
  readonly known: () => Iterable<string>;
  /** Everything that is there has been read, for now. */
  readonly complete: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A bound on memory; larger registries are read in part, which is logged. */
const MAX_NODES = 10_000;
const MAX_NAME = 128;
/** Read at once: a node may be 1 MB (jute.maxbuffer), however little of it is kept. */
const BATCH = 64;
/** Between two batches. A node that is written all the time is read at most so often. */
const PAUSE_MS = 20;
/** Watches tell of every change; where they can't be set (no such path yet, no right), it is tried again. */
const RETRY_MS = 2000;
const IDLE_MS = 60_000;

/**
 * Reads what is in one node of ZooKeeper over one connection, all of it and then what changes, until the connection ends. A
 * watch tells of one change: each reading sets it again, so that whatever changes after a reading is read once more.
 */
export class RegistryReader {
  private readonly bell = new Bell();
  /** Names to be read. */
  private readonly due = new Set<string>();
  /** Names that were read over this connection, or are due. */
  private readonly watched = new Set<string>();
  private isListDue = true;
  private isTruncated = false;

  constructor(private readonly options: RegistryReaderOptions) {}

  /** Rejects when the connection ends (ConnectionLost, or its signal's reason). */
  async run(): Promise<void> {
    const { connection, clock, complete } = this.options;
    for (;;) {
      if (this.isListDue) await this.readList();
      await this.readBatch();
      if (this.isListDue || this.due.size > 0) {
        await clock.sleep(PAUSE_MS, connection.signal);
        continue;
      }
      complete();
      await this.bell.wait(IDLE_MS, clock, connection.signal);
    }
  }

  private async readList(): Promise<void> {
    this.isListDue = false;
    const names = await this.listOrNothing();
    if (!names) {
      void this.listLater();
      return;
    }
    const kept = new Set(names.filter(isName).slice(0, MAX_NODES));
    this.sayTruncated(names.length - kept.size);
    for (const name of this.options.known()) if (!kept.has(name)) this.options.gone(name);
    for (const name of this.watched) if (!kept.has(name)) this.forget(name);
    for (const name of kept) {
      if (this.watched.has(name)) continue;
      this.watched.add(name);
      this.due.add(name);
    }
  }

  /** undefined where it can't be read or watched now. */
  private async listOrNothing(): Promise<readonly string[] | undefined> {
    const { connection, path, logger } = this.options;
    try {
      return await connection.children(path, () => {
        this.isListDue = true;
        this.bell.ring();
      });
    } catch (error) {
      if (error instanceof ConnectionLost) throw error;
      logger.warn({ path, reason: messageOf(error) }, 'ZooKeeper does not let this agent see the fleet');
      return undefined;
    }
  }

  private async listLater(): Promise<void> {
    const { clock, connection } = this.options;
    try {
      await clock.sleep(RETRY_MS, connection.signal);
    } catch {
      return; // the connection has ended
    }
    this.isListDue = true;
    this.bell.ring();
  }

  private async readBatch(): Promise<void> {
    const names = [...take(this.due, BATCH)];
    for (const name of names) this.due.delete(name);
    await Promise.all(names.map((name) => this.read(name)));
  }

  private async read(name: string): Promise<void> {
    const { connection, path, found, gone } = this.options;
    try {
      const node = await connection.read(`${path}/${name}`, () => {
        this.due.add(name);
        this.bell.ring();
      });
      if (node) {
        found(name, node);
        return;
      }
      this.forget(name);
      gone(name);
    } catch (error) {
      if (error instanceof ConnectionLost) throw error;
      found(name, undefined); // no right to read it
    }
  }

  /** Should it come back, the list tells. */
  private forget(name: string): void {
    this.watched.delete(name);
    this.due.delete(name);
  }

  private sayTruncated(leftOut: number): void {
    const { logger, path } = this.options;
    if (leftOut > 0 && !this.isTruncated)
      logger.warn(
        { path, leftOut, most: MAX_NODES },
        'the registry holds more than this agent reads, or strange names',
      );
    this.isTruncated = leftOut > 0;
  }
}

function isName(name: string): boolean {
  return name.length <= MAX_NAME && /^[^\p{C}/]+$/u.test(name);
}

function* take<T>(from: Iterable<T>, count: number): Generator<T> {
  let left = count;
  for (const one of from) {
    if (left-- === 0) return;
    yield one;
  }
}
