import type { ACL, Client, Event, Exception, Stat } from 'node-zookeeper-client';

/** ZooKeeper's own numbers (KeeperException.Code, zookeeper 3.8). */
const CODE = { noNode: -101, badVersion: -103, nodeExists: -110, sessionExpired: -112 } as const;
/** CreateMode of the protocol (zookeeper.jute). */
const FLAGS = { persistent: 0, ephemeral: 1 } as const;

export interface NodeStat {
  /** The session that it goes with, as hexadecimal digits; undefined for a node that stays. */
  readonly owner: string | undefined;
  readonly version: number;
  /** When it was last written, milliseconds since the epoch, by the clock of ZooKeeper's leader. */
  readonly modifiedAt: number;
}

export interface NodeData {
  readonly data: Buffer;
  readonly stat: NodeStat;
}

/** The connection is over: what was asked may have been done or not. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';

  constructor() {
    super('the connection to ZooKeeper is broken');
  }
}

/** What the server refused; `code` is ZooKeeper's. */
class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: number | undefined;

  constructor(answer: Error | Exception) {
    super(`ZooKeeper answers ${answer.name}`);
    this.code = 'code' in answer ? answer.code : undefined;
  }
}

export type Watcher = (event: Event) => void;

/**
 * One connection to ZooKeeper. Whatever is asked is answered, or rejects with ConnectionLost when it ends, or with what
 * the server refused (`NO_AUTH`). Watchers are called once at most, and not at the end of the connection.
 */
export class ZookeeperConnection {
  private readonly ending = new AbortController();
  private readonly waiting = new Set<(error: Error) => void>();

  /**
   * `sessionId`: as NodeStat.owner. `breakOff` ends the connection, of which nothing comes any more when an answer says that
   * the session has expired: the next connection tells the client so.
   */
  constructor(
    private readonly client: Client,
    readonly sessionId: string,
    private readonly breakOff: () => void,
  ) {}

  /** Aborts at its end. */
  get signal(): AbortSignal {
    return this.ending.signal;
  }

  exists(path: string): Promise<NodeStat | undefined> {
    return this.call<Stat | null>((done) => {
      this.client.exists(path, done);
    }).then((stat) => (stat ? readStat(stat) : undefined));
  }

  /** undefined where there is no such node; then nothing is watched. */
  async read(path: string, watcher?: Watcher): Promise<NodeData | undefined> {
    const answer = this.call<NodeData>((done) => {
      const answered = (error: Error | Exception | null, data: Buffer | undefined, stat: Stat): void => {
        done(error, error ? (undefined as never) : { data: data ?? Buffer.alloc(0), stat: readStat(stat) });
      };
      // A watcher that does nothing would stay with the client until the node changes.
      if (watcher) this.client.getData(path, watcher, answered);
      else this.client.getData(path, answered);
    });
    return orElse(answer, { [CODE.noNode]: undefined });
  }

  /** The names in it; undefined where there is no such node; then nothing is watched. */
  async children(path: string, watcher: Watcher): Promise<readonly string[] | undefined> {
    const answer = this.call<readonly string[]>((done) => {
      this.client.getChildren(path, watcher, done);
    });
    return orElse(answer, { [CODE.noNode]: undefined });
  }

  create(
    path: string,
    data: Buffer,
    acl: ACL[],
    kind: keyof typeof FLAGS,
  ): Promise<'created' | 'exists' | 'no parent'> {
    const answer = this.call<unknown>((done) => {
      this.client.create(path, data, acl, FLAGS[kind], done);
    });
    return orElse(
      answer.then(() => 'created' as const),
      { [CODE.nodeExists]: 'exists', [CODE.noNode]: 'no parent' },
    );
  }

  /** `changed`: the node has another version by now. */
  write(path: string, data: Buffer, version: number): Promise<'written' | 'changed' | 'gone'> {
    const answer = this.call<unknown>((done) => {
      this.client.setData(path, data, version, done);
    });
    return orElse(
      answer.then(() => 'written' as const),
      { [CODE.badVersion]: 'changed', [CODE.noNode]: 'gone' },
    );
  }

  remove(path: string, version: number): Promise<'removed' | 'changed' | 'gone'> {
    const answer = this.call<undefined>((done) => {
      this.client.remove(path, version, (error) => {
        done(error, undefined);
      });
    });
    return orElse(
      answer.then(() => 'removed' as const),
      { [CODE.badVersion]: 'changed', [CODE.noNode]: 'gone' },
    );
  }

  /** What waits for an answer will not have one. */
  end(): void {
    this.ending.abort();
    for (const reject of this.waiting) reject(new ConnectionLost());
    this.waiting.clear();
  }

  private call<T>(ask: (done: (error: Error | Exception | null, value: T) => void) => void): Promise<T> {
    if (this.signal.aborted) return Promise.reject(new ConnectionLost());
    return new Promise((resolve, reject) => {
      this.waiting.add(reject);
      ask((error, value) => {
        this.waiting.delete(reject);
        if (error) this.refuse(new Refusal(error), reject);
        else resolve(value);
      });
    });
  }

  private refuse(refusal: Refusal, reject: (error: Error) => void): void {
    reject(refusal);
    if (refusal.code === CODE.sessionExpired) this.breakOff();
  }
}

/** The value that stands for one of these answers, which are no failures. */
function orElse<T, Other>(answer: Promise<T>, others: Readonly<Record<number, Other>>): Promise<T | Other> {
  return answer.catch((error: unknown) => {
    const other = Object.entries(others).find(([code]) => error instanceof Refusal && Number(code) === error.code);
    if (!other) throw error;
    return other[1];
  });
}

function readStat({ ephemeralOwner, version, mtime }: Stat): NodeStat {
  const owner = ephemeralOwner.toString('hex');
  return { owner: /^0+$/.test(owner) ? undefined : owner, version, modifiedAt: Number(mtime.readBigInt64BE()) };
}
