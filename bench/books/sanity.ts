/**
 * How surely stage 2 of the book pipeline finds what is wrong with the numbers of real contents tables, and works in a
 * real catalog.
 *
 *   npm run bench -- sanity
 *
 * What the corpus holds says what is right; see score/sequences.ts and score/catalog.ts.
 */

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DatabaseSync } from 'node:sqlite';
import { importCatalog, openCatalog, type CatalogRow } from '@scriptorium/books/checks';
import { corpusWorks, perturbations, readRows, scoreLookup, workFinder, type LookupScore, type Work } from './score/catalog.ts';
import { inventedTables } from './score/invented-tables.ts';
import { precisionOf, recallOf, scoreInvented, scoreSequences, type TypeScore } from './score/sequences.ts';
import { inScratch } from '../scratch.ts';

const corpus = fileURLToPath(new URL('../../../shared/corpus', import.meta.url));
const typeHeader = `${'type'.padEnd(28)}${'true'.padStart(6)}${'precision'.padStart(11)}${'recall'.padStart(8)}`;
const verbose = process.argv.includes('--verbose');

await printSequences();
await inScratch(printCatalog);

async function printSequences(): Promise<void> {
  const { tables, types, spaced } = await scoreSequences(corpus);
  console.log(`numbers of ${tables} real contents tables (${spaced.length} of them with spaced numerals, which the gold does not read)\n`);
  console.log(typeHeader);
  printTypes(types);
  const invented = inventedTables([1, 2, 3, 4, 5]);
  console.log(`\nnumbers of ${invented.length} invented contents tables\n\n${typeHeader}`);
  printTypes(scoreInvented(invented));
}

function printTypes(types: readonly TypeScore[]): void {
  for (const score of types) {
    const { type, hits, extra, missed } = score;
    console.log(
      `${type.padEnd(28)}${String(hits + missed.length).padStart(6)}${precisionOf(score).toFixed(3).padStart(11)}${recallOf(score).toFixed(3).padStart(8)}`,
    );
    for (const one of extra) console.log(`    not so: ${one}`);
    for (const one of missed) console.log(`    missed: ${one}`);
  }
}

async function printCatalog(directory: string): Promise<void> {
  const path = join(directory, 'catalog.db');
  await importCatalog(join(corpus, 'catalog', 'pg_catalog.csv'), path);
  const rows = readRows(path);
  const catalog = openCatalog(path);
  const worksOf = workFinder(rows);
  const header = `${'asked by'.padEnd(28)}${['right', 'wrong', 'missed', 'invented', 'none'].map((name) => name.padStart(9)).join('')}\n`;
  const books = await corpusWorks(corpus);
  console.log(`\nthe ${books.length} books of the corpus in a catalog of ${rows.length} works\n\n${header}`);
  printScore(
    'number, title and author',
    scoreLookup(
      catalog,
      books.map((truth) => ({ query: truth, truth })),
      worksOf,
    ),
  );
  for (const { name, apply } of perturbations)
    printScore(
      name,
      scoreLookup(
        catalog,
        books.map((truth, index) => ({ query: apply(truth, spot(index)), truth })),
        worksOf,
      ),
    );
  catalog.close();

  const sample = rows.filter((row, index) => index % 25 === 0 && row.authors !== '').map(workOf);
  console.log(`\n${sample.length} works of the catalog itself\n\n${header}`);
  const whole = openCatalog(path);
  for (const { name, apply } of perturbations)
    printScore(
      name,
      scoreLookup(
        whole,
        sample.map((truth, index) => ({ query: apply(truth, spot(index)), truth })),
        worksOf,
      ),
    );
  whole.close();

  const without = new DatabaseSync(path);
  const remove = without.prepare('DELETE FROM works WHERE number = ?');
  for (const work of sample) for (const row of worksOf(work)) remove.run(row.number);
  without.close();
  const rest = openCatalog(path);
  console.log(`\nthe same, in a catalog that does not have them\n\n${header}`);
  for (const { name, apply } of perturbations)
    printScore(
      name,
      scoreLookup(
        rest,
        sample.map((truth, index) => ({ query: apply(truth, spot(index)), truth })),
        () => [],
      ),
    );
  rest.close();
}

function printScore(name: string, { right, wrong, missed, invented, none, examples }: LookupScore): void {
  console.log(`${name.padEnd(28)}${[right, wrong, missed, invented, none].map((count) => String(count).padStart(9)).join('')}`);
  if (verbose) for (const example of examples.slice(0, 12)) console.log(`    ${example.replace(/\s+/g, ' ')}`);
}

/** The first line of the title, and the first author as people write the name. */
function workOf(row: CatalogRow): Work {
  const [surname = '', given] = (row.authors.split(';')[0] ?? '').replace(/\([^)]*\)|\[[^\]]*\]/g, '').split(/,\s*/);
  const first = given === undefined || /\d/.test(given) ? '' : `${given.trim()} `;
  return {
    title: row.title.split(/\r?\n/, 1)[0] ?? '',
    author: `${first}${surname.trim()}`,
    language: row.language,
    workNumber: row.number,
  };
}

/** From 0 to 1, spread evenly over neighbours. */
function spot(index: number): number {
  return (index * 0.618_034) % 1;
}
