import type { Relay } from '../../turn/relay';

/** A server's key: the address it connects from and the database it selects. */
export function serverKey(address: string, database: number): string {
  return `${address}/${database}`;
}

function isServerKey(key: string): boolean {
  return /\/\d+$/.test(key);
}

/** A connection, as far as it says that a relay thread of coturn lives. */
export interface Speaker {
  readonly closed: boolean;
  /** When it last sent a heartbeat: up to coturn 4.6.1 that is every 5 s, later servers send none. */
  readonly beatAt: number | undefined;
}

/** One run of a coturn. */
export interface Life {
  readonly origin: number;
  over: boolean;
  /** Which connection speaks for which relay thread. */
  readonly threads: Map<number, Speaker>;
  silentSince: number | undefined;
}

interface Server {
  readonly key: string;
  readonly name: string;
  readonly lives: Life[];
  readonly speakers: Set<Speaker>;
  lastHeartbeat: number | undefined;
  /** Its process has ended; its last words may still be on the way. */
  endsAt: number | undefined;
}

/** Told what becomes of lives; `key` is the server's. */
export interface LifeListener {
  /** A life is over: ends its origin, at once or when all that can be known of it is. */
  lifeEnded(key: string, origin: number, now: number): void;
  /** A relay thread is not heard any more: from now on it may tell things that nobody hears. */
  threadLost(key: string): void;
  /** A connection of it is there, and what is told from now on is heard. */
  connected(key: string): void;
}

/** What is known of servers by their keys. */
export interface ServerNames {
  /** What records call the server at this address that chose this database number. */
  nameOf(address: string, database: number): string;
  /** Whether it is one run of the agent's own coturn: nothing else speaks under this key. */
  isOneLife(key: string): boolean;
}

/** An allocation, as a channel names it. */
export interface ThreadId {
  readonly high: number;
  readonly low: number;
  readonly thread: number;
}

/**
 * A relay thread reconnects at its next heartbeat (up to coturn 4.6.1) or message; one that has allocations has a
 * message within max-allocate-lifetime, 1 h.
 */
const FORGET_SILENT_MS = 4_200_000;
const LAST_WORDS_MS = 2_000;
/** A connection that had heartbeats and missed one, while its thread speaks on another, is dead. */
const MISSED_HEARTBEAT_MS = 7_500;

/**
 * Tells servers and their lives apart on the stats connections, which name neither. A server is an address and a
 * database number. Within it coturn's ids are unique in one life, and each relay thread has one connection: so a second
 * connection that speaks for a thread whose connection is still there belongs to another coturn.
 */
export class Servers {
  private readonly servers = new Map<string, Server>();

  constructor(
    private readonly relay: Relay,
    private readonly names: ServerNames,
    private readonly listener: LifeListener,
  ) {}

  join(key: string, speaker: Speaker): void {
    this.server(key).speakers.add(speaker);
    this.listener.connected(key);
  }

  leave(key: string, speaker: Speaker, now: number): void {
    const server = this.servers.get(key);
    if (!server) return;
    server.speakers.delete(speaker);
    if (server.lives.some(({ threads }) => [...threads.values()].includes(speaker))) this.listener.threadLost(key);
    for (const life of server.lives) this.noteSilence(life, now);
    if (server.endsAt !== undefined && server.speakers.size === 0) this.end(key, now);
    else this.forgetIfIdle(key, server);
  }

  /** The life of which `speaker` tells this allocation. Good for all that it tells of the same thread, until it is over. */
  lifeFor(key: string, id: ThreadId, speaker: Speaker, now: number): Life {
    const server = this.server(key);
    const life = this.lifeOf(server, id, speaker, now) ?? this.begin(server, now);
    if (life.threads.get(id.thread) !== speaker) {
      life.threads.set(id.thread, speaker);
      if (life.silentSince !== undefined) this.relay.origins.setHeard(life.origin, now);
      life.silentSince = undefined;
    }
    return life;
  }

  /**
   * The origin of what a server that has one life, the agent's own, has under way, whether or not a connection has
   * spoken for it yet: each relay thread is free in it until its connection does.
   */
  originOfOnlyLife(address: string, database: number, now: number): number {
    const server = this.server(serverKey(address, database));
    const life = server.lives[0] ?? this.begin(server, now);
    this.noteSilence(life, now);
    return life.origin;
  }

  /** Takes up the lives that another run of the agent knew, from the relay's origins; nobody speaks for them yet. */
  restore(now: number): void {
    const { origins } = this.relay;
    for (const origin of origins.all()) {
      const key = origins.keyOf(origin);
      // Another source heard it: nobody will speak for it here.
      if (!isServerKey(key)) this.relay.endOrigin(origin, now);
      else this.server(key).lives.push({ ...newLife(origin), silentSince: now });
    }
  }

  isConnected(key: string): boolean {
    return (this.servers.get(key)?.speakers.size ?? 0) > 0;
  }

  keys(): string[] {
    return [...this.servers.keys()];
  }

  heartbeat(key: string, now: number): void {
    const server = this.servers.get(key);
    if (server) server.lastHeartbeat = now;
  }

  lastHeartbeat(key: string): number | undefined {
    return this.servers.get(key)?.lastHeartbeat;
  }

  /** The newest heartbeat of any server. */
  newestHeartbeat(): number | undefined {
    const known = [...this.servers.values()].flatMap(({ lastHeartbeat }) => lastHeartbeat ?? []);
    return known.length === 0 ? undefined : Math.max(...known);
  }

  /** The origins of a server's lives. */
  originsOf(key: string): number[] {
    return this.servers.get(key)?.lives.map((life) => life.origin) ?? [];
  }

  /** A coturn of this server has just started (it asks for old status keys): lives that nobody speaks for are over. */
  started(key: string, now: number): void {
    const server = this.servers.get(key);
    for (const life of [...(server?.lives ?? [])]) if (isSilent(life)) this.endLife(key, life, now);
  }

  /** The server's process has ended: what it had open is lost as soon as its connections have been read to the end. */
  ended(key: string, now: number): void {
    const server = this.servers.get(key);
    if (!server) return;
    server.endsAt = now + LAST_WORDS_MS;
    if (server.speakers.size === 0) this.end(key, now);
  }

  advance(now: number): void {
    for (const [key, server] of this.servers) {
      if (server.endsAt !== undefined && server.endsAt <= now) this.end(key, now);
      for (const life of [...server.lives]) {
        if (life.silentSince !== undefined && life.silentSince + FORGET_SILENT_MS <= now) this.endLife(key, life, now);
      }
    }
  }

  private server(key: string): Server {
    const known = this.servers.get(key);
    if (known) return known;
    const at = key.lastIndexOf('/');
    const name = this.names.nameOf(key.slice(0, at), Number(key.slice(at + 1)));
    const server: Server = { key, name, lives: [], speakers: new Set(), lastHeartbeat: undefined, endsAt: undefined };
    this.servers.set(key, server);
    return server;
  }

  private begin(server: Server, now: number): Life {
    const life = newLife(this.relay.origins.add(server.name, server.key, now));
    server.lives.push(life);
    return life;
  }

  private lifeOf(server: Server, { high, low, thread }: ThreadId, speaker: Speaker, now: number): Life | undefined {
    if (this.names.isOneLife(server.key)) return server.lives[0];
    const mine = server.lives.find((life) => life.threads.get(thread) === speaker);
    if (mine) return mine;
    const free = server.lives.filter((life) => isGone(life.threads.get(thread), now));
    return free.find((life) => this.relay.knows(life.origin, high, low)) ?? free[0];
  }

  private noteSilence(life: Life, now: number): void {
    if (life.silentSince !== undefined || !isSilent(life)) return;
    life.silentSince = now;
    this.relay.origins.setHeard(life.origin, undefined);
  }

  private end(key: string, now: number): void {
    for (const life of [...(this.servers.get(key)?.lives ?? [])]) this.endLife(key, life, now);
    this.servers.delete(key);
  }

  private endLife(key: string, life: Life, now: number): void {
    life.over = true;
    this.listener.lifeEnded(key, life.origin, now);
    const server = this.servers.get(key);
    server?.lives.splice(server.lives.indexOf(life), 1);
    if (server) this.forgetIfIdle(key, server);
  }

  private forgetIfIdle(key: string, server: Server): void {
    if (server.speakers.size === 0 && server.lives.length === 0) this.servers.delete(key);
  }
}

function newLife(origin: number): Life {
  return { origin, over: false, threads: new Map(), silentSince: undefined };
}

function isGone(speaker: Speaker | undefined, now: number): boolean {
  if (speaker === undefined || speaker.closed) return true;
  return speaker.beatAt !== undefined && now - speaker.beatAt > MISSED_HEARTBEAT_MS;
}

function isSilent(life: Life): boolean {
  for (const speaker of life.threads.values()) if (!speaker.closed) return false;
  return true;
}
