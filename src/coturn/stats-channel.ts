import type { Principal } from '../turn/event';
import { byteText, BytePattern, type ByteText } from './byte-pattern';

/** What a channel tells, which is also a key: `turn/realm/<realm>/user/<user>/allocation/<18 digits>/<kind>`. */
export type StatsKind = 'status' | 'traffic' | 'traffic/peer' | 'total_traffic' | 'total_traffic/peer';

const KINDS: readonly StatsKind[] = ['status', 'traffic', 'traffic/peer', 'total_traffic', 'total_traffic/peer'];
const REALM = new BytePattern('turn/realm/');
const USER = new BytePattern('turn/user/');
const USER_AFTER_REALM = '/user/';
const ALLOCATION = new BytePattern('/allocation/');
const SUFFIXES = KINDS.map((kind) => ({ kind, pattern: new BytePattern(`/${kind}`) }));
type Suffix = (typeof SUFFIXES)[number];
/** By the last byte, so that few have to be compared. */
const SUFFIXES_BY_LAST_BYTE = Array.from({ length: 256 }, (_, byte) =>
  SUFFIXES.filter(({ kind }) => kind.charCodeAt(kind.length - 1) === byte),
);
const ID_DIGITS = 18;
const WORD = 4;
const ZERO = 0x30;

/**
 * Reads channels in place. Parsing goes from both ends, since a user name may hold `/` and `:` or be empty
 * (coturn 4.6.1 and 4.17.1); nothing is allocated until the principal is asked for. One instance, used again.
 */
export class StatsChannel {
  kind: StatsKind = 'status';
  /** The first and the last nine digits of the allocation's id. */
  high = 0;
  low = 0;
  private text = byteText(Buffer.alloc(0));
  private start = 0;
  private principalEnd = 0;
  private idEnd = 0;
  private keptView = this.text.view;
  private keptStart = 0;
  private keptLength = -1;

  /** False where the bytes are no channel of an allocation. */
  parse(text: ByteText, start: number, end: number): boolean {
    const { buffer, view } = text;
    const suffix = findSuffix(text, start, end);
    if (!suffix) return false;
    const idEnd = end - suffix.pattern.length;
    const principalEnd = idEnd - ID_DIGITS - ALLOCATION.length;
    if (principalEnd < start || !ALLOCATION.isAt(view, principalEnd, idEnd)) return false;
    if (!REALM.isAt(view, start, principalEnd) && !USER.isAt(view, start, principalEnd)) return false;
    this.kind = suffix.kind;
    this.high = nineDigits(buffer, idEnd - ID_DIGITS);
    this.low = nineDigits(buffer, idEnd - ID_DIGITS / 2);
    this.text = text;
    this.start = start;
    this.principalEnd = principalEnd;
    this.idEnd = idEnd;
    return this.high >= 0 && this.low >= 0;
  }

  /** Remembers whose allocation this is, for `isAsKept`, as long as its bytes stay where they are. */
  keep(): void {
    this.keptView = this.text.view;
    this.keptStart = this.start;
    this.keptLength = this.idEnd - this.start;
  }

  /** The bytes of what was kept are no more. */
  forget(): void {
    this.keptLength = -1;
  }

  /** Whether it is the same user's same allocation as what was kept. */
  isAsKept(): boolean {
    const { start, keptStart, keptLength, keptView } = this;
    if (this.idEnd - start !== keptLength) return false;
    const { view } = this.text;
    // From the end, where they differ as a rule; the last word may overlap the one before.
    for (let at = keptLength - WORD; at >= 0; at -= WORD) {
      if (view.getInt32(start + at, true) !== keptView.getInt32(keptStart + at, true)) return false;
    }
    return view.getInt32(start, true) === keptView.getInt32(keptStart, true);
  }

  /** coturn's relay threads number their allocations apart: the first three digits are the thread's. */
  get thread(): number {
    return Math.trunc(this.high / 1_000_000);
  }

  /**
   * Whether it is this user's; false also where that is not plain to see, as with other letters than ASCII. Makes no
   * string, where `principal` makes two.
   */
  isPlainlyOf(realm: string, username: string): boolean {
    const userStart = this.principalEnd - username.length;
    if (realm === '') return userStart === this.start + USER.length && this.holds(username, userStart);
    const realmStart = this.start + REALM.length;
    const isLongEnough = userStart === realmStart + realm.length + USER_AFTER_REALM.length;
    return isLongEnough && this.holds(username, userStart) && this.holds(realm, realmStart);
  }

  /** Whose allocation it is. Valid until the next `parse`. */
  principal(): Principal {
    const { start, principalEnd } = this;
    const { buffer, view } = this.text;
    if (USER.isAt(view, start, principalEnd)) {
      return { realm: '', username: buffer.toString('utf8', start + USER.length, principalEnd) };
    }
    const realm = start + REALM.length;
    // From one byte earlier: the realm may be empty, and its slash be that of `/user/`.
    const found = buffer.indexOf(USER_AFTER_REALM, realm - 1);
    const realmEnd = found === -1 || found > principalEnd ? principalEnd : found;
    return {
      realm: buffer.toString('utf8', realm, Math.max(realm, realmEnd)),
      username: buffer.toString('utf8', realmEnd + USER_AFTER_REALM.length, principalEnd),
    };
  }

  private holds(text: string, at: number): boolean {
    const { buffer } = this.text;
    for (let i = 0; i < text.length; i++) if (buffer[at + i] !== text.charCodeAt(i)) return false;
    return true;
  }
}

/** The channel's text for an allocation's status, as coturn writes it. */
export function statusKey({ realm, username }: Principal, id: string): string {
  const owner = realm === '' ? '' : `realm/${realm}/`;
  return `turn/${owner}user/${username}/allocation/${id}/status`;
}

function findSuffix({ buffer, view }: ByteText, start: number, end: number): Suffix | undefined {
  for (const suffix of SUFFIXES_BY_LAST_BYTE[buffer[end - 1] ?? 0] ?? []) {
    if (suffix.pattern.endsAt(view, start, end)) return suffix;
  }
  return undefined;
}

function nineDigits(buffer: Buffer, start: number): number {
  let value = 0;
  for (let i = start; i < start + ID_DIGITS / 2; i++) {
    const digit = (buffer[i] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}
