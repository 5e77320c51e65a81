/** Where in the input something stands, as people look it up: file, line and column, and the line itself. */

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Schema } from '@scriptorium/core';
import type { SourceSpan } from '../document.ts';
import { decodeBytes } from './encoding.ts';

export type Place = {
  /** Name of the file, of a book in several files within its folder. */
  readonly file: string;
  /** From 1; null in a file within an archive. */
  readonly line: number | null;
  /** From 1, in Unicode code points. */
  readonly column: number | null;
  /** The line without the spaces around it; longer ones are cut. */
  readonly text: string;
};

export const placeSchema: Schema = {
  type: 'object',
  required: ['file', 'line', 'column', 'text'],
  properties: {
    file: { type: 'string' },
    line: { type: ['integer', 'null'] },
    column: { type: ['integer', 'null'] },
    text: { type: 'string' },
  },
  additionalProperties: false,
};

/** Letters of a line that are kept, and of those the ones before the column. */
const longestLine = 160;
const lead = 20;

export type PlaceFinder = (span: SourceSpan) => Place | null;

/**
 * `path` is the book's file or folder, `names` its files in the order of the document. Files are read when something in
 * them is first looked up; null for what cannot be read any more.
 */
export function placeFinder(path: string, names: readonly string[]): PlaceFinder {
  const opened = new Map<number, OpenedFile | null>();
  return (span) => {
    const index = span.file ?? 0;
    const name = names[index];
    if (name === undefined) return null;
    if (!opened.has(index)) opened.set(index, openFile(path, name));
    const file = opened.get(index) ?? null;
    return file === null ? { file: name, line: null, column: null, text: '' } : placeIn(file, name, span.start);
  };
}

interface OpenedFile {
  readonly text: string;
  /** Where each line begins, in UTF-16 units. */
  readonly begins: readonly number[];
  /** The same in code points. */
  readonly starts: readonly number[];
}

function openFile(path: string, name: string): OpenedFile | null {
  try {
    const { text } = decodeBytes(readFileSync(statSync(path).isDirectory() ? join(path, name) : path));
    // An archive, whose files are not text.
    if (text.includes('\0')) return null;
    return { text, ...linesOf(text) };
  } catch {
    return null;
  }
}

/** Lines end with a line feed, a carriage return, or both. */
function linesOf(text: string): Pick<OpenedFile, 'begins' | 'starts'> {
  const begins: number[] = [0];
  const starts: number[] = [0];
  let pairs = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if ((code & 0xfc00) === 0xd800) pairs += 1;
    if (code !== 10 && (code !== 13 || text.charCodeAt(index + 1) === 10)) continue;
    begins.push(index + 1);
    starts.push(index + 1 - pairs);
  }
  return { begins, starts };
}

function placeIn({ text, begins, starts }: OpenedFile, file: string, offset: number): Place {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  const column = offset - (starts[low] ?? 0) + 1;
  return { file, line: low + 1, column, text: shown([...text.slice(begins[low], begins[low + 1])], column) };
}

/** The line, or of a longer one what stands at the column. */
function shown(line: readonly string[], column: number): string {
  if (line.length <= longestLine) return line.join('').trim();
  const from = column <= longestLine / 2 ? 0 : column - 1 - lead;
  const text = line
    .slice(from, from + longestLine)
    .join('')
    .trim();
  return `${from > 0 ? '…' : ''}${text}${from + longestLine < line.length ? '…' : ''}`;
}
