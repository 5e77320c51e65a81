/** What a catalog adds to a book's metadata, and what it contradicts. */

import type { CatalogRow } from '../catalog/catalog.ts';
import { authorKey, sameAuthor, titleKey } from '../catalog/key.ts';
import type { SourceMeta } from '../source/source.ts';
import type { Issue } from './issue.ts';

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
    title: row.title.split(/\r?\n/, 1)[0] ?? row.title,
    ...(row.authors === '' ? {} : { author: row.authors }),
    ...(row.language === '' ? {} : { language: row.language }),
    ...(row.volume === null ? {} : { volume: String(row.volume) }),
    ...meta,
    workNumber: row.number,
    extra,
  };
}

/** Types: `not_in_catalog` and `catalog_mismatch` (the number belongs to another work), both warnings. */
export function catalogIssues(meta: SourceMeta, row: CatalogRow | null): Issue[] {
  const issue = (type: string, message: string, more: Partial<Issue> = {}): Issue => ({
    severity: 'warning',
    index: null,
    title: '',
    type,
    message,
    ...more,
  });
  if (row === null) return [issue('not_in_catalog', `the catalog has no work for ${describe(meta)}`)];
  const otherTitle = meta.title !== undefined && titleKey(meta.title) !== titleKey(row.title);
  const otherAuthor = meta.author !== undefined && row.authors !== '' && !sameAuthor(authorKey(meta.author), authorKey(row.authors));
  return otherTitle && otherAuthor
    ? [
        issue('catalog_mismatch', `number ${row.number} of the catalog is another work`, {
          expected: row.title.split(/\r?\n/, 1)[0] ?? '',
          actual: meta.title ?? '',
        }),
      ]
    : [];
}

function describe({ workNumber, title, author }: SourceMeta): string {
  const known = [
    workNumber === undefined ? '' : `number ${workNumber}`,
    title === undefined ? '' : `"${title}"`,
    author === undefined ? '' : `by ${author}`,
  ].filter((part) => part !== '');
  return known.length === 0 ? 'a book that names neither number nor title' : known.join(' ');
}
