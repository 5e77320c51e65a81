/** "Did you mean": the nearest known name by Damerau-Levenshtein distance (optimal string alignment). */

/** Longer names are typed by nobody; comparing them would cost more than it helps. */
const MAX_LENGTH = 64;

/** The candidate that was most likely meant by `name`, or null. Earlier candidates win ties. */
export function closest(name: string, candidates: Iterable<string>): string | null {
  const allowed = Math.max(1, Math.floor((name.length + 2) / 4));
  let best: string | null = null;
  let bestDistance = allowed + 1;
  for (const candidate of candidates) {
    const distance = distanceOf(name, candidate, bestDistance);
    if (candidate !== name && distance < bestDistance && distance < Math.max(name.length, candidate.length)) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** ` — did you mean 'x'?`, or nothing. */
export function didYouMean(suggestion: string | null, quote = "'"): string {
  return suggestion === null ? '' : ` — did you mean ${quote}${suggestion}${quote}?`;
}

/** Names for a message: at most twelve, the rest counted. */
export function listNames(names: readonly string[]): string {
  const shown = names.slice(0, 12).join(', ');
  return names.length > 12 ? `${shown} and ${names.length - 12} more` : shown;
}

function distanceOf(a: string, b: string, limit: number): number {
  if (a.length > MAX_LENGTH || b.length > MAX_LENGTH || Math.abs(a.length - b.length) >= limit) return limit;
  if (a.toLowerCase() === b.toLowerCase()) return 0;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1] ? 0 : 1;
      let least = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + same);
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) least = Math.min(least, beforeLast[column - 2]! + 1);
      current.push(least);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length]!;
}
