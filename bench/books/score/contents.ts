/**
 * The rebuilt contents against the true ones. An entry is found when its number and normalised title are those of a true
 * unit, in the same order, and the entry that holds it is that of the unit's parent; every entry beside is one too many.
 */

import type { Book, TocEntry } from '@scriptorium/books/structure';
import type { Score } from './boundaries.ts';
import type { GoldBook, GoldUnit } from './gold.ts';
import { keyOf } from './key.ts';

export interface ContentsScore {
  readonly entries: Score;
  /** Of the entries with the number and title of a true unit, how many stand at its level. */
  readonly levels: { readonly right: number; readonly of: number };
}

export function scoreContents(book: Book, gold: GoldBook): ContentsScore {
  const { toc } = book.structure.frontMatter;
  const units = gold.units.map((unit, index) => ({ unit, index })).filter(({ unit }) => unit.listed);
  const pairs = aligned(
    units.map(({ unit }) => unit),
    toc,
  ).map(([unit, entry]) => ({ unit: units[unit]!, entry }));
  const entryOf = new Map(pairs.map(({ unit, entry }) => [unit.index, entry]));
  const parents = parentsOf(toc);
  const found = pairs.filter(({ unit, entry }) => {
    const held = unit.unit.parent === null ? null : (entryOf.get(unit.unit.parent) ?? undefined);
    return held === parents[entry];
  });
  return {
    entries: { found: found.length, predicted: toc.length, expected: units.length },
    levels: { right: pairs.filter(({ unit, entry }) => toc[entry]!.level === unit.unit.level).length, of: pairs.length },
  };
}

/** How many of the publisher's chapter titles the book has at the same place of its reading order, white space aside. */
export function scoreList(book: Book, contents: readonly string[]): Score {
  const plain = (title: string): string => title.replace(/\s/gu, '');
  const titles = book.structure.frontMatter.toc.map((entry) => plain(entry.fullTitle));
  const found = contents.filter((title, index) => plain(title) === titles[index]).length;
  return { found, predicted: titles.length, expected: contents.length };
}

function parentsOf(toc: readonly TocEntry[]): (number | null)[] {
  const open: number[] = [];
  return toc.map((entry, index) => {
    while (open.length > 0 && toc[open.at(-1)!]!.level >= entry.level) open.pop();
    const parent = open.at(-1) ?? null;
    open.push(index);
    return parent;
  });
}

/** The longest common subsequence of units and entries that agree. */
function aligned(units: readonly GoldUnit[], toc: readonly TocEntry[]): [number, number][] {
  const keys = toc.map((entry) => [keyOf(entry.title), keyOf(entry.fullTitle)]);
  const agree = (unit: number, entry: number): boolean => agrees(units[unit]!, toc[entry]!, keys[entry]!);
  const lengths = Array.from({ length: units.length + 1 }, () => new Uint16Array(toc.length + 1));
  for (let unit = units.length - 1; unit >= 0; unit -= 1)
    for (let entry = toc.length - 1; entry >= 0; entry -= 1)
      lengths[unit]![entry] = agree(unit, entry)
        ? lengths[unit + 1]![entry + 1]! + 1
        : Math.max(lengths[unit + 1]![entry]!, lengths[unit]![entry + 1]!);
  const pairs: [number, number][] = [];
  for (let unit = 0, entry = 0; unit < units.length && entry < toc.length;) {
    if (agree(unit, entry)) pairs.push([unit++, entry++]);
    else if (lengths[unit + 1]![entry]! >= lengths[unit]![entry + 1]!) unit += 1;
    else entry += 1;
  }
  return pairs;
}

function agrees(unit: GoldUnit, entry: TocEntry, keys: readonly string[]): boolean {
  if (unit.value !== null && entry.ordinal !== null && entry.ordinal !== unit.value) return false;
  if (unit.value !== null && entry.ordinal === null && !keys.some((key) => key !== '' && unit.titles.includes(key))) return false;
  return keys.some((key) => unit.titles.includes(key) && (key !== '' || entry.title === ''));
}
