import { CLIENT_LEG, PEER_LEG, type Leg, type LegCounts } from '../turn/counts';
import { parseLogHeader, parseLogTime, type LogTime } from './log-header';
import { parseLogMessage, type LogCloseReason, type LogSession } from './log-line';

/** Who made an allocation: Latin-1 text as the file has it. */
export interface LoggedOwner {
  readonly realm: string;
  readonly username: string;
}

/** A line that tells of an allocation. */
export type AllocationLine = LogSession &
  (
    | (LoggedOwner & { readonly kind: 'new'; readonly at: LogTime })
    /** What the leg carried since the last such line. */
    | (LoggedOwner & { readonly kind: 'usage'; readonly leg: Leg; readonly counts: LegCounts })
    /** Sessions without an allocation have this one too, and `usage`. */
    | { readonly kind: 'closed'; readonly reason: LogCloseReason }
    | (LoggedOwner & { readonly kind: 'deleted'; readonly at: LogTime })
  );

const SESSION = 'session ';
/** `session `, 18 digits, `: `. */
const SESSION_LENGTH = 28;
/** coturn refuses user names with white space (`is_secure_string`), so that the last `>, ` is the name's end. */
const NEW = /new, realm=<([^<>]*)>, username=<(\S*)>, lifetime=\d{1,10}(?:, cipher=[^<>]*)?$/y;
const USAGE =
  /(peer )?usage: realm=<([^<>]*)>, username=<(\S*)>, rp=(\d{1,15}), rb=(\d{1,15}), sp=(\d{1,15}), sb=(\d{1,15})$/y;
const DELETED = /delete: realm=<([^<>]*)>, username=<(\S*)>$/y;
const ID = /(\d{9})(\d{9}): /y;
const [LETTER_C, LETTER_D, LETTER_N, LETTER_P, LETTER_U] = Array.from('cdnpu', (letter) => letter.charCodeAt(0));
/** `peer usage`, where most lines that begin so are `peer <address> lifetime updated`. */
const PEER_USAGE = 'peer u';

/**
 * What the line tells of an allocation, if it does. Never throws. Most lines are rejected by one letter, and those of no
 * interest by their id; `begins` says that the line is of a new one.
 */
export function parseAllocationLine(
  line: string,
  isOfInterest: (session: LogSession, begins: boolean) => boolean,
): AllocationLine | undefined {
  const session = line.indexOf(SESSION);
  if (session < 0 || !mayTell(line, session + SESSION_LENGTH)) return undefined;
  const id = match(ID, line, session + SESSION.length);
  if (!id) return undefined;
  const which = { high: Number(id[1]), low: Number(id[2]) };
  const begins = line.charCodeAt(session + SESSION_LENGTH) === LETTER_N;
  if (!isOfInterest(which, begins) || parseLogHeader(line)?.length !== session) return undefined;
  return parseOf(which, line, session);
}

function mayTell(line: string, at: number): boolean {
  switch (line.charCodeAt(at)) {
    case LETTER_C:
    case LETTER_D:
    case LETTER_N:
    case LETTER_U:
      return true;
    case LETTER_P:
      return line.startsWith(PEER_USAGE, at);
    default:
      return false;
  }
}

function parseOf(which: LogSession, line: string, session: number): AllocationLine | undefined {
  const at = session + SESSION_LENGTH;
  switch (line.charCodeAt(at)) {
    case LETTER_C:
      return parseClosed(which, line, session);
    case LETTER_D:
      return parseTimed(which, 'deleted', line, match(DELETED, line, at));
    case LETTER_N:
      return parseTimed(which, 'new', line, match(NEW, line, at));
    default:
      return parseUsage(which, match(USAGE, line, at));
  }
}

function parseTimed(
  which: LogSession,
  kind: 'new' | 'deleted',
  line: string,
  found: RegExpExecArray | undefined,
): AllocationLine | undefined {
  const at = found && parseLogTime(line);
  return at && { ...which, kind, at, realm: found[1] ?? '', username: found[2] ?? '' };
}

function parseUsage(which: LogSession, found: RegExpExecArray | undefined): AllocationLine | undefined {
  if (!found) return undefined;
  const [, peer, realm = '', username = '', ...numbers] = found;
  const [receivedPackets = 0, receivedBytes = 0, sentPackets = 0, sentBytes = 0] = numbers.map(Number);
  const counts = { receivedPackets, receivedBytes, sentPackets, sentBytes };
  return { ...which, kind: 'usage', leg: peer === undefined ? CLIENT_LEG : PEER_LEG, counts, realm, username };
}

/** The first stage of a close ends no allocation: it waits for a mobile client (RFC 8016). */
function parseClosed(which: LogSession, line: string, session: number): AllocationLine | undefined {
  const closed = parseLogMessage(line, session);
  return closed?.kind === 'closed' && closed.stage === 2
    ? { ...which, kind: 'closed', reason: closed.reason }
    : undefined;
}

function match(pattern: RegExp, line: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(line) ?? undefined;
}
