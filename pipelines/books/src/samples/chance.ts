/** Chance from a seed: the same seed makes the same samples on every machine. */

export interface Chance {
  /** From 0 up to, not including, `below`. */
  readonly integer: (below: number) => number;
  readonly between: (least: number, most: number) => number;
  readonly pick: <T>(list: readonly T[]) => T;
  readonly happens: (probability: number) => boolean;
  readonly shuffled: <T>(list: readonly T[]) => T[];
}

/** Mulberry32 (Tommy Ettinger, public domain): 32 bits of state are plenty for samples. */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const integer = (below: number): number => Math.floor(next() * below);
  return {
    integer,
    between: (least, most) => least + integer(most - least + 1),
    pick: (list) => {
      const picked = list[integer(list.length)];
      if (picked === undefined) throw new RangeError('nothing to pick from');
      return picked;
    },
    happens: (probability) => next() < probability,
    shuffled: (list) => {
      const copy = [...list];
      for (let index = copy.length - 1; index > 0; index -= 1) {
        const other = integer(index + 1);
        [copy[index], copy[other]] = [copy[other]!, copy[index]!];
      }
      return copy;
    },
  };
}
