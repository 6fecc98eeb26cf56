/** The candidate that a mistyped word most likely meant: the same but for case and dashes, or a few letters away. */
export function didYouMean(word: string, candidates: readonly string[]): string | undefined {
  const wanted = plain(word);
  const scored = candidates
    .map((candidate) => ({ candidate, distance: editDistance(wanted, plain(candidate)) }))
    .sort((a, b) => a.distance - b.distance);
  const best = scored[0];
  return best && best.distance <= Math.max(1, wanted.length * 0.4) ? best.candidate : undefined;
}

function plain(word: string): string {
  return word.slice(0, 100).toLowerCase().replaceAll(/[-_]/g, '');
}

/** Levenshtein's distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let index = 1; index <= a.length; index++) {
    const next = [index];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (row[column - 1] ?? 0) + (a[index - 1] === b[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
