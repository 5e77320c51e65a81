/**
 * The catalog: what is known about works, in one SQLite file that `scriptorium books catalog import` builds from the
 * CSV that Project Gutenberg publishes. Read only while a run goes on.
 */

import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { StepError } from '@scriptorium/core';
import { authorKey, sameAuthor, titleKey } from './key.ts';

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
}

export interface Catalog {
  /** By number; without one, or where the number is unknown, by title and author. */
  readonly find: (query: CatalogQuery) => CatalogRow | null;
  readonly size: () => number;
  readonly close: () => void;
}

/** Of the tables below; a catalog of another version must be imported again. */
export const catalogVersion = 1;

export const catalogTables: string = `
  CREATE TABLE works (
    number      TEXT PRIMARY KEY,
    title       TEXT NOT NULL,
    title_key   TEXT NOT NULL,
    authors     TEXT NOT NULL,
    author_key  TEXT NOT NULL,
    language    TEXT NOT NULL,
    subjects    TEXT NOT NULL,
    bookshelves TEXT NOT NULL,
    volume      INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX works_title ON works (title_key, author_key);
  PRAGMA user_version = ${String(catalogVersion)};
`;

const columns = 'number, title, authors, language, subjects, bookshelves, volume';

/** @throws StepError `fatal` when the file is missing, no catalog, or of another version. */
export function openCatalog(path: string): Catalog {
  const database = openDatabase(path);
  const byNumber = database.prepare(`SELECT ${columns} FROM works WHERE number = ?`);
  const byTitle = database.prepare(`SELECT ${columns}, author_key FROM works WHERE title_key = ? ORDER BY CAST(number AS INTEGER)`);
  const count = database.prepare('SELECT count(*) AS size FROM works');
  return {
    find: (query) => {
      const direct = query.workNumber === undefined ? undefined : byNumber.get(query.workNumber);
      if (direct !== undefined) return rowOf(direct);
      if (query.title === undefined || titleKey(query.title) === '') return null;
      return bestOf(byTitle.all(titleKey(query.title)), query);
    },
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

/** Of the works of one title: by its author, then in its language; without a known author only where there is no choice. */
function bestOf(rows: readonly Row[], query: CatalogQuery): CatalogRow | null {
  const author = query.author === undefined ? '' : authorKey(query.author);
  const byAuthor = author === '' ? rows : rows.filter((row) => sameAuthor(String(row['author_key']), author));
  const inLanguage = byAuthor.filter((row) => query.language === undefined || row['language'] === query.language);
  if (author === '' && inLanguage.length > 1) return null;
  const best = inLanguage[0] ?? byAuthor[0];
  return best === undefined ? null : rowOf(best);
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
