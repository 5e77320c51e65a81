/** Finding text in text in linear time, and counting in Unicode code points. */

/** Longer needles are searched by Knuth–Morris–Pratt: the native search takes length × needle steps at worst. */
export const MAX_NATIVE_NEEDLE = 16;

export type Finder = (text: string, from: number) => number;

/** A search for `needle` that answers as `text.indexOf(needle, from)`. */
export function finderOf(needle: string): Finder {
  if (needle.length <= MAX_NATIVE_NEEDLE) return (text, from) => text.indexOf(needle, from);
  const borders = bordersOf(needle);
  return (text, from) => {
    let matched = 0;
    for (let at = from; at < text.length; at++) {
      while (matched > 0 && text.charCodeAt(at) !== needle.charCodeAt(matched)) matched = borders[matched - 1]!;
      if (text.charCodeAt(at) === needle.charCodeAt(matched)) matched += 1;
      if (matched === needle.length) return at - needle.length + 1;
    }
    return -1;
  };
}

/** Offsets of all occurrences that do not overlap, from the left. `limit` bounds their number. */
export function occurrences(text: string, needle: string, limit: number): readonly number[] {
  const find = finderOf(needle);
  const found: number[] = [];
  for (let at = find(text, 0); at >= 0 && found.length < limit; at = find(text, at + needle.length)) found.push(at);
  return found;
}

export function codePointsIn(text: string): number {
  let count = text.length;
  for (let at = 0; at < text.length - 1; at++) {
    if (isPairAt(text, at)) {
      count -= 1;
      at += 1;
    }
  }
  return count;
}

/** The UTF-16 offset of the code point with this index, the end of the text where it has fewer. */
export function offsetOf(text: string, index: number): number {
  let at = 0;
  for (let left = index; left > 0 && at < text.length; left--) at += isPairAt(text, at) ? 2 : 1;
  return at;
}

function isPairAt(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00;
}

/** For each prefix of the needle, the length of its longest border. */
function bordersOf(needle: string): Int32Array {
  const borders = new Int32Array(needle.length);
  let length = 0;
  for (let at = 1; at < needle.length; at++) {
    while (length > 0 && needle.charCodeAt(at) !== needle.charCodeAt(length)) length = borders[length - 1]!;
    if (needle.charCodeAt(at) === needle.charCodeAt(length)) length += 1;
    borders[at] = length;
  }
  return borders;
}
