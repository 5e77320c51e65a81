/** What agents are writing at the moment: a line for each of the last ones, that follows the end of their text. */

import type { Streamed } from '@scriptorium/core';
import { oneLine, padTo, widthOf } from '../terminal.ts';
import { shortName } from './lines.ts';

/** Lines that are shown at once. */
const MAX_LINES = 3;
/** So long a line stays when nothing follows. */
const STAYS_MS = 3_000;
/** Characters of a text that are kept: more than the widest line. */
const KEPT = 1_000;

export interface Writing {
  readonly add: (piece: Streamed) => void;
  /** At most so wide, the steps in the order in which they began to write. */
  readonly lines: (columns: number) => readonly string[];
}

interface Line {
  readonly name: string;
  readonly attempt: number;
  text: string;
  at: number;
}

export function createWriting(now: () => number): Writing {
  const lines = new Map<string, Line>();
  const forget = (): void => {
    for (const [id, { at }] of lines) if (now() - at > STAYS_MS) lines.delete(id);
  };
  return {
    add: ({ run, step, key, attempt, text }) => {
      forget();
      const id = JSON.stringify([run, step, key]);
      const name = key === null ? shortName(step) : `${shortName(step)} ${oneLine(key)}`;
      const known = lines.get(id);
      const line = known?.attempt === attempt ? known : { name, attempt, text: '', at: 0 };
      line.text = (line.text + text).slice(-KEPT);
      line.at = now();
      lines.set(id, line);
    },
    lines: (columns) => {
      forget();
      const latest = [...lines.values()].toSorted((a, b) => b.at - a.at).slice(0, MAX_LINES);
      return [...lines.values()].filter((line) => latest.includes(line)).map(({ name, text }) => shownLine(name, text, columns));
    },
  };
}

function shownLine(name: string, text: string, columns: number): string {
  const label = padTo(endOf(name, Math.floor(columns / 3)), 12);
  return `${label} ${endOf(oneLine(text), Math.max(1, columns - widthOf(label) - 1))}`;
}

/** The end of the text in so many columns, with an ellipsis before it where something is left out. */
function endOf(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let kept = '';
  let width = 1;
  for (const character of [...text].toReversed()) {
    width += widthOf(character);
    if (width > columns) break;
    kept = character + kept;
  }
  return `…${kept}`;
}
