/**
 * How true the text of the book pipeline is to gold editions of the same works.
 *
 *   node bench/books/books-text.ts [--books <corpus>] [--book <part of an id>] [--differences <folder>]
 *
 * Prints for each book the letters-only character-error rate of its units: the median, the worst, and over all letters.
 * `--differences` writes both texts of every unit, a word a line, for `diff`. Ends with 1 when letters are lost, when
 * the distributor's text is left, or when the rates over all books miss their goals.
 */

import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { alignBook, cleanBook, measureTopology, readSource, restructureToc, type Book } from '@scriptorium/books/structure';
import { percentile } from '../figures.ts';
import { residueOf } from './score/residue.ts';
import { readGoldText } from './score/gold-text.ts';
import { scoreText, textGoals, type UnitScore } from './score/text.ts';

const { values } = parseArgs({
  options: { books: { type: 'string' }, book: { type: 'string', default: '' }, differences: { type: 'string' } },
});
await main(values.books ?? fileURLToPath(new URL('../../../shared/corpus', import.meta.url)), values.book, values.differences);

async function main(corpus: string, wanted: string, differences: string | undefined): Promise<void> {
  const all: UnitScore[] = [];
  let lost = 0;
  let residue = 0;
  console.log(
    `${'book'.padEnd(48)}${'units'.padStart(6)}${'median %'.padStart(10)}${'worst %'.padStart(10)}${'all %'.padStart(8)}  worst unit`,
  );
  for (const name of (await readdir(join(corpus, 'raw'))).toSorted()) {
    const id = name.endsWith('.txt') ? parse(name).name : name;
    if (!id.includes(wanted)) continue;
    const book = await structured(id, join(corpus, 'raw', name));
    if (book === null) continue;
    lost += Math.abs(book.letters.source - book.letters.kept - book.letters.removed);
    residue += residueOf(book);
    const gold = await readGoldText(corpus, id);
    if (gold === null) continue;
    const units = scoreText(book, gold);
    all.push(...units);
    console.log(lineOf(id, units));
    if (differences !== undefined) await writeTexts(differences, id, units);
  }
  const rates = all.map((unit) => unit.rate);
  const [median, p90] = [percentile(rates, 0.5), percentile(rates, 0.9)];
  console.log(
    `\n${all.length} units: median ${percent(median)} %, p90 ${percent(p90)} %; letters unexplained ${lost}, blocks with boilerplate ${residue}`,
  );
  if (lost > 0 || residue > 0 || median > textGoals.median || p90 > textGoals.p90) process.exitCode = 1;
}

async function structured(id: string, path: string): Promise<Book | null> {
  const source = await readSource(path);
  const topology = measureTopology(id, source);
  return topology.skip === null ? restructureToc(alignBook(cleanBook(source, topology, {}))) : null;
}

function lineOf(id: string, units: readonly UnitScore[]): string {
  const worst = units.toSorted((one, other) => other.rate - one.rate)[0];
  const sum = (value: (unit: UnitScore) => number): number => units.reduce((total, unit) => total + value(unit), 0);
  const over =
    sum((unit) => unit.edits) /
    Math.max(
      1,
      sum((unit) => unit.letters),
    );
  const median = percentile(
    units.map((unit) => unit.rate),
    0.5,
  );
  return `${id.slice(0, 46).padEnd(48)}${String(units.length).padStart(6)}${percent(median).padStart(10)}${percent(worst?.rate ?? 0).padStart(10)}${percent(over).padStart(8)}  ${worst?.title ?? ''}`;
}

function percent(rate: number): string {
  return (rate * 100).toFixed(2);
}

async function writeTexts(folder: string, id: string, units: readonly UnitScore[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [index, { texts }] of units.entries())
    for (const [at, text] of texts.entries())
      await writeFile(
        join(folder, `${id}-${index}-${at === 0 ? 'gold' : 'ours'}.txt`),
        `${
          text
            .toLowerCase()
            .match(/[\p{L}\p{N}]+/gu)
            ?.join('\n') ?? ''
        }\n`,
      );
}
