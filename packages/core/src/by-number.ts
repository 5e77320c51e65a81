/**
 * What is kept by number, for numbers that are given out in order from 0. There may be many thousands: a change copies
 * the page in which the number is, and the list of pages.
 */

export interface ByNumber<V> {
  readonly size: number;
  /** Page `p` has the numbers from `p * PAGE` on. */
  readonly pages: readonly ReadonlyMap<number, V>[];
}

const PAGE = 64;

export const noNumbers: ByNumber<never> = { size: 0, pages: [] };

export function valueAt<V>({ pages }: ByNumber<V>, number: number): V | undefined {
  return pages[Math.floor(number / PAGE)]?.get(number);
}

export function withNumber<V>({ size, pages }: ByNumber<V>, number: number, value: V): ByNumber<V> {
  const place = Math.floor(number / PAGE);
  const page: ReadonlyMap<number, V> = pages[place] ?? new Map();
  const missing = Array.from({ length: Math.max(0, place + 1 - pages.length) }, (): ReadonlyMap<number, V> => new Map());
  const changed = new Map(page).set(number, value);
  return { size: page.has(number) ? size : size + 1, pages: [...pages, ...missing].with(place, changed) };
}
