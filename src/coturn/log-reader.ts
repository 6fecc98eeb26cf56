import { parseLogHeader } from './log-header';
import type { AuthFailure, StunCode, StunMethod, TlsProtocol } from './log-labels';
import { parseLogMessage, type LogCloseReason, type LogEntry, type LogSession } from './log-line';
import { RecentSessions } from './log-sessions';
import { LogTrust } from './log-trust';

/** What came of a line. `doubtful`: a client may have written it, so it was not read. */
export type LogEvent =
  | { readonly kind: 'stun_error'; readonly method: StunMethod; readonly code: StunCode }
  | { readonly kind: 'auth_failure'; readonly reason: AuthFailure }
  | { readonly kind: 'handshake_failure'; readonly protocol: TlsProtocol }
  | (LogSession & { readonly kind: 'closed'; readonly stage: 1 | 2; readonly reason: LogCloseReason })
  /** An allocation has ended. Clean or not: coturn tells so of every one, unless it dies itself. */
  | (LogSession & { readonly kind: 'allocation_deleted' })
  | { readonly kind: 'terminating' }
  | { readonly kind: 'redis_broken' }
  | { readonly kind: 'doubtful' };

const DOUBTFUL: LogEvent = { kind: 'doubtful' };
/** Two records that belong together stand a few lines apart, however many threads write between them. */
const REMEMBERED_SESSIONS = 256;

/** Reads coturn's log line by line. Its memory is bounded. What is in the log is hostile: see `LogTrust`. */
export class LogReader {
  private readonly trust = new LogTrust();
  /** The code of the last error that a session's request got, until its summary comes. */
  private readonly errors = new RecentSessions<StunCode>(REMEMBERED_SESSIONS);
  private readonly unanswered = new RecentSessions<true>(REMEMBERED_SESSIONS);

  /**
   * `line` is Latin-1 text without its newline; `bytes` counts what it takes in the file, with the newline and all that
   * was cut off. `now` is in milliseconds since the Unix epoch. Never throws.
   */
  read(line: string, bytes: number, now: number): LogEvent | undefined {
    if (!this.trust.believes(line, bytes)) return DOUBTFUL;
    const header = parseLogHeader(line);
    const entry = header && parseLogMessage(line, header.length);
    return entry && this.eventOf(entry, now);
  }

  /** How many of the bytes to come a client may have written. */
  get doubtfulBytes(): number {
    return this.trust.doubtfulBytes;
  }

  /** What comes next begins a record, and no client's text reaches into it; or it is where an earlier reader stopped. */
  goOn(doubtfulBytes = 0): void {
    this.trust.goOn(doubtfulBytes);
  }

  private eventOf(entry: LogEntry, now: number): LogEvent | undefined {
    switch (entry.kind) {
      case 'error':
        return this.errorOf(entry);
      case 'auth_failure':
        return { kind: 'auth_failure', reason: isOver(entry.expiresAt, now) ? 'expired' : entry.reason };
      case 'unanswered':
        this.unanswered.put(entry, true);
        return undefined;
      case 'closed':
        return this.closedOf(entry);
      case 'deleted':
        return { kind: 'allocation_deleted', high: entry.high, low: entry.low };
      case 'terminating':
      case 'redis_broken':
        return entry;
    }
  }

  /**
   * The first 401 of every allocation is the challenge, and carries no user. A request that its method's handler refused
   * has two records, one with the method and the summary; one that failed before (at authentication) has the summary alone.
   */
  private errorOf(entry: LogEntry & { kind: 'error' }): LogEvent | undefined {
    if (!entry.hasUser) return undefined;
    if (entry.summary && this.errors.take(entry) === entry.code) return undefined;
    if (!entry.summary) this.errors.put(entry, entry.code);
    return { kind: 'stun_error', method: entry.method, code: entry.code };
  }

  /**
   * coturn logs no handshake as such. One that failed ends a session without user that was never answered, with an error
   * of the TLS connection, or of the DTLS one that OpenSSL reads.
   */
  private closedOf(entry: LogEntry & { kind: 'closed' }): LogEvent {
    const { high, low, stage, reason } = entry;
    const unanswered = !entry.hasUser && this.unanswered.take(entry) === true;
    if (unanswered && reason === 'tls_error') return { kind: 'handshake_failure', protocol: 'dtls' };
    if (unanswered && reason === 'socket_error' && entry.overTls) return { kind: 'handshake_failure', protocol: 'tls' };
    return { kind: 'closed', high, low, stage, reason };
  }
}

/** coturn still accepts a REST user name in the second that it names (userdb.c, `get_user_key`). */
function isOver(expiresAt: number | undefined, now: number): boolean {
  return expiresAt !== undefined && expiresAt < Math.floor(now / 1000);
}
