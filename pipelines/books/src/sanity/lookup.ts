/** Which work of the catalog a book is: by its number, by what it says of itself, or by the name of its file. */

import { openCatalog, type Catalog, type CatalogMatch, type CatalogRow } from '../catalog/catalog.ts';
import type { SourceMeta } from '../source/source.ts';

export interface CatalogAnswer {
  readonly match: CatalogMatch | null;
  /** What the catalog has under the number that the book gives, where that is another work. */
  readonly contradicted: CatalogRow | null;
}

/** `name`: of the book's file or folder. */
export function lookUp(path: string, meta: SourceMeta, name: string): CatalogAnswer {
  const catalog = openCatalog(path);
  try {
    return answerFrom(catalog, meta, name);
  } finally {
    catalog.close();
  }
}

export function answerFrom(catalog: Catalog, meta: SourceMeta, name: string): CatalogAnswer {
  const match = catalog.find(meta) ?? (meta.title === undefined ? byFileName(catalog, meta, name) : null);
  const numbered = meta.workNumber === undefined ? null : catalog.numbered(meta.workNumber);
  return { match, contradicted: match?.by === 'number' ? null : numbered };
}

function byFileName(catalog: Catalog, meta: SourceMeta, name: string): CatalogMatch | null {
  const { workNumber: _, ...rest } = meta;
  const found = namesIn(name).flatMap((named) => catalog.find({ ...rest, ...named }) ?? []);
  return found.sort((one, other) => other.score - one.score)[0] ?? null;
}

/** `Author - Title.txt`, `Title - Author.txt`, `Title by Author.epub`, `a-title-in-small-letters.html`: every reading of a name. */
export function namesIn(name: string): readonly { readonly title: string; readonly author?: string }[] {
  const stem = name
    .normalize('NFC')
    .replace(/\.[a-z0-9]{2,5}$/i, '')
    .replace(/^(?:pg)?\d+[a-z]?[-_. ]+/i, '')
    .replaceAll('_', ' ')
    .trim();
  const by = /^(.+?)\s+(?:by|von|par)\s+(.+)$/i.exec(stem);
  const pairs = [...stem.matchAll(/\s+[-–]\s+/g)].flatMap(({ index, 0: dash }) => {
    const [first, second] = [stem.slice(0, index), stem.slice(index + dash.length)];
    return [
      [first, second],
      [second, first],
    ];
  });
  return [
    ...pairs.map(([title = '', author = '']) => ({ title, author })),
    ...(by === null ? [] : [{ title: by[1] ?? '', author: by[2] ?? '' }]),
    { title: stem.replace(/[-.]/g, ' ') },
  ].filter(({ title }) => /\p{L}{2}/u.test(title));
}
