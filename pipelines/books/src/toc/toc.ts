/**
 * Rebuilds the contents of a book: the printed list, where there is one, is matched with the units that the book really
 * has; what the list leaves out is added, what the book lacks is kept and marked; all in the order of the body.
 */

import { distance } from 'fastest-levenshtein';
import { walkChapters } from '../document.ts';
import type { Book, Chapter, Section, TocEntry, Warning } from '../document.ts';
import { keyOf } from '../headings/piece.ts';
import { readEntries } from './entries.ts';
import type { PrintedEntry } from './entries.ts';

/** A unit that contents may name: a chapter, or a section of the front or back matter. */
interface Unit {
  readonly id: string;
  readonly title: string;
  readonly full: string;
  readonly number: string | null;
  readonly ordinal: number | null;
  readonly level: number;
  readonly rank: number;
}

type Manner = 'exact' | 'number' | 'normalised' | 'contained' | 'similar';

interface Match {
  readonly unit: number;
  readonly manner: Manner;
}

const unlisted: ReadonlySet<string> = new Set(['titlePage', 'contents', 'illustrations', 'credits', 'dedication', 'epigraph']);

/** The book with `frontMatter.toc` made anew; nothing else changes but the warnings. */
export function restructureToc(book: Book): Book {
  const units = unitsOf(book);
  const printed = ranked(book.structure.frontMatter.sections.filter((section) => section.role === 'contents').flatMap(readEntries), units);
  const warnings: Warning[] = [];
  const matches = printed.length === 0 ? [] : matchEntries(printed, units, warnings);
  const toc =
    printed.length === 0
      ? units.filter((unit) => unit.rank > 0).map((unit) => entryOf(unit, null))
      : inBodyOrder(printed, matches, units, warnings);
  return {
    ...book,
    structure: { ...book.structure, frontMatter: { ...book.structure.frontMatter, toc } },
    warnings: [...book.warnings.filter((warning) => warning.stage !== 'toc'), ...warnings],
  };
}

/** Words that usually name parts name chapters where neither the book nor its list has anything inside of them. */
function ranked(entries: readonly PrintedEntry[], units: readonly Unit[]): readonly PrintedEntry[] {
  const nests = units.some((unit) => unit.rank === 1) || entries.some((entry) => entry.label !== null && entry.rank !== 1);
  return nests ? entries : entries.map((entry) => ({ ...entry, rank: entry.rank === 1 ? 2 : entry.rank }));
}

function unitsOf(book: Book): Unit[] {
  const sectionUnit = (section: Section): Unit => ({
    id: section.id,
    title: section.title,
    full: section.title,
    number: null,
    ordinal: null,
    level: 1,
    rank: unlisted.has(section.role) ? 0 : 2,
  });
  const { frontMatter, body, backMatter } = book.structure;
  return [
    ...frontMatter.sections.map(sectionUnit),
    ...[...walkChapters(body.chapters)].map(({ chapter, depth }) => chapterUnit(chapter, depth)),
    ...backMatter.sections.map(sectionUnit),
  ];
}

function chapterUnit(chapter: Chapter, depth: number): Unit {
  const printed = chapter.blocks
    .filter((block) => block.type === 'heading')
    .slice(0, 4)
    .map((block) => block.text.replaceAll('\n', ' '));
  const heading = chapter.metadata?.['heading'];
  const full =
    typeof heading === 'string'
      ? heading
      : printed.length > 0
        ? printed.join(' ')
        : [chapter.number, chapter.title].filter(Boolean).join(' ');
  return {
    id: chapter.id,
    title: chapter.title,
    full,
    number: chapter.number ?? null,
    ordinal: chapter.ordinal,
    level: depth,
    rank: chapter.kind === 'part' ? 1 : chapter.kind === 'chapter' ? 2 : 3,
  };
}

/**
 * One match for each entry, or null: the manners in turn, each over all entries, so that no loose match takes what
 * a firm one needs. Numbers repeat in every part, so they match only between the firm matches around them.
 */
function matchEntries(printed: readonly PrintedEntry[], units: readonly Unit[], warnings: Warning[]): (Match | null)[] {
  const matches: (Match | null)[] = printed.map(() => null);
  const taken = new Set<number>();
  for (const manner of ['exact', 'number', 'normalised', 'contained', 'similar'] as const) {
    for (const [index, entry] of printed.entries()) {
      if (matches[index] !== null) continue;
      const [from, to] = between(matches, index, units.length);
      const unit =
        findUnit(entry, units, taken, from, to, manner) ??
        (manner === 'exact' ? findUnit(entry, units, taken, 0, units.length, manner) : null);
      if (unit === null) continue;
      taken.add(unit);
      matches[index] = { unit, manner };
      // A number alone is all of a heading that has no title, or of an entry that has none.
      const isWhole = manner === 'exact' || (manner === 'number' && (entry.title === '' || units[unit]!.title === ''));
      if (!isWhole) warnings.push(matchWarning(entry, units[unit]!, manner));
    }
  }
  for (const [index, entry] of printed.entries()) {
    if (matches[index] === null)
      warnings.push({
        stage: 'toc',
        type: 'unmatched_entry',
        message: `“${entry.full}” is in the contents, but the book has no such unit`,
      });
  }
  return matches;
}

/** Titles of one number may agree beside, and it is told how well they do. */
function matchWarning(entry: PrintedEntry, unit: Unit, manner: Exclude<Manner, 'exact'>): Warning {
  const told =
    manner === 'number'
      ? ((['normalised', 'contained', 'similar'] as const).find((other) => agrees(entry, unit, other)) ?? manner)
      : manner;
  return {
    stage: 'toc',
    type: `${told}_match`,
    message: `“${entry.full}” in the contents is taken for “${unit.full}” (${mannerText[told]})`,
    ref: unit.id,
  };
}

const mannerText: { readonly [manner in Exclude<Manner, 'exact'>]: string } = {
  number: 'same number',
  normalised: 'same letters',
  contained: 'one title within the other',
  similar: 'a few letters differ',
};

/** The units between the nearest matches before and after entry `index`. */
function between(matches: readonly (Match | null)[], index: number, end: number): readonly [number, number] {
  const before = matches.slice(0, index).findLast((match) => match !== null)?.unit ?? -1;
  const after = matches.slice(index + 1).find((match) => match !== null && match.unit > before)?.unit ?? end;
  return [before + 1, after];
}

function findUnit(
  entry: PrintedEntry,
  units: readonly Unit[],
  taken: ReadonlySet<number>,
  from: number,
  to: number,
  manner: Manner,
): number | null {
  for (let index = from; index < to; index += 1) if (!taken.has(index) && agrees(entry, units[index]!, manner)) return index;
  return null;
}

function agrees(entry: PrintedEntry, unit: Unit, manner: Manner): boolean {
  const value = entry.label?.value ?? null;
  const numbersClash = value !== null && unit.ordinal !== null && value !== unit.ordinal;
  switch (manner) {
    case 'exact':
      if (numbersClash || rankClashes(entry, unit)) return false;
      if (folded(entry.full) === folded(unit.full)) return true;
      return (
        (entry.title !== '' && folded(entry.title) === folded(unit.title)) ||
        (entry.title === '' && value !== null && value === unit.ordinal && unit.title === '')
      );
    case 'number':
      return value !== null && value === unit.ordinal && !rankClashes(entry, unit);
    case 'normalised':
      return keyOf(entry.title).length > 1 && keyOf(entry.title) === keyOf(unit.title);
    case 'contained':
      return !numbersClash && contains(keyOf(entry.title), keyOf(unit.title));
    case 'similar':
      return !numbersClash && !rankClashes(entry, unit) && isSlip(keyOf(entry.title), keyOf(unit.title));
  }
}

function rankClashes(entry: PrintedEntry, unit: Unit): boolean {
  return entry.rank !== null && unit.rank > 0 && (entry.rank === 1) !== (unit.rank === 1) && entry.rank !== unit.rank;
}

function contains(left: string, right: string): boolean {
  const [short, long] = left.length < right.length ? [left, right] : [right, left];
  return short.length >= 5 && short.length >= long.length * 0.3 && long.includes(short);
}

/** One letter of eight may be wrong; titles of fewer than six say too little. */
function isSlip(left: string, right: string): boolean {
  const longest = Math.max(left.length, right.length);
  return Math.min(left.length, right.length) >= 6 && distance(left, right) * 8 <= longest;
}

/** Case, white space, kinds of quotes and dashes, and punctuation at the end do not make a title another. */
function folded(title: string): string {
  return title
    .toLowerCase()
    .replace(/[‘’`´]/g, "'")
    .replace(/[“”«»„]/g, '"')
    .replace(/—|--/g, '-')
    .replace(/[\s　]+/gu, ' ')
    .replace(/[\s.,:;]+$/u, '')
    .trim();
}

function entryOf(unit: Unit, entry: PrintedEntry | null): TocEntry {
  const title = unit.title === '' ? (entry?.title ?? '') : unit.title;
  return {
    number: unit.number ?? entry?.label?.number ?? null,
    title,
    fullTitle: unit.title === '' && entry !== null && entry.title !== '' ? entry.full : unit.full,
    level: unit.level,
    ref: unit.id,
    ordinal: unit.ordinal ?? entry?.label?.value ?? null,
  };
}

/** Units in reading order with their entries; entries without a unit stay behind the entry they were printed after. */
function inBodyOrder(
  printed: readonly PrintedEntry[],
  matches: readonly (Match | null)[],
  units: readonly Unit[],
  warnings: Warning[],
): TocEntry[] {
  const entryFor = new Map<number, number>();
  const orphans = new Map<number, number[]>();
  let anchor = -1;
  for (const [index, match] of matches.entries()) {
    if (match !== null) {
      entryFor.set(match.unit, index);
      anchor = match.unit;
    } else orphans.set(anchor, [...(orphans.get(anchor) ?? []), index]);
  }
  const toc: TocEntry[] = [];
  const addOrphans = (unit: number): void => {
    for (const index of orphans.get(unit) ?? []) toc.push(orphanOf(printed[index]!, toc.at(-1)?.level ?? 1));
  };
  addOrphans(-1);
  for (const [index, unit] of units.entries()) {
    const entry = entryFor.get(index);
    if (entry !== undefined) toc.push(entryOf(unit, printed[entry]!));
    else if (unit.rank > 0 && unit.full !== '') {
      toc.push(entryOf(unit, null));
      warnings.push({ stage: 'toc', type: 'missing_entry', message: `“${unit.full}” is not in the contents; added`, ref: unit.id });
    }
    addOrphans(index);
  }
  return belowOrphanParts(toc, units, new Set(printed.filter((entry) => entry.rank === 1).map((entry) => entry.full)));
}

/** Parts that only the list knows hold what it names below them, up to the next part or the back matter. */
function belowOrphanParts(toc: readonly TocEntry[], units: readonly Unit[], parts: ReadonlySet<string>): TocEntry[] {
  const own = new Set(units.filter((unit) => unit.rank === 1).map((unit) => unit.id));
  const isOrphan = (entry: TocEntry): boolean => entry.ref === null && parts.has(entry.fullTitle);
  const orphans = toc.filter(isOrphan).length;
  if (orphans === 0 || orphans + own.size < 2) return [...toc];
  let inside = false;
  return toc.map((entry) => {
    if (isOrphan(entry)) inside = true;
    else if (entry.ref !== null && (own.has(entry.ref) || entry.ref.startsWith('back-'))) inside = false;
    return inside && !isOrphan(entry) ? { ...entry, level: entry.level + 1 } : entry;
  });
}

function orphanOf(entry: PrintedEntry, level: number): TocEntry {
  return {
    number: entry.label?.number ?? null,
    title: entry.title,
    fullTitle: entry.full,
    level: entry.rank === 1 ? 1 : level,
    ref: null,
    ordinal: entry.label?.value ?? null,
  };
}
