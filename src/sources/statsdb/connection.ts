import type { Socket } from 'node:net';
import { messageOf } from '../../lib/errors';
import type { Relay } from '../../turn/relay';
import { commandAt, type Command } from './commands';
import type { RejectReason, StatsdbCounters } from './counters';
import type { KeySpace } from './key-space';
import type { Password } from './password';
import { Publisher } from './publisher';
import { ProtocolError, RespReader } from './resp-reader';
import { array, bulk, error, NULL, OK, PONG, ReplyBuffer, ZERO } from './resp-reply';
import { serverKey, type Servers, type Speaker } from './servers';

export interface ConnectionContext {
  readonly relay: Relay;
  readonly servers: Servers;
  readonly keys: KeySpace;
  readonly password: Password;
  readonly counters: StatsdbCounters;
  /** The relay's clock, milliseconds. */
  readonly now: () => number;
}

/**
 * Replies that a client leaves unread. coturn 4.6.1 reads none after a reconnect (hiredis_libevent2.c:341) and looks at
 * none: its are dropped beyond this, and it is heard all the same. Anybody else is cut off.
 */
const MAX_UNREAD_BYTES = 65_536;
const NOTHING = Buffer.alloc(0);
const AUTH_DEADLINE_MS = 5_000;
const SILENCE_MS = 60_000;
const MAX_DATABASE_DIGITS = 9;
/** coturn, in its lower case, asks this when it starts. */
const COTURN_START_PATTERN = 'turn/*/allocation/*/status';

/** One client of the endpoint, coturn's relay thread or a person, from its first byte to its last. */
export class StatsdbConnection implements Speaker {
  closed = false;
  beatAt: number | undefined;
  private heardAt: number;
  private readonly openedAt: number;
  private readonly reader = new RespReader();
  private readonly replies = new ReplyBuffer();
  private flushing: NodeJS.Immediate | undefined;
  private authenticated = false;
  private database = 0;
  private publisher: Publisher | undefined;

  constructor(
    private readonly socket: Socket,
    private readonly address: string,
    private readonly context: ConnectionContext,
  ) {
    this.openedAt = context.now();
    this.heardAt = this.openedAt;
  }

  get isAuthenticated(): boolean {
    return this.authenticated;
  }

  /** Closes it where it has not said the password in time, or had heartbeats and has fallen silent. */
  review(now: number): void {
    if (!this.authenticated && now - this.openedAt > AUTH_DEADLINE_MS) {
      this.refuse('unauthenticated', 'NOAUTH Authentication required.');
    } else if (this.beatAt !== undefined && now - this.beatAt > SILENCE_MS) {
      this.close();
    }
  }

  /** The server it speaks for: an address and a database number. */
  get serverKey(): string {
    return serverKey(this.address, this.database);
  }

  receive(chunk: Buffer): void {
    this.heardAt = this.context.now();
    try {
      this.reader.push(chunk, this.onCommand);
    } catch (failure) {
      if (!(failure instanceof ProtocolError)) throw failure;
      this.refuse(failure.reason, `ERR ${messageOf(failure)}`);
    }
    this.flushSoon();
  }

  /** Tells the client why, counts it, and closes. */
  refuse(reason: RejectReason, text: string): void {
    this.context.counters.refused[reason].count++;
    this.replies.add(error(text));
    this.flush();
    this.close();
  }

  close(): void {
    this.socket.destroySoon();
    this.left();
  }

  /** The client is gone. */
  left(): void {
    if (this.closed) return;
    this.closed = true;
    if (this.authenticated) this.context.servers.leave(this.serverKey, this, this.context.now());
  }

  /** Once a turn of the event loop, in which many chunks may be read: a write for each costs a tenth of the speed. */
  private flushSoon(): void {
    this.flushing ??= setImmediate(() => {
      this.flushing = undefined;
      this.flush();
    });
  }

  private flush(): void {
    const replies = this.replies.take();
    if (!replies || this.closed || !this.socket.writable) return;
    if (this.socket.writableLength < MAX_UNREAD_BYTES) {
      this.socket.write(replies);
    } else if (!this.publisher) {
      this.context.counters.refused.slow_reader.count++;
      this.socket.destroy();
      this.left();
    }
  }

  private readonly onCommand = (): boolean => {
    const command = commandAt(this.reader.text.buffer, this.reader.starts[0] ?? 0, this.reader.ends[0] ?? 0);
    if (command === 'auth') this.authenticate();
    else if (!this.authenticated) this.refuse('unauthenticated', 'NOAUTH Authentication required.');
    else if (command === 'publish') this.publish();
    else this.replies.add(this.answer(command));
    return !this.closed;
  };

  private publish(): void {
    if (this.reader.count !== 3) {
      // Not the end of the connection: a client's long user name makes coturn 4.6.1 send that (its buffer is cut).
      this.context.counters.refused.malformed.count++;
      this.replies.add(error("ERR wrong number of arguments for 'publish' command"));
      return;
    }
    const { relay, servers, counters } = this.context;
    this.publisher ??= new Publisher(relay, servers, this.serverKey, this, counters);
    const tally = this.publisher.publish(this.reader, this.heardAt);
    this.replies.add(ZERO);
    if (tally === counters.refused.malformed) {
      this.refuse('malformed', 'ERR not a message of coturn');
      return;
    }
    tally.count++;
    if (tally === counters.taken.heartbeat) this.beatAt = this.heardAt;
  }

  private answer(command: Command | undefined): Buffer {
    switch (command) {
      case 'set':
        return OK;
      case 'del':
        return ZERO;
      case 'select':
        return this.select();
      case 'ping':
        return this.reader.count > 1 ? bulk(this.text(1)) : PONG;
      case 'keys':
        return this.keys();
      case 'get':
        return this.get();
      case 'quit':
        return this.quit();
      case 'client':
        return OK;
      case 'command':
        return array([]);
      default:
        this.context.counters.refused.unknown_command.count++;
        return error(`ERR unknown command; this endpoint knows what coturn's redis-statsdb sends`);
    }
  }

  private authenticate(): void {
    const { reader, context } = this;
    const last = reader.count - 1;
    const given = reader.text.buffer.subarray(reader.starts[last], reader.ends[last]);
    if (last < 1 || !context.password.matches(given)) {
      this.refuse('wrong_password', 'WRONGPASS invalid password; it is in the data directory of turnkeeper');
      return;
    }
    if (!this.authenticated) context.servers.join(this.serverKey, this);
    this.authenticated = true;
    this.replies.add(OK);
  }

  private select(): Buffer {
    const text = this.text(1);
    if (!/^\d+$/.test(text) || text.length > MAX_DATABASE_DIGITS) return error('ERR invalid DB index');
    const { servers, now } = this.context;
    servers.leave(this.serverKey, this, now());
    this.database = Number(text);
    this.publisher = undefined;
    servers.join(this.serverKey, this);
    return OK;
  }

  private keys(): Buffer {
    const pattern = this.text(1);
    if (pattern === COTURN_START_PATTERN) this.context.servers.started(this.serverKey, this.heardAt);
    const keys = this.context.keys.matching(pattern);
    return keys ? array(keys) : error('ERR too many keys for one answer; ask GET for one');
  }

  private get(): Buffer {
    const value = this.context.keys.get(this.text(1), this.heardAt);
    return value === undefined ? NULL : bulk(value);
  }

  private quit(): Buffer {
    this.replies.add(OK);
    this.flush();
    this.close();
    return NOTHING;
  }

  private text(argument: number): string {
    const { reader } = this;
    return argument < reader.count
      ? reader.text.buffer.toString('utf8', reader.starts[argument], reader.ends[argument])
      : '';
  }
}
