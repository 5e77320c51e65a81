/**
 * How far boundaries and contents fall when real books are set otherwise: without their contents list, in other cases,
 * gaps, widths and numerals, and two books in one file. What falls far hangs on one sign.
 *
 *   npm run bench -- book-printings [--books <corpus>] [--only <part of a book's name>] [--printing <part of a name>] [--worst N]
 */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { decodeBytes, measureTopology, readSource } from '@scriptorium/books/structure';
import { readGold, type GoldBook } from './score/gold.ts';
import { measures } from './score/measures.ts';
import { runStages } from './score/stages.ts';
import { printings, type PrintedLine, type Region } from './shapes/printings.ts';
import { meanOf } from './shapes/score.ts';

const { values } = parseArgs({
  options: {
    books: { type: 'string' },
    only: { type: 'string', default: '' },
    printing: { type: 'string', default: '' },
    worst: { type: 'string', default: '0' },
  },
});

interface Edition {
  readonly gold: GoldBook;
  readonly lines: readonly PrintedLine[];
  /** Code points before each line of the source. */
  readonly starts: readonly number[];
  readonly contents: readonly Region[];
}

const columns = ['bounds', 'toc', 'level', 'matter'].map((name) => measures.findIndex((measure) => measure.name === name));
const corpus = values.books ?? fileURLToPath(new URL('../../../shared/corpus', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'printings-'));
try {
  const editions = await readEditions();
  console.log(
    `${String(editions.length)} books\n\n${'printing'.padEnd(32)}${columns.map((column) => measures[column]!.name.padStart(8)).join('')}`,
  );
  for (const [name, print] of Object.entries(printings).filter(([one]) => one.includes(values.printing))) {
    const rows: { readonly id: string; readonly figures: readonly (number | null)[] }[] = [];
    for (const { gold, lines, starts, contents } of editions)
      rows.push({ id: gold.id, figures: await figuresOf(print(lines, contents), starts, gold) });
    show(name, rows);
  }
  for (const [name, whole] of [
    ['two books in one file', false],
    ['two files in one', true],
  ] as const)
    if (name.includes(values.printing)) await showPairs(name, editions, whole);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function readEditions(): Promise<Edition[]> {
  const editions: Edition[] = [];
  for (const gold of (await readGold(corpus)).values()) {
    if (gold.contents !== null || !gold.id.includes(values.only)) continue;
    const path = join(corpus, 'raw', `${gold.id}.txt`);
    const { text } = decodeBytes(await readFile(path));
    const source = await readSource(path);
    editions.push({
      gold,
      starts: startsOf(text.split('\n')),
      lines: text.split('\n').map((line, from) => ({ text: line.replace(/\r$/, ''), from })),
      contents: measureTopology(gold.id, source).contents,
    });
  }
  return editions;
}

async function figuresOf(printed: readonly PrintedLine[], starts: readonly number[], gold: GoldBook): Promise<(number | null)[]> {
  const text = printed.map((line) => line.text).join('\n');
  const path = join(folder, 'book.txt');
  await writeFile(path, text);
  const moved = movedOffsets(printed, starts);
  const units = gold.units.map((unit) => ({ ...unit, offset: unit.offset === null ? null : moved(unit.offset) }));
  const book = await runStages(gold.id, path, { read: 0, topology: 0, clean: 0, align: 0, toc: 0, write: 0 });
  return columns.map((column) => (typeof book === 'string' ? 0 : measures[column]!.of({ book, text, gold: { ...gold, units } })));
}

/** The first printed line that comes from the line of the source, or from one behind it. */
function movedOffsets(printed: readonly PrintedLine[], starts: readonly number[]): (offset: number) => number {
  const ends = startsOf(printed.map(({ text }) => text));
  return (offset) => {
    const line = starts.findLastIndex((start) => start <= offset);
    const index = printed.findIndex(({ from }) => from >= line);
    return ends[index < 0 ? printed.length - 1 : index]!;
  };
}

function startsOf(lines: readonly string[]): number[] {
  let at = 0;
  return lines.map((text) => {
    const start = at;
    at += [...text].length + 1;
    return start;
  });
}

/** Neighbours one behind the other, with what the distributor printed between or without; boundaries alone can be compared. */
async function showPairs(name: string, editions: readonly Edition[], whole: boolean): Promise<void> {
  const rows: { readonly id: string; readonly figures: readonly (number | null)[] }[] = [];
  for (let index = 0; index + 1 < editions.length; index += 2) {
    const [one, other] = [editions[index]!, editions[index + 1]!];
    const cut = (lines: readonly PrintedLine[], tail: boolean): readonly PrintedLine[] => {
      const marker = lines.findIndex(({ text }) => (tail ? /\*\*\* ?END OF TH/ : /\*\*\* ?START OF TH/).test(text));
      return whole || marker < 0 ? lines : tail ? lines.slice(0, marker) : lines.slice(marker + 1);
    };
    const first = cut(one.lines, true);
    const second = cut(other.lines, false);
    const joined = [...first, ...Array.from({ length: 6 }, () => ({ text: '', from: -1 })), ...second].map(({ text }, from) => ({
      text,
      from,
    }));
    const starts = startsOf(joined.map(({ text }) => text));
    const place = movedOffsets(joined, one.starts);
    const behind = (offset: number): number =>
      starts[first.length + 6 + Math.max(0, other.starts.findLastIndex((start) => start <= offset) - second[0]!.from)]!;
    const units = [
      ...one.gold.units.map((unit) => ({ ...unit, offset: unit.offset === null ? null : place(unit.offset) })),
      ...other.gold.units.map((unit) => ({ ...unit, offset: unit.offset === null ? null : behind(unit.offset) })),
    ];
    const figures = await figuresOf(joined, starts, { ...one.gold, units });
    rows.push({ id: `${one.gold.id} and ${other.gold.id}`, figures: figures.map((figure, place) => (place === 0 ? figure : null)) });
  }
  show(name, rows);
}

function show(name: string, rows: readonly { readonly id: string; readonly figures: readonly (number | null)[] }[]): void {
  const cells = (figures: readonly (number | null)[]): string => figures.map((figure) => (figure?.toFixed(3) ?? '').padStart(8)).join('');
  console.log(name.padEnd(32) + cells(columns.map((_, place) => meanOf(rows.map(({ figures }) => figures[place] ?? null)))));
  for (const { id, figures } of rows.toSorted((one, other) => one.figures[0]! - other.figures[0]!).slice(0, Number(values.worst)))
    console.log(`    ${id.slice(0, 60).padEnd(64)}${cells(figures)}`);
}
