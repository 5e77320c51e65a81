/**
 * The catalog: what is known about works, in one SQLite file that `scriptorium books catalog import` builds from the
 * CSV that Project Gutenberg publishes. Read only while a run goes on.
 */

import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { StepError } from '@scriptorium/core';
import { authorKey, titleKey } from './key.ts';
import { authorLikeness, gramsOf, leastScore, sameTitle, scoreOf, titleLikeness } from './similar.ts';

export interface CatalogRow {
  readonly number: string;
  readonly title: string;
  readonly authors: string;
  /** ISO 639-1; the first where there are several. */
  readonly language: string;
  readonly subjects: string;
  readonly bookshelves: string;
  /** From 1, where the title names a volume; null elsewhere. */
  readonly volume: number | null;
}

export interface CatalogQuery {
  readonly workNumber?: string;
  readonly title?: string;
  readonly author?: string;
  readonly language?: string;
  readonly volume?: string;
}

/** How a work was found. */
export interface CatalogMatch {
  readonly row: CatalogRow;
  readonly by: 'number' | 'title';
  /** From 0 to 1: how much title and author agree; 1 by number where nothing contradicts it. */
  readonly score: number;
}

export interface Catalog {
  /**
   * By number, unless title and author are those of another work; then by title and author, the most similar of the
   * catalog if it is similar enough. Null where there is none, or several works and nothing to choose by.
   */
  readonly find: (query: CatalogQuery) => CatalogMatch | null;
  /** The row of a number, whatever else is asked. */
  readonly numbered: (number: string) => CatalogRow | null;
  readonly size: () => number;
  readonly close: () => void;
}

/** Of the tables below; a catalog of another version must be imported again. */
export const catalogVersion = 2;

export const catalogTables: string = `
  CREATE TABLE works (
    id          INTEGER PRIMARY KEY,
    number      TEXT NOT NULL UNIQUE,
    title       TEXT NOT NULL,
    title_key   TEXT NOT NULL,
    authors     TEXT NOT NULL,
    author_key  TEXT NOT NULL,
    language    TEXT NOT NULL,
    subjects    TEXT NOT NULL,
    bookshelves TEXT NOT NULL,
    volume      INTEGER
  ) STRICT;
  CREATE INDEX works_title ON works (title_key);
  CREATE VIRTUAL TABLE grams USING fts5 (pieces, content = '');
  PRAGMA user_version = ${String(catalogVersion)};
`;

const columns = 'number, title, authors, language, subjects, bookshelves, volume';

/** Works that a title is compared with: those that share the most, and the rarest, pieces with it. */
const mostCandidates = 60;
/** Pieces of a title that are looked for. */
const mostGrams = 64;
/** Scores that differ by less are alike: the language, the volume, then the lower number decide. */
const alike = 0.005;
/** A work that is only similar must be more so than any other, by this much. */
const tooClose = 0.04;
/** Below this a number's title and author are those of another work. */
const contradiction = 0.45;

/** @throws StepError `fatal` when the file is missing, no catalog, or of another version. */
export function openCatalog(path: string): Catalog {
  const database = openDatabase(path);
  const byNumber = database.prepare(`SELECT ${columns} FROM works WHERE number = ?`);
  const byTitle = database.prepare(`SELECT ${columns} FROM works WHERE title_key = ?`);
  const byGrams = database.prepare(
    `SELECT ${columns} FROM works WHERE id IN (SELECT rowid FROM grams WHERE grams MATCH ? ORDER BY rank LIMIT ${String(mostCandidates)})`,
  );
  const count = database.prepare('SELECT count(*) AS size FROM works');
  const numbered = (number: string): CatalogRow | null => {
    const row = byNumber.get(number);
    return row === undefined ? null : rowOf(row);
  };
  const candidates = (title: string): CatalogRow[] => {
    const grams = gramsOf(title).slice(0, mostGrams);
    const similar = grams.length === 0 ? [] : byGrams.all(grams.map((gram) => `"${gram}"`).join(' OR '));
    const rows = [...byTitle.all(titleKey(title)), ...similar].map(rowOf);
    return [...new Map(rows.map((row) => [row.number, row])).values()];
  };
  return {
    find: (query) => {
      const direct = query.workNumber === undefined ? null : numbered(query.workNumber);
      const agreement = direct === null ? 0 : agreementOf(query, direct);
      if (direct !== null && agreement >= contradiction) return { row: direct, by: 'number', score: agreement };
      if (query.title === undefined || titleKey(query.title) === '') return null;
      return bestOf(candidates(query.title), { ...query, title: query.title });
    },
    numbered,
    size: () => Number(count.get()?.['size'] ?? 0),
    close: () => database.close(),
  };
}

function openDatabase(path: string): DatabaseSync {
  const fix = 'Build it with `scriptorium books catalog import <csv>`, or leave `catalog` out.';
  if (!existsSync(path)) throw new StepError('fatal', `the catalog ${path} does not exist`, { fix });
  if (!isSqlite(path)) throw new StepError('fatal', `${path} is no SQLite file, so no catalog`, { fix });
  const database = new DatabaseSync(path, { readOnly: true });
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
  const table = database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'works'").get();
  if (table !== undefined && version === catalogVersion) return database;
  database.close();
  throw new StepError(
    'fatal',
    table === undefined
      ? `${path} is an SQLite file without a catalog in it`
      : `the catalog ${path} is of version ${String(version)}, this program reads ${String(catalogVersion)}`,
    { fix },
  );
}

function isSqlite(path: string): boolean {
  const head = Buffer.alloc(16);
  try {
    const file = openSync(path, 'r');
    readSync(file, head);
    closeSync(file);
  } catch {
    return false;
  }
  return head.toString('latin1') === 'SQLite format 3\0';
}

type Row = { readonly [column: string]: unknown };

/** 1 where the query says nothing to compare; else the better of title and author: either one may be wrong in a file. */
function agreementOf({ title, author }: CatalogQuery, row: CatalogRow): number {
  const likeness = title === undefined ? null : titleLikeness(title, row.title);
  const authors = author === undefined ? null : authorLikeness(author, row.authors);
  return likeness === null && authors === null ? 1 : Math.max(likeness ?? 0, authors ?? 0);
}

function bestOf(rows: readonly CatalogRow[], query: CatalogQuery & { readonly title: string }): CatalogMatch | null {
  const scored = rows
    .map((row) => ({
      row,
      by: 'title' as const,
      score: scoreOf({ title: query.title, author: query.author ?? '' }, { title: row.title, author: row.authors }),
    }))
    .filter(({ score }) => score >= leastScore)
    .sort((one, other) => other.score - one.score);
  const best = scored[0];
  // Two works that are about as similar, and none of them the same: a guess.
  const rival = scored.find(({ row }) => best !== undefined && titleKey(row.title) !== titleKey(best.row.title));
  if (best !== undefined && rival !== undefined && best.score < sameTitle && best.score - rival.score < tooClose) return null;
  const close = scored.filter(({ score }) => (best?.score ?? 0) - score < alike);
  const inLanguage = narrowed(close, ({ row }) => query.language !== undefined && row.language === query.language);
  const inVolume = narrowed(inLanguage, ({ row }) => query.volume !== undefined && String(row.volume) === query.volume);
  // Works of one title and no author to choose by: any answer would be a guess.
  if (query.author === undefined && new Set(inVolume.map(({ row }) => `${authorKey(row.authors)} ${row.language}`)).size > 1) return null;
  return inVolume.sort((one, other) => Number(one.row.number) - Number(other.row.number))[0] ?? null;
}

/** Those that pass, or all where none does. */
function narrowed<T>(all: readonly T[], passes: (one: T) => boolean): T[] {
  const passing = all.filter(passes);
  return passing.length > 0 ? passing : [...all];
}

function rowOf(row: Row): CatalogRow {
  const text = (column: string): string => String(row[column] ?? '');
  return {
    number: text('number'),
    title: text('title'),
    authors: text('authors'),
    language: text('language'),
    subjects: text('subjects'),
    bookshelves: text('bookshelves'),
    volume: typeof row['volume'] === 'number' ? row['volume'] : null,
  };
}
