import { isSameFile, type LogFileId, type LogPlace } from '../coturn/log-place';

interface Mark {
  readonly life: number;
  readonly place: LogPlace;
}

/** More lives than coturn can begin while nobody reads its log; the oldest are forgotten first. */
const MAX_PENDING = 1024;

/** Which life of coturn a line of its log belongs to, from the places where the lives began. */
export class LifeMarks {
  private life: number | undefined;
  private pending: Mark[] = [];
  private file: LogFileId | undefined;
  /** Where in the current file the next mark takes effect. */
  private next = Infinity;

  /** Lines from `place` on belong to `life`. Lives are marked in their order. */
  mark(life: number, place: LogPlace): void {
    this.pending.push({ life, place });
    if (this.pending.length > MAX_PENDING) this.pending.shift();
    this.next = this.nextOffset();
  }

  /** Reading goes on in this file; marks in files that are neither this nor `newer` have been passed. */
  enter(file: LogFileId, newer: readonly LogFileId[]): void {
    const ahead = [file, ...newer];
    this.takeUpTo(this.pending.findLastIndex(({ place }) => !ahead.some((other) => isSameFile(other, place))));
    this.file = file;
    this.next = this.nextOffset();
  }

  /** The life of the line that begins at this offset of the current file; undefined before the first mark. */
  lifeAt(offset: number): number | undefined {
    if (offset >= this.next) {
      this.takeUpTo(this.pending.findLastIndex(({ place }) => this.isHere(place) && place.offset <= offset));
      this.next = this.nextOffset();
    }
    return this.life;
  }

  private takeUpTo(last: number): void {
    if (last < 0) return;
    this.life = this.pending[last]?.life;
    this.pending = this.pending.slice(last + 1);
  }

  private nextOffset(): number {
    return this.pending.find(({ place }) => this.isHere(place))?.place.offset ?? Infinity;
  }

  private isHere(place: LogFileId): boolean {
    return this.file !== undefined && isSameFile(this.file, place);
  }
}
