/**
 * Findings about the numbers of real contents tables against what a reader found in them by hand and rule
 * (`gold/zh_sequence_anomalies.json`), type by type and place by place.
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sequenceIssues, unitsOfTitles } from '@scriptorium/books/checks';
import type { InventedTable } from './invented-tables.ts';

export interface TypeScore {
  readonly type: string;
  readonly hits: number;
  /** Told and not so, as `book type@index`. */
  readonly extra: readonly string[];
  /** So and not told. */
  readonly missed: readonly string[];
}

export function precisionOf({ hits, extra }: TypeScore): number {
  return hits + extra.length === 0 ? 1 : hits / (hits + extra.length);
}

export function recallOf({ hits, missed }: TypeScore): number {
  return hits + missed.length === 0 ? 1 : hits / (hits + missed.length);
}

interface GoldTable {
  readonly book: string;
  readonly entries: number;
  readonly numbered: number;
  readonly unnumbered: readonly string[];
  readonly anomalies: readonly { readonly type: string; readonly index: number }[];
}

interface Table extends GoldTable {
  readonly titles: readonly string[];
}

/** How many titles without a number the gold names of a book, at most. */
const unnumberedListed = 5;

export interface SequenceScores {
  readonly tables: number;
  readonly types: readonly TypeScore[];
  /** Tables that were read otherwise by the gold itself: it takes `第 一 章` for unnumbered. */
  readonly spaced: readonly string[];
}

/** Every type on every table; `no_number` where the gold names all titles without one; later volumes on halves of whole tables. */
export async function scoreSequences(corpus: string): Promise<SequenceScores> {
  const tables = await readTables(corpus);
  const isSpaced = (table: Table): boolean => table.unnumbered.some((title) => /^第\s+[一二三四五六七八九十]+\s+[回章]/u.test(title));
  const read = tables.filter((table) => !isSpaced(table));
  const types = ['duplicate', 'gap', 'out_of_order', 'nonstandard_start'].map((type) => onTables(type, read));
  return {
    tables: tables.length,
    types: [...types, unnumbered(read), ...laterVolumes(read)],
    spaced: tables.filter(isSpaced).map(({ book }) => book),
  };
}

/** The same on tables that were made with defects. */
export function scoreInvented(tables: readonly InventedTable[]): TypeScore[] {
  return ['duplicate', 'gap', 'out_of_order'].map((type) =>
    tallied(
      type,
      tables.map(({ name, titles, defects }) => ({
        book: name,
        ours: sequenceIssues(unitsOfTitles(titles), relaxed)
          .filter((issue) => issue.type === type)
          .map((issue) => `${type}@${issue.index}`),
        theirs: defects.filter((defect) => defect.startsWith(`${type}@`)),
      })),
    ),
  );
}

async function readTables(corpus: string): Promise<readonly Table[]> {
  const gold = JSON.parse(await readFile(join(corpus, 'gold', 'zh_sequence_anomalies.json'), 'utf8')) as readonly GoldTable[];
  return Promise.all(
    gold.map(async (table) => {
      const info = await readFile(join(corpus, 'catalog', 'zh_info', `${table.book}.json`), 'utf8');
      return { ...table, titles: (JSON.parse(info) as { readonly catalogues: readonly string[] }).catalogues };
    }),
  );
}

const relaxed = { strict: false, volume: null };

function onTables(type: string, tables: readonly Table[]): TypeScore {
  return tallied(
    type,
    tables.map(({ book, titles, anomalies }) => ({
      book,
      ours: sequenceIssues(unitsOfTitles(titles), relaxed)
        .filter((issue) => issue.type === type)
        .map((issue) => `${type}@${issue.index}`),
      theirs: anomalies.filter((anomaly) => anomaly.type === type).map((anomaly) => `${type}@${anomaly.index}`),
    })),
  );
}

/** Only where most entries have numbers, and the gold names every one that has none. */
function unnumbered(tables: readonly Table[]): TypeScore {
  const complete = tables.filter(
    ({ entries, numbered, unnumbered: titles }) =>
      numbered * 2 >= entries && titles.length === entries - numbered && titles.length <= unnumberedListed,
  );
  return tallied(
    'no_number',
    complete.map(({ book, titles, unnumbered: theirs }) => ({
      book,
      ours: sequenceIssues(unitsOfTitles(titles), relaxed)
        .filter((issue) => issue.type === 'no_number')
        .map((issue) => issue.title.trim()),
      theirs: theirs.map((title) => title.trim()),
    })),
  );
}

/** The second half of a table without defects is a later volume, or begins late where nobody knows of one. */
function laterVolumes(tables: readonly Table[]): TypeScore[] {
  const halves = tables
    .filter(({ anomalies, numbered, unnumbered: titles }) => anomalies.length === 0 && numbered >= 8 && titles.length === 0)
    .map(({ book, titles }) => ({ book, titles: titles.slice(titles.length >> 1) }));
  const scored = (type: string, volume: number | null): TypeScore =>
    tallied(
      type,
      halves.map(({ book, titles }) => ({
        book,
        ours: sequenceIssues(unitsOfTitles(titles), { strict: false, volume }).map((issue) => `${issue.type}@${issue.index}`),
        theirs: [`${type}@0`],
      })),
    );
  return [scored('continuation_volume', 2), { ...scored('nonstandard_start', null), type: 'nonstandard_start, halves' }];
}

function tallied(
  type: string,
  books: readonly { readonly book: string; readonly ours: readonly string[]; readonly theirs: readonly string[] }[],
): TypeScore {
  let hits = 0;
  const extra: string[] = [];
  const missed: string[] = [];
  for (const { book, ours, theirs } of books) {
    const left = [...theirs];
    for (const one of ours) {
      const at = left.indexOf(one);
      if (at < 0) extra.push(`${book} ${one}`);
      else {
        left.splice(at, 1);
        hits += 1;
      }
    }
    missed.push(...left.map((one) => `${book} ${one}`));
  }
  return { type, hits, extra, missed };
}
