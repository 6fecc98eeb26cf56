/**
 * coturn up to 4.16 writes text of clients that never authenticated into its log with the newlines in it, so that they
 * can make lines of their own. These are the places, each with the most bytes that the text can have: the limits of
 * ns_turn_msg_defs.h for user names, realms and origins, and the longest record (ns_turn_utils.c) for the rest.
 */
const MAX_RECORD_BYTES = 1024;
const MAX_ORIGIN_BYTES = 127;
const HOSTILE: readonly (readonly [string, number])[] = [
  ['wrong username: ', 512],
  ['wrong realm: ', 127],
  ['Wrong origin format: ', MAX_RECORD_BYTES],
  // With --web-admin-listen-on-workers or --web-admin alone.
  ['connection input: ', MAX_RECORD_BYTES],
];
const ORIGIN = ' origin <';
/**
 * What follows in a `closed` record without an origin. A client can imitate it: what is left of its 127 bytes then has
 * no room for a whole error record, the shortest of which is 95 bytes long.
 */
const NO_ORIGIN =
  />, local (?:[\d.]{7,15}|\[[\da-f:.]{2,45}\]):\d+, remote (?:[\d.]{7,15}|\[[\da-f:.]{2,45}\]):\d+, reason: \w/y;

/**
 * How many of the bytes after a line may have been written by a client. `bytes`: the line's length with its end, and
 * with what was cut off from `line`. What was cut off can hide anything, and no record is longer than 1024 bytes.
 */
export function doubtfulBytesAfter(line: string, bytes: number): number {
  if (bytes > line.length + 1) return MAX_RECORD_BYTES;
  let reach = originReach(line);
  for (const [words, limit] of HOSTILE) {
    // Searching forward is several times faster than backward, and mostly enough.
    if (line.includes(words)) reach = Math.max(reach, line.lastIndexOf(words) + words.length + limit);
  }
  return Math.max(0, reach - bytes);
}

function originReach(line: string): number {
  let reach = 0;
  for (let at = line.indexOf(ORIGIN); at >= 0; at = line.indexOf(ORIGIN, at + 1)) {
    const text = at + ORIGIN.length;
    NO_ORIGIN.lastIndex = text;
    if (!NO_ORIGIN.test(line)) reach = text + MAX_ORIGIN_BYTES;
  }
  return reach;
}
