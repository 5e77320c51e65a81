/** Compares what a run made of sample books with the truth about them. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { blocksOf, walkChapters, type Book } from '../document.ts';
import type { Topology } from '../topology/topology.ts';
import type { Validation } from '../validate/verdict.ts';
import type { Defect, Sign, TrueBook, TrueUnit, Truth } from './truth.ts';

export interface SampleScore {
  readonly books: number;
  /** Books that ended as they must: done, skipped or failed. */
  readonly asExpected: number;
  /** Of chapter and part boundaries over all books that must be done. */
  readonly boundaries: { readonly precision: number; readonly recall: number; readonly f1: number };
  readonly defects: readonly { readonly type: string; readonly injected: number; readonly found: number }[];
  /** Books whose boundaries are not all right, or which ended otherwise. */
  readonly misses: readonly { readonly id: string; readonly f1: number | null; readonly outcome: string }[];
}

/** A boundary is right within this many code points: a heading's rows and the blank lines around it. */
const tolerance = 300;

/** Reads `<outDir>/<stage>/<batch>/`; `outDir` is the run's output root, for a test run the one with `_test`. */
export async function scoreSamples(truth: Truth, outDir: string, batch: string): Promise<SampleScore> {
  const total = { hits: 0, predicted: 0, actual: 0 };
  const defects = new Map<string, { injected: number; found: number }>();
  const misses: { id: string; f1: number | null; outcome: string }[] = [];
  for (const book of truth.books) {
    const made = await readMade(book.id, outDir, batch);
    const outcome = outcomeOf(made);
    const counts = book.outcome === 'done' ? compareUnits(book.units, made.book) : null;
    if (counts !== null) for (const key of ['hits', 'predicted', 'actual'] as const) total[key] += counts[key];
    const f1 = counts === null ? null : f1Of(counts).f1;
    if (outcome !== book.outcome || (f1 !== null && f1 < 1)) misses.push({ id: book.id, f1, outcome });
    for (const defect of book.defects) {
      const entry = defects.get(defect.type) ?? { injected: 0, found: 0 };
      defects.set(defect.type, { injected: entry.injected + 1, found: entry.found + (isFound(defect, made) ? 1 : 0) });
    }
  }
  const wrong = misses.filter((miss) => truth.books.find((book) => book.id === miss.id)?.outcome !== miss.outcome).length;
  return {
    books: truth.books.length,
    asExpected: truth.books.length - wrong,
    boundaries: f1Of(total),
    defects: [...defects].sort(([one], [other]) => (one < other ? -1 : 1)).map(([type, counts]) => ({ type, ...counts })),
    misses,
  };
}

interface Made {
  readonly book: Book | null;
  readonly topology: Topology | null;
  readonly validation: Validation | null;
}

async function readMade(id: string, outDir: string, batch: string): Promise<Made> {
  const read = async <T>(stage: string, name: string): Promise<T | null> => {
    const text = await readFile(join(outDir, stage, batch, name), 'utf8').catch(() => null);
    return text === null ? null : (JSON.parse(text) as T);
  };
  return {
    book: await read<Book>('toc', `${id}.json`),
    topology: await read<Topology>('topology', `${id}.json`),
    validation: await read<Validation>('validate', `${id}/validation.json`),
  };
}

function outcomeOf({ book, topology }: Made): TrueBook['outcome'] {
  if (book !== null) return 'done';
  return topology !== null && topology.skip !== null ? 'skipped' : 'failed';
}

interface Counts {
  readonly hits: number;
  readonly predicted: number;
  readonly actual: number;
}

/** Prefaces and epilogues may stand in the body or outside of it: found ones are neither right nor wrong. */
function compareUnits(actual: readonly TrueUnit[], book: Book | null): Counts {
  const free = new Set(actual);
  let hits = 0;
  let predicted = 0;
  for (const begin of book === null ? [] : beginsOf(book)) {
    const best =
      begin.start === null ? ([...free].find((unit) => unit.title === begin.title) ?? null) : nearest(free, begin.file, begin.start);
    if (best !== null) free.delete(best);
    if (best?.kind === 'matter') continue;
    predicted += 1;
    if (best !== null) hits += 1;
  }
  return { hits, predicted, actual: actual.filter((unit) => unit.kind !== 'matter').length };
}

interface Begin {
  readonly file: number;
  /** Null for a unit whose heading stands outside the text and which has none: only its title can be compared. */
  readonly start: number | null;
  readonly title: string;
}

function beginsOf(book: Book): Begin[] {
  return [...walkChapters(book.structure.body.chapters)].map(({ chapter }) => {
    const source = chapter.blocks[0]?.source;
    return { file: source?.file ?? 0, start: source?.start ?? null, title: chapter.title };
  });
}

function nearest(units: ReadonlySet<TrueUnit>, file: number, start: number): TrueUnit | null {
  let best: TrueUnit | null = null;
  for (const unit of units) {
    const distance = Math.abs(unit.start - start);
    if (unit.file === file && distance <= tolerance && (best === null || distance < Math.abs(best.start - start))) best = unit;
  }
  return best;
}

function f1Of({ hits, predicted, actual }: Counts): { precision: number; recall: number; f1: number } {
  const precision = predicted === 0 ? 0 : hits / predicted;
  const recall = actual === 0 ? 0 : hits / actual;
  return { precision, recall, f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall) };
}

function isFound({ sign }: Defect, made: Made): boolean {
  return matches(sign, made);
}

function matches(sign: Sign, { book, topology, validation }: Made): boolean {
  switch (sign.type) {
    case 'issue':
      return validation?.issues.some((issue) => issue.type === sign.issue) ?? false;
    case 'absent':
      return book !== null && !textOf(book).includes(sign.text);
    case 'present':
      return book !== null && textOf(book).includes(sign.text);
    case 'file':
      return topology?.files.some((file) => (sign.property === 'bom' ? file.bom : file.lineEnd === 'crlf')) ?? false;
  }
}

function textOf(book: Book): string {
  return `\n${[...blocksOf(book)].map((block) => block.text).join('\n')}\n`;
}
