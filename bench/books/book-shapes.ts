/**
 * How well structure is found in invented books of many shapes, whose truth is known.
 *
 *   npm run bench -- book-shapes [--seeds 1-5] [--only <part of a name>] [--worst N] [--keep <folder>]
 *
 * With `--worst` the N books with the lowest boundary F1 are named; `--keep` writes them where they can be read.
 */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measures } from './score/measures.ts';
import { meanOf, scoreShapes, type ScoredWork } from './shapes/score.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1-3' },
    only: { type: 'string', default: '' },
    worst: { type: 'string', default: '0' },
    keep: { type: 'string' },
  },
});

const [first = 1, last = first] = values.seeds.split('-').map(Number);
const columns = measures.flatMap(({ kind, name }, column) => (kind === 'share' && name !== 'list' ? [column] : []));
const works: ScoredWork[] = [];
const scores = await scoreShapes(
  Array.from({ length: last - first + 1 }, (_, index) => first + index),
  (name) => name.includes(values.only),
  (work) => works.push(work),
);
const show = (figures: readonly (number | null)[]): string =>
  columns.map((column) => (figures[column]?.toFixed(3) ?? '').padStart(8)).join('');
console.log(`${'shape'.padEnd(40)}${'books'.padStart(6)}${columns.map((column) => measures[column]!.name.padStart(8)).join('')}`);
for (const { name, books, figures } of scores) console.log(`${name.padEnd(40)}${String(books).padStart(6)}${show(figures)}`);
console.log(
  `\n${'mean of the shapes'.padEnd(40)}${String(works.length).padStart(6)}${show(measures.map((_, column) => meanOf(scores.map((score) => score.figures[column] ?? null))))}`,
);
for (const work of works.toSorted((left, right) => left.figures[0]! - right.figures[0]!).slice(0, Number(values.worst))) {
  console.log(`${work.id.padEnd(46)}${show(work.figures)}`);
  if (values.keep !== undefined) {
    await mkdir(values.keep, { recursive: true });
    await writeFile(join(values.keep, `${work.id}.txt`), work.text);
    await writeFile(join(values.keep, `${work.id}.json`), JSON.stringify(work.book, null, 1));
  }
}
