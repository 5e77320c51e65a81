/** What a program prints, line by line and bounded: somebody who prints without end fills no memory and no log. */

import type { Readable } from 'node:stream';

export interface OutputLines {
  /** What is left of a line, and the count of what was dropped; begins anew. */
  readonly flush: () => void;
  /** Resolves when the line `mark` has come, which is not handed on. */
  readonly reached: (mark: string) => Promise<void>;
  /** Pieces that have come. */
  readonly pieces: () => number;
}

/** Longest line that is kept; the rest of it is dropped. */
const MAX_LINE = 10_000;
/** Most that is kept until {@link OutputLines.flush}. */
const MAX_LINES = 10_000;
const MAX_CHARS = 4 * 1024 * 1024;

/** Lines that are not `counted` are handed on however many there are. */
export function readLines(
  stream: Readable | null,
  onLine: (line: string) => void,
  counted: (line: string) => boolean = () => true,
): OutputLines {
  let pieces = 0;
  let rest = '';
  let lines = 0;
  let chars = 0;
  let dropped = 0;
  const waiting = new Map<string, () => void>();
  const reached = (mark: string): Promise<void> =>
    new Promise((resolve) => {
      waiting.set(mark, resolve);
    });
  const hear = (line: string): void => {
    if (line.trim() === '') return;
    const found = waiting.get(line);
    if (found !== undefined) return found();
    if (!counted(line)) return onLine(line);
    lines += 1;
    chars += line.length;
    if (lines > MAX_LINES || chars > MAX_CHARS) dropped += 1;
    else onLine(line);
  };
  const flush = (): void => {
    hear(rest);
    if (dropped > 0) onLine(`${dropped} more lines were dropped: only ${MAX_LINES} lines or ${MAX_CHARS} characters are kept`);
    rest = '';
    waiting.clear();
    [lines, chars, dropped] = [0, 0, 0];
  };
  stream?.setEncoding('utf8').on('data', (part: string) => {
    pieces += 1;
    const whole = (rest + part).split('\n');
    rest = (whole.pop() ?? '').slice(0, MAX_LINE);
    for (const line of whole) hear(line.length > MAX_LINE ? `${line.slice(0, MAX_LINE)}…` : line);
  });
  stream?.on('end', flush);
  return { flush, reached, pieces: () => pieces };
}
