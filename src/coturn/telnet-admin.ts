import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { SessionListing } from './session-listing';
import { TelnetText, type AdminToken } from './telnet-text';

/** coturn listens for its administrator on 127.0.0.1 alone. */
export interface AdminAccess {
  readonly port: number;
  readonly password: string;
}

/**
 * coturn takes whatever one read brings for one command (`run_cli_input`, 4.6.1 and 4.17.1). A telnet NOP between two
 * commands parts them, so that many can be sent at once.
 */
const NOP = Buffer.from([255, 241]);
/** One read takes up to 4096 bytes (libevent's EVBUFFER_MAX_READ); a command of `cs` with its NOP has 25. */
const BATCH = 100;

/** What coturn can be told while it runs (`tcmds` in turn_admin_server.c), as far as the agent uses it. */
type Flag = 'stun-only' | 'no-udp-relay' | 'no-tcp-relay';

/** A session on coturn's telnet admin interface. Every call rejects once the signal given to `open` has aborted. */
export class TelnetAdmin {
  private readonly parser = new TelnetText();
  private readonly tokens: AdminToken[] = [];

  private constructor(
    private readonly socket: Socket,
    private readonly chunks: AsyncIterator<Buffer>,
  ) {}

  /** Connects and logs in. Rejects when nobody listens or the password is wrong. */
  static async open({ port, password }: AdminAccess, signal: AbortSignal): Promise<TelnetAdmin> {
    const socket = connect({ host: '127.0.0.1', port, signal });
    await once(socket, 'connect');
    const admin = new TelnetAdmin(socket, socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>);
    await admin.match(/^Enter password:/);
    await admin.login(password);
    return admin;
  }

  /** The allocations that coturn has; it lists no more than its `cli-max-output-sessions`, in no order. */
  async sessions(): Promise<SessionListing> {
    const listing = new SessionListing();
    this.send(['ps']);
    for (let isEnd = false; !isEnd;) isEnd = listing.take(await this.next());
    return listing;
  }

  /** Tells coturn to end these allocations, which it does soon after; it ignores ids that it does not know. */
  async cancel(ids: readonly string[]): Promise<void> {
    for (let at = 0; at < ids.length; at += BATCH) {
      await this.run(ids.slice(at, at + BATCH).map((id) => `cs ${id}`));
    }
  }

  /**
   * Makes coturn ignore everything but Binding requests, so that no new allocation comes while the last are ended: 4.6.1
   * knows no drain. Nothing can be asked for after it here, because 4.6.1 gives no prompt after a toggle.
   */
  async refuseAllocations(): Promise<void> {
    await this.set('stun-only', true);
  }

  /** Sets a flag, which coturn can only toggle; it says what it is then. After it, too, only flags can be set. */
  async set(flag: Flag, on: boolean): Promise<void> {
    const wanted = on ? 'ON' : 'OFF';
    for (let state = ''; state !== wanted;) {
      this.send([`tc ${flag}`]);
      state = await this.match(new RegExp(`^\\s*${flag}: (ON|OFF)`));
    }
  }

  close(): void {
    this.socket.destroy();
  }

  private async login(password: string): Promise<void> {
    this.send([password]);
    const answer = await this.next();
    if (answer.kind === 'prompt') return;
    this.close();
    throw new Error("coturn's admin interface refused the password");
  }

  /** Sends commands whose answers are one prompt each, behind lines without a client's text; waits for all the prompts. */
  private async run(commands: readonly string[]): Promise<void> {
    this.send(commands);
    for (let prompts = 0; prompts < commands.length;) {
      if ((await this.next()).kind === 'prompt') prompts += 1;
    }
  }

  private send(commands: readonly string[]): void {
    this.socket.write(Buffer.concat(commands.flatMap((command) => [Buffer.from(`${command}\r\n`), NOP])));
  }

  /** Waits for such a line; the value is its first group. */
  private async match(pattern: RegExp): Promise<string> {
    for (;;) {
      const token = await this.next();
      const match = token.kind === 'line' ? pattern.exec(token.text) : null;
      if (match) return match[1] ?? '';
    }
  }

  private async next(): Promise<AdminToken> {
    for (;;) {
      const token = this.tokens.shift();
      if (token) return token;
      const chunk = await this.chunks.next();
      if (chunk.done === true) throw new Error("coturn's admin interface closed the connection");
      this.tokens.push(...this.parser.feed(chunk.value));
    }
  }
}
