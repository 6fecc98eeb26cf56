import type { AuthFailure, StunCode, StunMethod, TlsProtocol } from './log-labels';
import type { LogEvent } from './log-reader';

/** What the log has told since the agent's start, in plain numbers that a scrape copies. */
export class LogCounts {
  lines = 0;
  bytes = 0;
  /** Lines not read because a client may have written them, and lines too long to be a record. */
  readonly ignored = { doubtful: 0, too_long: 0 };
  readonly stunErrors = new Map<StunMethod, Map<StunCode, number>>();
  readonly authFailures: Record<AuthFailure, number> = { unknown: 0, incorrect: 0, expired: 0, malformed: 0 };
  readonly handshakeFailures: Record<TlsProtocol, number> = { tls: 0, dtls: 0 };

  add(event: LogEvent): void {
    switch (event.kind) {
      case 'stun_error':
        this.addStunError(event.method, event.code);
        break;
      case 'auth_failure':
        this.authFailures[event.reason]++;
        break;
      case 'handshake_failure':
        this.handshakeFailures[event.protocol]++;
        break;
      case 'doubtful':
        this.ignored.doubtful++;
        break;
      case 'closed':
      case 'allocation_deleted':
      case 'terminating':
      case 'redis_broken':
    }
  }

  private addStunError(method: StunMethod, code: StunCode): void {
    const codes = this.stunErrors.get(method) ?? new Map<StunCode, number>();
    codes.set(code, (codes.get(code) ?? 0) + 1);
    this.stunErrors.set(method, codes);
  }
}
