import { isSameFile, type LogFileId, type LogPlace, type LogPosition } from '../coturn/log-place';
import { logName, openLogFile, type OpenLogFile } from './log-open';

type SizedFile = LogFileId & { readonly size: number };

/** A part of a log file that is to be read. */
export interface LogSegment<File extends SizedFile> {
  readonly file: File;
  readonly start: number;
  readonly end: number;
  readonly doubtfulBytes: number;
  /** Lines that begin here or later are past `since`. */
  readonly sinceOffset: number;
}

export interface LogRange {
  /** Without it from the beginning of the oldest file on. */
  readonly from?: LogPosition | undefined;
  /** Without it to the end of the newest file. */
  readonly until?: LogPlace | undefined;
  readonly since?: LogPlace | undefined;
}

/** Opens the log and what is left of its rotated files, the oldest first. The caller closes them. */
export async function openLogFiles(path: string, keep: number): Promise<OpenLogFile[]> {
  const files: OpenLogFile[] = [];
  try {
    // From the newest on: a rotation meanwhile shows a file twice, and hides none.
    for (let age = 0; age <= keep; age++) {
      const file = await openLogFile(logName(path, age));
      if (file && files.some((other) => isSameFile(other, file))) await file.handle.close();
      else if (file) files.push(file);
    }
    return files.reverse();
  } catch (error) {
    await closeLogFiles(files);
    throw error;
  }
}

export async function closeLogFiles(files: readonly OpenLogFile[]): Promise<void> {
  for (const { handle } of files) await handle.close();
}

/** The parts of these files, which are in their order, that lie in a range. */
export function segmentsOf<File extends SizedFile>(files: readonly File[], range: LogRange): LogSegment<File>[] {
  const { from, until, since } = range;
  const segments = files.map((file, index) => {
    const passed = from ? passes(files, index, from) : 0;
    // Less than has been read is there: it was truncated, and begins anew.
    const start = passed !== Infinity && passed > file.size ? 0 : passed;
    const end = until ? Math.min(file.size, passes(files, index, until)) : file.size;
    const doubtfulBytes = from && start > 0 ? from.doubtfulBytes : 0;
    return { file, start, end, doubtfulBytes, sinceOffset: since ? passes(files, index, since) : Infinity };
  });
  return segments.filter(({ start, end }) => start < end);
}

/** Where a file passes a place: 0 in newer files, and where the place's file is gone, for the oldest are deleted first. */
function passes(files: readonly LogFileId[], index: number, place: LogPlace): number {
  const at = files.findIndex((file) => isSameFile(file, place));
  if (index === at) return place.offset;
  return index > at ? 0 : Infinity;
}
