import type { AllocationId } from '../turn/event';
import type { ClosedAllocation } from '../turn/fact';

/** What happened to an allocation while it was open; times of the relay's clock. */
export interface AllocationNotes {
  /** The first ones only. */
  readonly refreshedAt: readonly number[];
  readonly refreshes: number;
  readonly relayingAt: number | undefined;
}

type Note = { -readonly [Key in keyof AllocationNotes]: AllocationNotes[Key] } & { readonly refreshedAt: number[] };

const NOTHING: AllocationNotes = { refreshedAt: [], refreshes: 0, relayingAt: undefined };
const MAX_REFRESHES = 16;
/** Some 10 MB. */
const MAX_NOTES = 50_000;

/** Of the open allocations that something happened to; those that come when it is full go without. */
export class NotesOfOpen {
  private readonly byId = new Map<string, Note>();

  constructor(private readonly max = MAX_NOTES) {}

  get size(): number {
    return this.byId.size;
  }

  refreshed(id: AllocationId, at: number): void {
    const note = this.noteOf(id);
    if (!note) return;
    note.refreshes++;
    if (note.refreshedAt.length < MAX_REFRESHES) note.refreshedAt.push(at);
  }

  relaying(id: AllocationId, at: number): void {
    const note = this.noteOf(id);
    if (note) note.relayingAt = at;
  }

  /** It has closed: gives what was noted, and forgets it. */
  take({ origin, id }: Pick<ClosedAllocation, 'origin' | 'id'>): AllocationNotes {
    const key = `${origin}/${id}`;
    const note = this.byId.get(key);
    this.byId.delete(key);
    return note ?? NOTHING;
  }

  private noteOf({ origin, high, low }: AllocationId): Note | undefined {
    const key = `${origin}/${nineDigits(high)}${nineDigits(low)}`;
    const known = this.byId.get(key);
    if (known ?? this.byId.size >= this.max) return known;
    const note: Note = { refreshedAt: [], refreshes: 0, relayingAt: undefined };
    this.byId.set(key, note);
    return note;
  }
}

/** coturn's ids have eighteen, half of them in each number. */
function nineDigits(half: number): string {
  return String(half).padStart(9, '0');
}
