/** Turns offsets into line and column. */

export interface Place {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly col: number;
  /** Where it is not in the definition's own text: the builder's file. */
  readonly file?: string;
}

export interface Lines {
  readonly at: (offset: number) => Place;
  /** Text of a line, counted from 1, without its end. */
  readonly text: (line: number) => string;
}

export function linesOf(source: string): Lines {
  const starts = [0];
  for (let at = source.indexOf('\n'); at !== -1; at = source.indexOf('\n', at + 1)) {
    starts.push(at + 1);
  }
  return {
    at(offset) {
      const line = lastAtOrBefore(starts, offset);
      return { line: line + 1, col: offset - (starts[line] ?? 0) + 1 };
    },
    text: (line) => source.slice(starts[line - 1] ?? source.length, starts[line] ?? source.length).replace(/\r?\n$/, ''),
  };
}

function lastAtOrBefore(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= offset) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}
