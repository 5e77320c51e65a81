/** "Did you mean": the nearest known name by Damerau-Levenshtein distance (optimal string alignment). */

/** Longer names are typed by nobody; comparing them would cost more than it helps. */
const MAX_LENGTH = 64;

/** What a name has in common with another must say something. */
const SHORTEST_BEGINNING = 4;

/** The one of `names` that was most likely meant by `name`, or null. Earlier ones win ties. */
export function closest(name: string, names: Iterable<string>): string | null {
  const candidates = [...names];
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
  return best ?? beginning(name, candidates);
}

/** The one candidate that `name` is the beginning of, or that is the beginning of `name`. */
function beginning(name: string, candidates: readonly string[]): string | null {
  const [found, another] = candidates.filter(
    (each) => isComparable(each) && isComparable(name) && (each.startsWith(name) || name.startsWith(each)),
  );
  return found !== undefined && another === undefined ? found : null;
}

function isComparable({ length }: string): boolean {
  return length >= SHORTEST_BEGINNING && length <= MAX_LENGTH;
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
