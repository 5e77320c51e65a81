/**
 * Edit distance of long texts that differ little: the furthest-reaching points of each diagonal (Ukkonen 1985), so that
 * n letters with d differences cost n + d² and not n².
 */

/** Single letters put in, left out or replaced between two texts, in UTF-16 units; `limit` where there are as many or more. */
export function editDistance(one: string, other: string, limit: number = Math.max(one.length, other.length)): number {
  const last = other.length - one.length;
  if (Math.abs(last) >= limit) return limit;
  // Diagonals -limit to limit at index + limit + 1, with a border on either side.
  const size = 2 * limit + 3;
  const unreached = -2;
  let before = new Int32Array(size).fill(unreached);
  let now = new Int32Array(size).fill(unreached);
  for (let edits = 0; edits < limit; edits += 1) {
    for (let diagonal = -edits; diagonal <= edits; diagonal += 1) {
      const index = diagonal + limit + 1;
      let at = edits === 0 ? 0 : Math.max(before[index]! + 1, before[index - 1]!, before[index + 1]! + 1);
      at = Math.min(at, one.length, other.length - diagonal);
      if (at < 0) {
        now[index] = unreached;
        continue;
      }
      while (at < one.length && at + diagonal < other.length && one.charCodeAt(at) === other.charCodeAt(at + diagonal)) at += 1;
      now[index] = at;
    }
    if (Math.abs(last) <= edits && now[last + limit + 1]! >= one.length) return edits;
    [before, now] = [now, before];
  }
  return limit;
}
