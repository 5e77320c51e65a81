/** The gold structures of a corpus, as far as they are scored. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keyOf } from './key.ts';

export type Matter = 'front' | 'body' | 'back';

/** A unit of the true structure. */
export interface GoldUnit {
  /** Of its first words, in code points of the decoded text without BOM; null where it has none of its own or was not aligned. */
  readonly offset: number | null;
  readonly matter: Matter;
  /** From 1: the depth in the tree. */
  readonly level: number;
  /** Null where it has none, or none that the gold knows. */
  readonly value: number | null;
  /** Keys of what it may be called; '' among them where a number alone will do. */
  readonly titles: readonly string[];
  /** Index of the unit that holds it. */
  readonly parent: number | null;
  /** Whether a contents list names such a unit: dedications, epigraphs and what is not in the text are not listed. */
  readonly listed: boolean;
}

export interface GoldBook {
  readonly id: string;
  readonly units: readonly GoldUnit[];
  /** The publisher's list of chapters (Chinese books), null for aligned ones. */
  readonly contents: readonly string[] | null;
}

interface GoldFile {
  readonly id: string;
  readonly toc?: readonly unknown[];
  readonly flat: readonly FlatUnit[];
  readonly alignment?: { readonly units: readonly { readonly index: number; readonly offset: number | null }[] };
  readonly same_edition_html?: { readonly headings?: readonly { readonly text: string }[] } | null;
}

interface FlatUnit {
  readonly level: number;
  readonly full: string;
  readonly number: number | null;
  readonly title: string;
  readonly matter: string;
  readonly epub_type: string | null;
  readonly leaf: boolean;
}

/** Every gold structure of a corpus, by book id. */
export async function readGold(corpus: string): Promise<ReadonlyMap<string, GoldBook>> {
  const folder = join(corpus, 'gold');
  const books = new Map<string, GoldBook>();
  for (const name of (await readdir(folder)).toSorted()) {
    if (!name.endsWith('.json') || name.includes('anomalies')) continue;
    const file = JSON.parse(await readFile(join(folder, name), 'utf8')) as GoldFile;
    books.set(file.id, toGold(file));
  }
  return books;
}

/** Offsets at which units of the body begin: one that holds only others begins where the first of them does. */
export function bodyOffsets(gold: GoldBook): number[] {
  const offsets = gold.units.flatMap(({ offset, matter }) => (offset === null || matter !== 'body' ? [] : [offset]));
  return [...new Set(offsets)].sort((left, right) => left - right);
}

function toGold({ id, toc, flat, alignment, same_edition_html: edition }: GoldFile): GoldBook {
  if (alignment === undefined) return { id, units: [], contents: (toc ?? []).map(String) };
  const offsets = new Map(alignment.units.map(({ index, offset }) => [index, offset]));
  const printed = printedTitles(edition?.headings?.map(({ text }) => text) ?? []);
  const open: { readonly index: number; readonly level: number }[] = [];
  const units = flat.map((unit, index): GoldUnit => {
    while (open.length > 0 && open.at(-1)!.level >= unit.level) open.pop();
    const parent = open.at(-1)?.index ?? null;
    open.push({ index, level: unit.level });
    const offset = offsets.get(index) ?? null;
    return {
      offset,
      matter: matterOf(unit.matter),
      level: unit.level,
      value: unit.number,
      titles: titlesOf(unit, printed),
      parent,
      listed: !/\b(?:dedication|epigraph)\b/.test(unit.epub_type ?? '') && (offset !== null || !unit.leaf),
    };
  });
  return { id, units, contents: null };
}

function matterOf(matter: string): Matter {
  return matter === 'frontmatter' ? 'front' : matter === 'backmatter' ? 'back' : 'body';
}

/** A printed title counts for the gold's when this share of the pairs of letters is the same: spelling is modernised there. */
const minSimilarity = 0.6;

/** What the gold calls the unit, and what the headings of the same edition do: alike, or anything where the gold has a number only. */
function titlesOf(unit: FlatUnit, printed: readonly string[]): string[] {
  const own = [keyOf(unit.title), keyOf(unit.full), keyOf(unit.full.replace(/^[^:]{1,24}:\s/, ''))];
  if (unit.number !== null && /^(?:part|book|volume|chapter|act|scene|canto|letter)?$/i.test(unit.title)) return ['', ...own, ...printed];
  return [...new Set([...own, ...printed.filter((title) => own.some((key) => similarity(key, title) >= minSimilarity))])];
}

/** Keys of headings with and without their numbers, alone and joined with the one below. */
function printedTitles(headings: readonly string[]): string[] {
  const plain = headings.flatMap((text, index) => [text, `${text} ${headings[index + 1] ?? ''}`]);
  const keys = plain
    .flatMap((text) => [text, text.replace(/^(?:p\.\s*\d+)?(?:(?:chapter|part|book|stave)\s+)?[\divxlc]+[\s.:—-]+/i, '')])
    .map(keyOf);
  return [...new Set(keys)].filter((key) => key !== '');
}

/** Dice's coefficient over pairs of letters. */
function similarity(left: string, right: string): number {
  if (left.length < 2 || right.length < 2 || left.length > right.length * 3 || right.length > left.length * 3) return 0;
  const pairs = new Map<string, number>();
  for (let at = 0; at < left.length - 1; at += 1) pairs.set(left.slice(at, at + 2), (pairs.get(left.slice(at, at + 2)) ?? 0) + 1);
  let common = 0;
  for (let at = 0; at < right.length - 1; at += 1) {
    const rest = pairs.get(right.slice(at, at + 2)) ?? 0;
    if (rest === 0) continue;
    pairs.set(right.slice(at, at + 2), rest - 1);
    common += 1;
  }
  return (2 * common) / (left.length + right.length - 2);
}
