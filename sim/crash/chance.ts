/** Chance that can be had again from its name. */

/** The generator `mulberry32` over a hash of the name, so that a seed makes the same choices again; between 0 and 1. */
export function chanceOf(name: string): () => number {
  let state = 0;
  for (const letter of name) state = Math.imul(state ^ (letter.codePointAt(0) ?? 0), 0x9e3779b1) + 0x7f4a7c15;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
