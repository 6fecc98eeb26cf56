/** Who did what, or wanted to. What makes a credential work has no place in it. */
export type AuditEntry = {
  readonly what: 'issue' | 'rotate' | 'revoke';
  /** The name of the key; `local`: a program on this machine, without one; undefined: nobody who is known. */
  readonly by: string | undefined;
  /** The address that it came from. */
  readonly from: string | undefined;
  readonly user?: string | undefined;
  readonly label?: string | undefined;
  readonly ttlSeconds?: number | undefined;
  /** A revocation that made what everybody holds worthless as well. */
  readonly rotate?: true | undefined;
} & ({ readonly outcome: 'done' } | { readonly outcome: 'refused'; readonly reason: string });

const MAX_TEXT = 256;
/** JSON leaves DEL, C1 and the line separators as they are: to a terminal or a viewer they may be more than text. */
const UNSAFE = /[\u007f-\u009f\u2028\u2029]/g;

/**
 * One line of JSON with its newline, bounded whatever the entry holds. Each field is named here, so that no other gets in.
 * `now`: milliseconds since the epoch. `leftOut`: refusals before this one that have no line.
 */
export function auditLine(entry: AuditEntry, now: number, leftOut: number): string {
  const fields = {
    time: new Date(now).toISOString(),
    what: entry.what,
    outcome: entry.outcome,
    reason: entry.outcome === 'refused' ? shortened(entry.reason) : undefined,
    by: shortened(entry.by) ?? null,
    from: shortened(entry.from) ?? null,
    user: shortened(entry.user),
    label: shortened(entry.label),
    ttl: entry.ttlSeconds,
    rotate: entry.rotate,
    leftOut: leftOut === 0 ? undefined : leftOut,
  };
  return `${JSON.stringify(fields).replaceAll(UNSAFE, escaped)}\n`;
}

function shortened(text: string | undefined): string | undefined {
  return text !== undefined && text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
