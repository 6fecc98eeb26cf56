import { transportOf, type Transport } from '../turn/transport';
import type { AdminToken } from './telnet-text';

/** An allocation that coturn has under way. Its user has been checked: clients without an allocation are not listed. */
export interface ListedSession {
  /** coturn's, 18 digits. */
  readonly id: string;
  readonly realm: string;
  readonly username: string;
  readonly transport: Transport;
  /** The client's address, `ip:port`. */
  readonly remote: string;
  /** The relayed address, `ip:port`. */
  readonly relayed: string;
  /** Since the client's first packet. */
  readonly startedSecondsAgo: number;
  /** 0: its lifetime is over, and it will be gone in a moment. */
  readonly expiresInSeconds: number;
}

type Draft = { -readonly [Key in keyof ListedSession]: ListedSession[Key] };

/** STUN_MAX_ORIGIN_SIZE of coturn 4.6.1 and 4.17.1. */
const MAX_ORIGIN_LENGTH = 127;
const ORIGIN = '      origin: ';
const REALM = /^ {6}realm: (.*)$/;
const HEADER = /^ {4}\d+\) id=(\d{18}), user <(.*)>:$/;
const TOTAL = /^ {2}Total sessions: (\d{1,10})$/;

/** `started: undefined time` and `expired` leave a 0. */
const DETAILS: readonly (readonly [RegExp, (draft: Draft, value: string) => void])[] = [
  [/^ {6}started (\d{1,10}) secs ago$/, (draft, value) => (draft.startedSecondsAgo = Number(value))],
  [/^ {6}expiring in (\d{1,10}) secs$/, (draft, value) => (draft.expiresInSeconds = Number(value))],
  [/^ {6}client protocol (.*), relay protocol /, (draft, value) => (draft.transport = transportOf(value))],
  [/^ {6}client addr (.*), server addr /, (draft, value) => (draft.remote = value)],
  [/^ {6}relay addr (.*)$/, (draft, value) => (draft.relayed = value)],
];

/**
 * Reads coturn's answer to `ps` (`print_session` in turn_admin_server.c, 4.6.1 and 4.17.1). A client chooses two of the
 * texts in it: its user name, which holds neither space nor newline once it is checked, and its origin, which stands
 * there as it came, newlines and all. So no session, realm, end or origin is believed that begins where an origin may
 * still go on. The other lines of an entry are believed as they stand last, behind the origin.
 */
export class SessionListing {
  readonly sessions: ListedSession[] = [];
  /** How many coturn has: it lists no more than its `cli-max-output-sessions`. */
  total = 0;
  private draft: Draft | undefined;
  private length = 0;
  private originEnd = 0;

  /** Takes what comes next; true: it was the end of the answer. */
  take(token: AdminToken): boolean {
    const start = this.length;
    const isDoubtful = start < this.originEnd;
    if (token.kind === 'prompt') {
      this.length += '> '.length;
      return !isDoubtful;
    }
    this.length += token.text.length + 1;
    if (isDoubtful || !this.takeFrame(token.text, start)) this.takeDetail(token.text);
    return false;
  }

  /** Whether it was one of the lines that no client may write. */
  private takeFrame(line: string, start: number): boolean {
    const [header, total, realm] = [HEADER, TOTAL, REALM].map((pattern) => pattern.exec(line));
    if (header) this.begin(header[1] ?? '', header[2] ?? '');
    else if (total) this.end(Number(total[1]));
    else if (realm && this.draft) this.draft.realm = decoded(realm[1] ?? '');
    else if (line.startsWith(ORIGIN)) this.originEnd = start + ORIGIN.length + MAX_ORIGIN_LENGTH;
    else return false;
    return true;
  }

  private takeDetail(line: string): void {
    const { draft } = this;
    if (!draft) return;
    for (const [pattern, set] of DETAILS) {
      const match = pattern.exec(line);
      if (match) set(draft, match[1] ?? '');
    }
  }

  private begin(id: string, username: string): void {
    this.finish();
    const unknown = { realm: '', transport: 'other', remote: '', relayed: '' } as const;
    this.draft = { id, username: decoded(username), ...unknown, startedSecondsAgo: 0, expiresInSeconds: 0 };
  }

  private end(total: number): void {
    this.finish();
    this.total = total;
  }

  private finish(): void {
    if (this.draft && this.draft.relayed !== '') this.sessions.push(this.draft);
    this.draft = undefined;
  }
}

/** The admin interface's text has a character a byte; names are UTF-8. */
function decoded(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}
