/**
 * How well and how fast the deterministic book stages work on a corpus with gold structures.
 *
 *   node bench/books.ts [--books <corpus>] [--out <folder of a run>] [--json]
 *
 * Without `--out` the stages run here, one book after the other, and are timed; with it the documents of a finished run
 * are scored (`<out>/toc/<batch>/<book id>.json`). A chapter-boundary F1 compares the starts of the body's units with
 * gold units of the body that were aligned to the text; see score/ for the definitions. Ends with 1 when letters are lost.
 */

import { readdir, readFile, stat } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { alignBook, cleanBook, decodeBytes, measureTopology, readSource, restructureToc, type Book } from '@scriptorium/books/structure';
import { residueOf, scoreBoundaries, scoreList } from './score/book.ts';
import { f1 } from './score/boundaries.ts';
import { readGold, type GoldBook } from './score/gold.ts';

const stages = ['read', 'topology', 'clean', 'align', 'toc', 'write'] as const;
type Times = Record<(typeof stages)[number], number>;

interface Row {
  readonly id: string;
  readonly status: string;
  readonly milliseconds: number;
  readonly letters: number;
  readonly unexplained: number;
  readonly residue: number;
  readonly units: number;
  readonly f1: number | null;
  readonly nodeF1: number | null;
  readonly list: string;
}

const { values } = parseArgs({
  options: { books: { type: 'string' }, out: { type: 'string' }, json: { type: 'boolean', default: false } },
});
const corpus = values.books ?? fileURLToPath(new URL('../../shared/corpus', import.meta.url));
await main(corpus, values.out, values.json);

async function main(folder: string, out: string | undefined, asJson: boolean): Promise<void> {
  const gold = await readGold(folder);
  const times: Times = { read: 0, topology: 0, clean: 0, align: 0, toc: 0, write: 0 };
  const rows: Row[] = [];
  let bytes = 0;
  for (const name of (await readdir(join(folder, 'raw'))).toSorted()) {
    const id = name.endsWith('.txt') ? parse(name).name : name;
    const before = total(times);
    const book = out === undefined ? await runStages(id, join(folder, 'raw', name), times) : await finished(out, id);
    if (typeof book === 'string') rows.push(emptyRow(id, book));
    else {
      bytes += await sizeOf(join(folder, 'raw', name));
      rows.push(await rowOf(book, join(folder, 'raw', name), gold.get(id), total(times) - before));
    }
  }
  if (asJson) console.log(JSON.stringify({ rows, times, bytes, macro: macroOf(rows) }, null, 2));
  else print(rows, times, bytes, out === undefined);
  if (rows.some((row) => row.unexplained !== 0)) process.exitCode = 1;
}

/** The finished document, or why there is none. */
async function runStages(id: string, path: string, times: Times): Promise<Book | string> {
  let since = performance.now();
  const lap = <T>(stage: keyof Times, value: T): T => {
    const now = performance.now();
    times[stage] += now - since;
    since = now;
    return value;
  };
  const source = lap('read', await readSource(path));
  const topology = lap('topology', measureTopology(id, source));
  if (topology.skip !== null) return `skipped: ${topology.skip.message}`;
  const cleaned = lap('clean', cleanBook(source, topology, {}));
  const aligned = lap('align', alignBook(cleaned));
  const book = lap('toc', restructureToc(aligned));
  lap('write', JSON.stringify(book).length);
  return book;
}

async function finished(out: string, id: string): Promise<Book | string> {
  const batches = await readdir(join(out, 'toc')).catch(() => []);
  for (const batch of batches.toSorted((a, b) => (a < b ? 1 : -1))) {
    const text = await readFile(join(out, 'toc', batch, `${id}.json`), 'utf8').catch(() => null);
    if (text !== null) return JSON.parse(text) as Book;
  }
  return 'no document';
}

async function rowOf(book: Book, path: string, gold: GoldBook | undefined, milliseconds: number): Promise<Row> {
  const aligned = gold !== undefined && gold.contents === null;
  const scores = aligned ? scoreBoundaries(book, decodeBytes(await readFile(path)).text, gold) : null;
  const list = gold?.contents == null ? null : scoreList(book, gold.contents);
  return {
    id: book.id,
    status: book.warnings.length > 0 ? `${book.warnings.length} warnings` : 'clean',
    milliseconds,
    letters: book.letters.source,
    unexplained: book.letters.source - book.letters.kept - book.letters.removed,
    residue: residueOf(book),
    units: book.structure.body.chapters.length,
    f1: scores === null ? null : f1(scores.units),
    nodeF1: scores === null ? null : f1(scores.nodes),
    list: list === null ? '' : `${list.found}/${list.expected} titles`,
  };
}

function emptyRow(id: string, status: string): Row {
  return { id, status, milliseconds: 0, letters: 0, unexplained: 0, residue: 0, units: 0, f1: null, nodeF1: null, list: '' };
}

/** Bytes of a file, or of the files in a folder. */
async function sizeOf(path: string): Promise<number> {
  const entry = await stat(path);
  if (!entry.isDirectory()) return entry.size;
  let bytes = 0;
  for (const name of await readdir(path)) bytes += (await stat(join(path, name))).size;
  return bytes;
}

function total(times: Times): number {
  return stages.reduce((sum, stage) => sum + times[stage], 0);
}

function macroOf(rows: readonly Row[]): { readonly books: number; readonly units: number; readonly nodes: number } {
  const scored = rows.filter((row) => row.f1 !== null);
  const mean = (value: (row: Row) => number): number => scored.reduce((sum, row) => sum + value(row), 0) / Math.max(1, scored.length);
  return { books: scored.length, units: mean((row) => row.f1!), nodes: mean((row) => row.nodeF1!) };
}

function print(rows: readonly Row[], times: Times, bytes: number, timed: boolean): void {
  console.log(
    `${'book'.padEnd(48)}${'F1'.padStart(7)}${'nodes'.padStart(7)}${'lost'.padStart(6)}${'rest'.padStart(6)}${'ms'.padStart(7)}  status`,
  );
  for (const row of rows) {
    const score = (value: number | null): string => (value === null ? '' : value.toFixed(3));
    console.log(
      `${row.id.slice(0, 46).padEnd(48)}${score(row.f1).padStart(7)}${score(row.nodeF1).padStart(7)}${String(row.unexplained).padStart(6)}${String(row.residue).padStart(6)}${row.milliseconds.toFixed(0).padStart(7)}  ${row.status}${row.list === '' ? '' : `, ${row.list}`}`,
    );
  }
  const macro = macroOf(rows);
  console.log(
    `\n${rows.length} books; macro F1 over ${macro.books}: ${macro.units.toFixed(4)} (all nodes of the tree: ${macro.nodes.toFixed(4)})`,
  );
  console.log(
    `letters unexplained: ${rows.reduce((sum, row) => sum + row.unexplained, 0)} of ${rows.reduce((sum, row) => sum + row.letters, 0)}; blocks with boilerplate: ${rows.reduce((sum, row) => sum + row.residue, 0)}`,
  );
  if (!timed) return;
  const rate = (milliseconds: number): string => `${(bytes / 1000 / milliseconds).toFixed(1)} MB/s`;
  for (const stage of stages) console.log(`${stage.padEnd(10)}${times[stage].toFixed(0).padStart(7)} ms  ${rate(times[stage])}`);
  console.log(`${'all'.padEnd(10)}${total(times).toFixed(0).padStart(7)} ms  ${rate(total(times))} on one core`);
}
