/** What a catalog adds to a book's metadata, and what it contradicts. */

import { sameTitle } from '../catalog/similar.ts';
import type { CatalogRow } from '../catalog/catalog.ts';
import type { SourceMeta } from '../source/source.ts';
import type { Issue, Severity } from './issue.ts';
import type { CatalogAnswer } from './lookup.ts';

export interface EnrichedMeta extends SourceMeta {
  readonly extra?: { readonly [key: string]: string };
}

/** The file's own title and author win, being of this very edition; what it lacks comes from the catalog. */
export function enriched(meta: SourceMeta, row: CatalogRow | null): EnrichedMeta {
  if (row === null) return meta;
  const extra = Object.fromEntries(
    [
      ['catalogTitle', row.title.replace(/\s*\r?\n\s*/g, '; ')],
      ['catalogAuthors', row.authors],
      ['subjects', row.subjects],
      ['bookshelves', row.bookshelves],
    ].filter(([, value]) => value !== ''),
  ) as { readonly [key: string]: string };
  return {
    title: mainTitle(row),
    ...(row.authors === '' ? {} : { author: row.authors }),
    ...(row.language === '' ? {} : { language: row.language }),
    ...(row.volume === null ? {} : { volume: String(row.volume) }),
    ...meta,
    workNumber: row.number,
    extra,
  };
}

/**
 * Types: `not_in_catalog`, `catalog_mismatch` (the number belongs to another work, whose data are not used), both
 * warnings; `catalog_similar` (found by a title or author that is not quite the same), for information.
 */
export function catalogIssues(meta: SourceMeta, { match, contradicted }: CatalogAnswer): Issue[] {
  const issue = (severity: Severity, type: string, message: string, more: Partial<Issue> = {}): Issue => ({
    severity,
    index: null,
    title: '',
    type,
    message,
    ...more,
  });
  const issues: Issue[] = [];
  if (contradicted !== null)
    issues.push(
      issue('warning', 'catalog_mismatch', `number ${contradicted.number} of the catalog is another work`, {
        expected: mainTitle(contradicted),
        actual: meta.title ?? '',
      }),
    );
  if (match === null) {
    if (contradicted === null) issues.push(issue('warning', 'not_in_catalog', `the catalog has no work for ${describe(meta)}`));
  } else if (match.by === 'title' && match.score < sameTitle) {
    const { row, score } = match;
    issues.push(
      issue(
        'info',
        'catalog_similar',
        `taken for number ${row.number} of the catalog, "${mainTitle(row)}" by ${row.authors === '' ? 'nobody named' : row.authors} (likeness ${score.toFixed(2)})`,
        { expected: mainTitle(row), actual: meta.title ?? '' },
      ),
    );
  }
  return issues;
}

function mainTitle(row: CatalogRow): string {
  return row.title.split(/\r?\n/, 1)[0] ?? row.title;
}

function describe({ workNumber, title, author }: SourceMeta): string {
  const known = [
    workNumber === undefined ? '' : `number ${workNumber}`,
    title === undefined ? '' : `"${title}"`,
    author === undefined ? '' : `by ${author}`,
  ].filter((part) => part !== '');
  return known.length === 0 ? 'a book that names neither number nor title' : known.join(' ');
}
