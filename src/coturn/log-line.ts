import { stunCode, stunMethod, type AuthFailure, type StunCode, type StunMethod } from './log-labels';

/** coturn's number of a session, 18 digits, in two numbers of nine as `AllocationId` has them. */
export interface LogSession {
  readonly high: number;
  readonly low: number;
}

/** Why coturn closed a session. `timeout` is also how it ends an allocation that the client gave back. */
export type LogCloseReason =
  'timeout' | 'forced' | 'client' | 'peer' | 'watchdog' | 'superseded' | 'socket_error' | 'tls_error' | 'other';

/** What a line of coturn's log says, as far as this agent wants to know it. */
export type LogEntry =
  /** `summary`: the record that coturn adds for each error answer; it has no method. */
  | (LogSession & {
      readonly kind: 'error';
      readonly method: StunMethod;
      readonly code: StunCode;
      readonly summary: boolean;
      readonly hasUser: boolean;
    })
  /** `expiresAt`: the leading number of the user name, which in REST mode is its expiry in seconds since the epoch. */
  | { readonly kind: 'auth_failure'; readonly reason: AuthFailure; readonly expiresAt?: number }
  /** A session without user ends that was never sent a STUN answer. */
  | (LogSession & { readonly kind: 'unanswered' })
  /** `stage` 1: the client's socket alone, the allocation waits for a mobile client (RFC 8016). */
  | (LogSession & {
      readonly kind: 'closed';
      readonly stage: 1 | 2;
      readonly reason: LogCloseReason;
      readonly overTls: boolean;
      readonly hasUser: boolean;
    })
  /** An allocation ends; of sessions without one coturn tells no such thing (4.6.1 and 4.17.1, `clear_allocation`). */
  | (LogSession & { readonly kind: 'deleted' })
  | { readonly kind: 'terminating' }
  | { readonly kind: 'redis_broken' };

const SESSION = /session (\d{9})(\d{9}): /y;
/** An origin is whatever the client says, so the last match counts. User names hold no white space by then (`is_secure_string`). */
const ERROR =
  /(?:origin <.*> )?realm <[^<>]*> user <(\S*)>: incoming packet ([A-Z_ ]{1,24}|message) processed, error (\d{3}): [^<>]*$/y;
const UNANSWERED = /usage: realm=<[^<>]*>, username=<>, rp=\d+, rb=\d+, sp=0, /y;
const CLOSED =
  /closed \(([12])(?:st|nd) stage\), user <(\S*)> realm <[^<>]*> origin <.*>, local \S*, remote \S*, reason: ([^<>]*)$/y;
const DELETED = /delete: realm=<[^<>]*>, username=<\S*>$/y;
const NO_CREDENTIALS = /check_stun_auth: Cannot find credentials of user <(\S*)>$/y;
const WRONG_PASSWORD = /check_stun_auth: user \S* credentials are incorrect$/y;
const MALFORMED = /(?:check_stun_auth|handle_turn_allocate): wrong (?:username|realm): /y;
const TERMINATING = /(?:Draining then t|T)erminating on signal \d{1,3}$/iy;
const REDIS_BROKEN = /\w{1,64}: Redis connection broken: [\w=, ]*$/y;
/** The separator of REST user names is configurable. */
const LEADING_NUMBER = /^\d{1,15}(?=\W)/;

const CLOSE_REASONS: readonly (readonly [string, LogCloseReason])[] = [
  ['allocation timeout', 'timeout'],
  ['Forceful shutdown', 'forced'],
  ['connection closed by client', 'client'],
  ['connection closed by peer', 'peer'],
  ['allocation watchdog', 'watchdog'],
  ['superseded', 'superseded'],
  ['socket buffer operation error', 'socket_error'],
  ['SSL read error', 'tls_error'],
];

/**
 * What stands in `line` after its header, from `at` on; undefined for a line of no interest. Never throws. The line can
 * be forged (COTURN.md): nothing of its text is in the answer but numbers and words of bounded sets.
 */
export function parseLogMessage(line: string, at: number): LogEntry | undefined {
  const session = match(SESSION, line, at);
  if (!session) return parseServerMessage(line, at);
  const id = { high: Number(session[1]), low: Number(session[2]) };
  const start = at + session[0].length;
  switch (line.charAt(start)) {
    case 'o':
    case 'r':
      return parseError(id, line, start);
    case 'u':
      return match(UNANSWERED, line, start) && { ...id, kind: 'unanswered' };
    case 'c':
      return parseClosed(id, line, start) ?? parseAuthFailure(line, start);
    case 'd':
      return match(DELETED, line, start) && { ...id, kind: 'deleted' };
    default:
      return parseAuthFailure(line, start);
  }
}

function parseServerMessage(line: string, at: number): LogEntry | undefined {
  if (match(TERMINATING, line, at)) return { kind: 'terminating' };
  if (match(REDIS_BROKEN, line, at)) return { kind: 'redis_broken' };
  return parseAuthFailure(line, at);
}

function parseError(id: LogSession, line: string, at: number): LogEntry | undefined {
  // Most requests succeed, and this test is cheaper than the pattern.
  if (!line.includes(' processed, error ', at)) return undefined;
  const error = match(ERROR, line, at);
  if (!error) return undefined;
  const [, user = '', method = '', code = ''] = error;
  return {
    ...id,
    kind: 'error',
    method: stunMethod(method),
    code: stunCode(code),
    summary: method === 'message',
    hasUser: user !== '',
  };
}

function parseClosed(id: LogSession, line: string, at: number): LogEntry | undefined {
  const closed = match(CLOSED, line, at);
  if (!closed) return undefined;
  const [, stage, user, text = ''] = closed;
  const reason = CLOSE_REASONS.find(([words]) => text.includes(words))?.[1] ?? 'other';
  const overTls = text.startsWith('TLS/TCP ');
  return { ...id, kind: 'closed', stage: stage === '1' ? 1 : 2, reason, overTls, hasUser: user !== '' };
}

function parseAuthFailure(line: string, at: number): LogEntry | undefined {
  const unknown = match(NO_CREDENTIALS, line, at);
  if (unknown) {
    const expiry = LEADING_NUMBER.exec(unknown[1] ?? '');
    return { kind: 'auth_failure', reason: 'unknown', ...(expiry && { expiresAt: Number(expiry[0]) }) };
  }
  if (match(WRONG_PASSWORD, line, at)) return { kind: 'auth_failure', reason: 'incorrect' };
  if (match(MALFORMED, line, at)) return { kind: 'auth_failure', reason: 'malformed' };
  return undefined;
}

/** Matches a sticky pattern at one place. */
function match(pattern: RegExp, line: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(line) ?? undefined;
}
