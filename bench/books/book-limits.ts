/**
 * How far the boundaries fall when each number that heading detection weighs with is a fifth lower or higher: on the gold
 * books of the corpus, and on one invented book of every shape. Ends with 1 where the mean of either falls by more than 0.01.
 *
 *   npm run bench -- book-limits [--books <corpus>] [--seed 101]
 */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  alignBook,
  cleanBook,
  decodeBytes,
  measureTopology,
  readSource,
  usualLimits,
  type Book,
  type Limits,
} from '@scriptorium/books/structure';
import { f1, matchBoundaries, unitStarts } from './score/boundaries.ts';
import { bodyOffsets, readGold, type GoldBook } from './score/gold.ts';
import { printShape, shapes } from './shapes/shapes.ts';

const { values } = parseArgs({ options: { books: { type: 'string' }, seed: { type: 'string', default: '101' } } });

/** How much F1 may fall. */
const tolerated = 0.01;

interface Cleaned {
  readonly gold: GoldBook;
  readonly text: string;
  readonly book: Book;
}

const corpus = values.books ?? fileURLToPath(new URL('../../../shared/corpus', import.meta.url));
const sets: { readonly [name: string]: readonly Cleaned[] } = {
  corpus: await readCorpus(),
  shapes: await inventBooks(Number(values.seed)),
};
const usual = Object.fromEntries(Object.entries(sets).map(([name, books]) => [name, meanAt(books, usualLimits)]));
const names = Object.keys(sets);
console.log(
  `${'limit'.padEnd(20)}${names
    .flatMap((name) => [`${name} -20 %`, `${name} +20 %`])
    .map((head) => head.padStart(15))
    .join('')}`,
);
console.log(`${'as they are'.padEnd(20)}${names.map((name) => usual[name]!.toFixed(4).padStart(30)).join('')}`);
let lowest = 0;
for (const limit of Object.keys(usualLimits) as (keyof Limits)[]) {
  const falls = names.flatMap((name) =>
    [0.8, 1.2].map((times) => meanAt(sets[name]!, { ...usualLimits, [limit]: usualLimits[limit] * times }) - usual[name]!),
  );
  lowest = Math.min(lowest, ...falls);
  console.log(`${limit.padEnd(20)}${falls.map((fall) => fall.toFixed(4).padStart(15)).join('')}`);
}
console.log(`\nlowest ${lowest.toFixed(4)}, at most ${String(tolerated)} may be lost: ${lowest < -tolerated ? 'MISSED' : 'met'}`);
if (lowest < -tolerated) process.exitCode = 1;

function meanAt(books: readonly Cleaned[], limits: Limits): number {
  const scores = books.map(({ gold, text, book }) => f1(matchBoundaries(text, unitStarts(alignBook(book, limits)), bodyOffsets(gold))));
  return scores.reduce((sum, score) => sum + score, 0) / Math.max(1, scores.length);
}

async function readCorpus(): Promise<Cleaned[]> {
  const books: Cleaned[] = [];
  for (const gold of (await readGold(corpus)).values()) {
    const path = join(corpus, 'raw', `${gold.id}.txt`);
    if (gold.contents === null) books.push(await cleanedOf(gold, decodeBytes(await readFile(path)).text, path));
  }
  return books;
}

async function inventBooks(seed: number): Promise<Cleaned[]> {
  const folder = await mkdtemp(join(tmpdir(), 'limits-'));
  try {
    const books: Cleaned[] = [];
    for (const shape of shapes) {
      const { text, gold } = printShape(shape, seed);
      const path = join(folder, 'book.txt');
      await writeFile(path, text);
      books.push(await cleanedOf(gold, text, path));
    }
    return books;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function cleanedOf(gold: GoldBook, text: string, path: string): Promise<Cleaned> {
  const source = await readSource(path);
  return { gold, text, book: cleanBook(source, measureTopology(gold.id, source), {}) };
}
