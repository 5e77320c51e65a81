/**
 * Counts words by 64 bits of hash, without making strings of them: open addressing with two hashes of 32 bits. Two words
 * of one book share both once in many millions of books.
 */

export interface CountedWord {
  readonly count: number;
  /** Occurrences that begin with a small letter. */
  readonly small: number;
  /** Where it stood first: its line, and UTF-16 units of that line's text. */
  readonly line: number;
  readonly from: number;
  readonly to: number;
}

export interface WordTable {
  /** `first` and `second` are the finished hashes. */
  readonly add: (first: number, second: number, small: 0 | 1, line: number, from: number, to: number) => void;
  /** 0 for a word that was never added. */
  readonly count: (first: number, second: number) => number;
  /** Visits every word once, in the order of their first places. */
  readonly visit: (visitor: (word: CountedWord) => void) => void;
}

/** Numbers kept of each word, one after the other in one array: count, small, line, from, to and both hashes. */
const fields = 7;

export function wordTable(): WordTable {
  let size = 1 << 13;
  let used = 0;
  /** Second hashes by slot, 0 where it is free, and the words that they belong to. */
  let checks = new Uint32Array(size);
  let slots = new Uint32Array(size);
  let words = new Int32Array((size / 2) * fields);
  const slotOf = (first: number, second: number): number => {
    let slot = first & (size - 1);
    while (checks[slot] !== 0 && checks[slot] !== second) slot = (slot + 1) & (size - 1);
    return slot;
  };
  const grow = (): void => {
    size *= 2;
    checks = new Uint32Array(size);
    slots = new Uint32Array(size);
    const more = new Int32Array((size / 2) * fields);
    more.set(words);
    words = more;
    for (let word = 0; word < used; word += 1) {
      const second = words[word * fields + 6]! >>> 0;
      const slot = slotOf(words[word * fields + 5]!, second);
      checks[slot] = second;
      slots[slot] = word;
    }
  };
  return {
    add: (first, second, small, line, from, to) => {
      const slot = slotOf(first, second);
      if (checks[slot] !== 0) {
        const word = slots[slot]! * fields;
        words[word]! += 1;
        words[word + 1]! += small;
        return;
      }
      checks[slot] = second;
      slots[slot] = used;
      const word = used * fields;
      words[word] = 1;
      words[word + 1] = small;
      words[word + 2] = line;
      words[word + 3] = from;
      words[word + 4] = to;
      words[word + 5] = first;
      words[word + 6] = second;
      used += 1;
      if (used * 2 >= size) grow();
    },
    count: (first, second) => {
      const slot = slotOf(first, second);
      return checks[slot] === 0 ? 0 : words[slots[slot]! * fields]!;
    },
    visit: (visitor) => {
      for (let word = 0; word < used * fields; word += fields)
        visitor({ count: words[word]!, small: words[word + 1]!, line: words[word + 2]!, from: words[word + 3]!, to: words[word + 4]! });
    },
  };
}
