/** Builds the catalog from Project Gutenberg's CSV (`pg_catalog.csv`). */

import { createReadStream, existsSync, renameSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { parse } from 'csv-parse';
import { StepError } from '@scriptorium/core';
import { languageCode } from '../source/header.ts';
import { parseNumber } from '../numerals/numerals.ts';
import { catalogTables } from './catalog.ts';
import { authorKey, titleKey, volumeNumber } from './key.ts';
import { gramsOf } from './similar.ts';

export interface CatalogImport {
  readonly rows: number;
  /** Rows without a number or title, of recordings and pictures, or with a number that came before. */
  readonly skipped: number;
}

const required: readonly string[] = ['Text#', 'Title', 'Authors', 'Language'];

/**
 * Writes the catalog beside `catalogPath` and moves it there when it is complete, so that a reader never sees half of one.
 *
 * @throws StepError `io` when the CSV cannot be read or the catalog not written, `invalid_catalog` when it is no such CSV.
 */
export async function importCatalog(csvPath: string, catalogPath: string): Promise<CatalogImport> {
  if (!existsSync(csvPath))
    throw new StepError('io', `${csvPath} does not exist`, {
      fix: 'Download pg_catalog.csv from gutenberg.org/ebooks/offline_catalogs.html.',
    });
  const draft = `${catalogPath}.${String(process.pid)}.tmp`;
  rmSync(draft, { force: true });
  try {
    const counts = await fill(csvPath, draft);
    renameSync(draft, catalogPath);
    return counts;
  } catch (error) {
    rmSync(draft, { force: true });
    if (error instanceof StepError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    if (/CSV_/.test((error as { readonly code?: string }).code ?? '')) throw invalid(csvPath, message);
    throw new StepError('io', `cannot build the catalog ${catalogPath}: ${message}`, {
      fix: 'Check that its folder exists and may be written.',
      cause: error,
    });
  }
}

async function fill(csvPath: string, draft: string): Promise<CatalogImport> {
  const database = new DatabaseSync(draft);
  try {
    // Nothing reads the draft and a failed import is begun anew, so it needs no journal.
    database.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;');
    database.exec(catalogTables);
    database.exec('BEGIN');
    const insert = database.prepare('INSERT OR IGNORE INTO works VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
    const addGrams = database.prepare('INSERT INTO grams (rowid, pieces) VALUES (?, ?)');
    let rows = 0;
    let skipped = 0;
    const records = createReadStream(csvPath).pipe(parse({ columns: true, bom: true, relax_column_count: true, skip_empty_lines: true }));
    for await (const record of records as AsyncIterable<{ readonly [column: string]: string }>) {
      if (rows + skipped === 0) checkColumns(csvPath, Object.keys(record));
      const values = valuesOf(record);
      const added = values === null ? null : insert.run(...values);
      if (added?.changes !== 1) {
        skipped += 1;
        continue;
      }
      addGrams.run(added.lastInsertRowid, gramsOf((record['Title'] ?? '').trim()).join(' '));
      rows += 1;
    }
    if (rows === 0) throw invalid(csvPath, 'it has no usable row');
    database.exec('COMMIT');
    return { rows, skipped };
  } finally {
    database.close();
  }
}

function checkColumns(csvPath: string, columns: readonly string[]): void {
  const missing = required.filter((column) => !columns.includes(column));
  if (missing.length > 0) throw invalid(csvPath, `it lacks the columns ${missing.join(', ')}`);
}

function invalid(csvPath: string, cause: string): StepError {
  return new StepError('invalid_catalog', `${csvPath} is not the CSV of a catalog: ${cause}`, {
    fix: 'Use pg_catalog.csv from gutenberg.org/ebooks/offline_catalogs.html.',
  });
}

function valuesOf(record: { readonly [column: string]: string }): (string | number | null)[] | null {
  const text = (column: string): string => (record[column] ?? '').trim();
  const number = text('Text#').replace(/^0+/, '');
  const title = text('Title');
  if (number === '' || title === '' || !['', 'Text'].includes(text('Type'))) return null;
  const volume = volumeNumber(title);
  const language = languageCode(text('Language').split(';', 1)[0] ?? '');
  return [
    number,
    title,
    titleKey(title),
    text('Authors'),
    authorKey(text('Authors')),
    language,
    text('Subjects'),
    text('Bookshelves'),
    volume === null ? null : (parseNumber(volume)?.value ?? null),
  ];
}
