/**
 * How well and how fast the deterministic book stages work on a corpus with gold structures: boundaries, contents,
 * levels, matter, the publisher's lists, the text letter by letter, what is lost and left over, and what is wrong with
 * the numbers of real contents tables. Every goal is said to be met or missed; ends with 1 when one is missed.
 *
 *   npm run bench -- books [--books <corpus>] [--out <folder of a run>] [--only <part of a name>] [--json]
 *
 * A corpus is a folder with `raw/` and `gold/`. Without `--out` the stages run here, one book after the other, and are
 * timed; with it the documents of a finished run are scored (`<out>/toc/<batch>/<book id>.json`). Invented books and
 * defects that are put in take longer, and have programs of their own: `book-shapes` and `books-defects`.
 */

import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { decodeBytes, type Book } from '@scriptorium/books/structure';
import { percentile } from '../figures.ts';
import { readGoldText } from './score/gold-text.ts';
import { readGold, type GoldBook } from './score/gold.ts';
import { measures, type Measure } from './score/measures.ts';
import { regexStarts } from './score/regex.ts';
import { precisionOf, recallOf, scoreSequences, type SequenceScores } from './score/sequences.ts';
import { runStages, stageNames, type Times } from './score/stages.ts';
import { scoreText, textGoals } from './score/text.ts';

interface Row {
  readonly id: string;
  readonly status: string;
  readonly figures: readonly (number | null)[];
  /** Character-error rates of its units; none where the gold has no text. */
  readonly rates: readonly number[];
}

/** Precision and recall that each type of defect must have. */
const surestSequences = 0.98;

const { values } = parseArgs({
  options: {
    books: { type: 'string' },
    out: { type: 'string' },
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
  },
});
const corpus = values.books ?? fileURLToPath(new URL('../../../shared/corpus', import.meta.url));
await main(corpus, values.out, values.only, values.json);

async function main(folder: string, out: string | undefined, only: string, asJson: boolean): Promise<void> {
  const gold = await readGold(folder);
  const times: Times = { read: 0, topology: 0, clean: 0, align: 0, toc: 0, write: 0 };
  const rows: Row[] = [];
  let bytes = 0;
  let regexMs = 0;
  for (const name of (await readdir(join(folder, 'raw'))).toSorted()) {
    const id = name.endsWith('.txt') ? parse(name).name : name;
    const path = join(folder, 'raw', name);
    if (!id.includes(only)) continue;
    const book = out === undefined ? await runStages(id, path, times) : await finished(out, id);
    if (typeof book === 'string') rows.push({ id, status: book, figures: measures.map(() => null), rates: [] });
    else {
      bytes += await sizeOf(path);
      regexMs += await timeRegex(path);
      rows.push(await rowOf(book, folder, path, gold.get(id) ?? null));
    }
  }
  const sequences = only === '' ? await sequencesOf(folder) : null;
  const goals = [
    ...measures.map((measure, column) => goalOf(measure, rows, column)),
    ...textRates(rows),
    ...(sequences === null ? [] : sequenceRates(sequences)),
  ];
  if (asJson) console.log(JSON.stringify({ rows, goals, times, bytes }, null, 2));
  else print(rows, goals, out === undefined ? { times, bytes, regexMs } : null);
  if (goals.some((goal) => goal.missed.length > 0)) process.exitCode = 1;
}

async function finished(out: string, id: string): Promise<Book | string> {
  const batches = await readdir(join(out, 'toc')).catch(() => []);
  for (const batch of batches.toSorted((a, b) => (a < b ? 1 : -1))) {
    const text = await readFile(join(out, 'toc', batch, `${id}.json`), 'utf8').catch(() => null);
    if (text !== null) return JSON.parse(text) as Book;
  }
  return 'no document';
}

async function rowOf(book: Book, corpus: string, path: string, gold: GoldBook | null): Promise<Row> {
  const text = (await stat(path)).isFile() ? decodeBytes(await readFile(path)).text : '';
  const scored = { book, text, gold };
  const edition = await readGoldText(corpus, book.id);
  const status = book.warnings.length > 0 ? `${book.warnings.length} warnings` : '';
  return {
    id: book.id,
    status,
    figures: measures.map((measure) => measure.of(scored)),
    rates: edition === null ? [] : scoreText(book, edition).map((unit) => unit.rate),
  };
}

/** Bytes of a file, or of the files in a folder. */
async function sizeOf(path: string): Promise<number> {
  const entry = await stat(path);
  if (!entry.isDirectory()) return entry.size;
  let bytes = 0;
  for (const name of await readdir(path)) bytes += (await stat(join(path, name))).size;
  return bytes;
}

interface Goal {
  readonly name: string;
  /** As it is printed. */
  readonly figure: string;
  readonly says: string;
  /** Empty where there is none. */
  readonly goal: string;
  /** What is below its goal: books by their id, or all of them. */
  readonly missed: readonly string[];
}

function goalOf(measure: Measure, rows: readonly Row[], column: number): Goal {
  const { name, kind, says, goal } = measure;
  const scored = rows.flatMap((row) => (row.figures[column] == null ? [] : [{ id: row.id, figure: row.figures[column] }]));
  const sum = scored.reduce((total, { figure }) => total + figure, 0);
  const figure = kind === 'count' || scored.length === 0 ? sum : sum / scored.length;
  const missed = scored.filter((row) => goal?.each !== undefined && row.figure < goal.each).map((row) => row.id);
  const all = goal !== undefined && scored.length > 0 && (kind === 'count' ? figure > goal.all : figure < goal.all);
  return {
    name,
    figure: cellOf(measure, figure),
    says: `${says}; ${scored.length} books`,
    goal: goalText(measure),
    missed: all ? ['all', ...missed] : missed,
  };
}

/** Over all units of all books. */
function textRates(rows: readonly Row[]): Goal[] {
  const rates = rows.flatMap((row) => row.rates);
  if (rates.length === 0) return [];
  const percent = (rate: number): string => `${(100 * rate).toFixed(2)} %`;
  return (['median', 'p90'] as const).map((name) => {
    const rate = percentile(rates, name === 'median' ? 0.5 : 0.9);
    return {
      name: `text ${name}`,
      figure: percent(rate),
      says: `letters of a unit that differ from another edition; ${rates.length} units of ${rows.filter((row) => row.rates.length > 0).length} books`,
      goal: `at most ${percent(textGoals[name])}`,
      missed: rate > textGoals[name] ? ['all'] : [],
    };
  });
}

/** Null for a corpus without contents tables. */
async function sequencesOf(corpus: string): Promise<SequenceScores | null> {
  return existsSync(join(corpus, 'gold', 'zh_sequence_anomalies.json')) ? scoreSequences(corpus) : null;
}

function sequenceRates({ tables, types }: SequenceScores): Goal[] {
  return types.map((score) => {
    const [precision, recall] = [precisionOf(score), recallOf(score)];
    return {
      name: score.type,
      figure: Math.min(precision, recall).toFixed(4),
      says: `the lower of precision and recall; ${score.hits + score.missed.length} in ${tables} contents tables`,
      goal: `at least ${surestSequences}`,
      missed: Math.min(precision, recall) < surestSequences ? ['all'] : [],
    };
  });
}

interface Timed {
  readonly times: Times;
  readonly bytes: number;
  readonly regexMs: number;
}

/** Reading and matching, milliseconds of processor; a folder's files one after the other. */
async function timeRegex(path: string): Promise<number> {
  const files = (await stat(path)).isFile() ? [path] : (await readdir(path)).map((name) => join(path, name));
  const since = process.cpuUsage();
  for (const file of files) regexStarts(decodeBytes(await readFile(file)).text);
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

function print(rows: readonly Row[], goals: readonly Goal[], timed: Timed | null): void {
  console.log(`${'book'.padEnd(44)}${measures.map(({ name }) => name.padStart(8)).join('')}`);
  for (const { id, figures, status } of rows) {
    const cells = figures.map((figure, column) => cellOf(measures[column]!, figure).padStart(8)).join('');
    console.log(`${id.slice(0, 42).padEnd(44)}${cells}  ${status}`.trimEnd());
  }
  console.log(`\n${rows.length} books`);
  for (const { name, figure, says, goal, missed } of goals) {
    const verdict = goal === '' ? '' : missed.length === 0 ? 'met' : `MISSED by ${missed.join(', ')}`;
    console.log(`${name.padEnd(28)}${figure.padStart(8)}  ${goal.padEnd(26)}${verdict.padEnd(6)}${says}`);
  }
  if (timed === null) return;
  const rate = (milliseconds: number): string => `${(timed.bytes / 1000 / milliseconds).toFixed(1)} MB/s`.padStart(12);
  const total = stageNames.reduce((sum, stage) => sum + timed.times[stage], 0);
  console.log('\nstage     processor          a core');
  for (const stage of stageNames)
    console.log(`${stage.padEnd(10)}${timed.times[stage].toFixed(0).padStart(7)} ms${rate(timed.times[stage])}`);
  console.log(`${'all'.padEnd(10)}${total.toFixed(0).padStart(7)} ms${rate(total)}`);
  console.log(
    `${'regex'.padEnd(10)}${timed.regexMs.toFixed(0).padStart(7)} ms${rate(timed.regexMs)}  read, and a plain regular expression matched`,
  );
}

function goalText({ kind, goal }: Measure): string {
  if (goal === undefined) return '';
  return `${kind === 'share' ? 'at least' : 'at most'} ${goal.all}${goal.each === undefined ? '' : `, each ${goal.each}`}`;
}

function cellOf({ kind }: Measure, figure: number | null): string {
  return figure === null ? '' : kind === 'share' ? figure.toFixed(4) : String(figure);
}
