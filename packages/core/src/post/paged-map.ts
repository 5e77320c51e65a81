/**
 * A map that is never changed, of entries in the order in which they were added: a change copies one page of them and the
 * list of the pages. A mailbox may have a hundred thousand messages, and hears of one with every fact.
 */

/** Entries of a page at most; a page with fewer than a quarter of them joins the one before it where both fit into one. */
const PAGE = 256;

export type Page<V> = ReadonlyMap<string, V>;

export class PagedMap<V> implements ReadonlyMap<string, V> {
  readonly pages: readonly Page<V>[];
  readonly size: number;

  constructor(pages: readonly Page<V>[], size: number) {
    this.pages = pages;
    this.size = size;
  }

  has(key: string): boolean {
    return this.pages.some((page) => page.has(key));
  }

  get(key: string): V | undefined {
    return this.pages.find((page) => page.has(key))?.get(key);
  }

  *entries(): MapIterator<[string, V]> {
    for (const page of this.pages) yield* page;
  }

  *keys(): MapIterator<string> {
    for (const page of this.pages) yield* page.keys();
  }

  *values(): MapIterator<V> {
    for (const page of this.pages) yield* page.values();
  }

  [Symbol.iterator](): MapIterator<[string, V]> {
    return this.entries();
  }

  forEach(visit: (value: V, key: string, map: ReadonlyMap<string, V>) => void): void {
    for (const [key, value] of this) visit(value, key, this);
  }
}

export function pagedMap<V>(entries: readonly (readonly [string, V])[]): PagedMap<V> {
  const pages = Array.from({ length: Math.ceil(entries.length / PAGE) }, (_, at) => new Map(entries.slice(at * PAGE, (at + 1) * PAGE)));
  return new PagedMap(pages, entries.length);
}

/** With the entry changed where it is, or added as the last one. */
export function withPaged<V>({ pages, size }: PagedMap<V>, key: string, value: V): PagedMap<V> {
  const at = pages.findIndex((page) => page.has(key));
  if (at >= 0) return new PagedMap(pages.with(at, new Map(pages[at]).set(key, value)), size);
  const last = pages.at(-1);
  if (last === undefined || last.size >= PAGE) return new PagedMap([...pages, new Map([[key, value]])], size + 1);
  return new PagedMap([...pages.slice(0, -1), new Map(last).set(key, value)], size + 1);
}

export function withoutPaged<V>(map: PagedMap<V>, key: string): PagedMap<V> {
  const { pages, size } = map;
  const at = pages.findIndex((page) => page.has(key));
  if (at < 0) return map;
  const page = new Map(pages[at]);
  page.delete(key);
  const before = pages[at - 1];
  if (page.size < PAGE / 4 && before !== undefined && before.size + page.size <= PAGE)
    return new PagedMap(pages.toSpliced(at - 1, 2, new Map([...before, ...page])), size - 1);
  return new PagedMap(page.size === 0 ? pages.toSpliced(at, 1) : pages.with(at, page), size - 1);
}
