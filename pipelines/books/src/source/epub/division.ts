/**
 * Divides the lines of an EPUB into sections: its navigation proposes, its text is asked. Every line ends up in exactly
 * one section, whatever the navigation leaves out or gets wrong.
 *
 * 1. An entry whose title is not found where it leads is an issue; the section is made all the same.
 * 2. Where fewer than half of the entries are found, the navigation is not believed: the result is null, and the text
 *    is divided by its own headings.
 * 3. Headings of the markup that rank with those of the contents, and are not in them, divide too, and are an issue.
 */

import { countLetters } from '../../document.ts';
import { parseLabel } from '../../headings/read-label.ts';
import { keyOf } from '../../headings/piece.ts';
import { roleOf } from '../../headings/roles.ts';
import type { SourceIssue, SourceLine, SourceMatter, SourceSection } from '../source.ts';
import type { EpubDocument } from './documents.ts';
import type { Cut } from './cut.ts';
import { levelsOf } from './levels.ts';
import { firstHeading } from './matching.ts';
import type { Navigation } from './navigation.ts';
import { placedEntries, type PlacedEntry } from './placing.ts';
import { namedAt } from './roles.ts';

export interface Division {
  readonly documents: readonly EpubDocument[];
  readonly lines: readonly SourceLine[];
  readonly title: string | null;
  readonly issues: SourceIssue[];
}

/** Letters between two headings below which they are one: a number and its title. */
const minLettersBetween = 40;
/** A page with the book's title and no more than this is its title page. */
const maxTitlePageLetters = 900;

export function divideEpub(navigation: Navigation, book: Division): SourceSection[] | null {
  const landmarks = landmarkLines(navigation, book);
  const placed = placedEntries(navigation.entries, book);
  const cuts = placed.map((entry) => cutOf(entry, landmarks, book));
  const judged = cuts.filter((cut) => cut.named.matter === null && !cut.document.isNavigation);
  if (!isBelievable(placed, cuts, judged, book)) return null;
  const all = withOthers(cuts, landmarks, book);
  const start = bodyStart(landmarks);
  const opening = all.findIndex((cut, index) => hasText(book.lines, cut.line, endOf(all, index, book)));
  const matters = all.map((cut, index): SourceMatter | null =>
    index < opening && cut.children === 0 ? { place: 'front', role: 'titlePage' } : matterOf(cut, endOf(all, index, book), start, book),
  );
  const levels = levelsOf(all.map((cut, index) => ({ ...cut, isBody: (matters[index]?.place ?? 'body') === 'body' })));
  const sections = all.map((cut, index) => ({
    title: cut.title,
    file: cut.document.file,
    from: cut.line,
    to: endOf(all, index, book),
    matter: matters[index] ?? null,
    level: levels[index] ?? 2,
    ...(cut.headed === null ? {} : { headed: cut.headed }),
  }));
  // Covers and other pages that hold a picture only.
  return sections.filter(({ title, matter, from, to }) => (title !== '' && matter === null) || hasText(book.lines, from, to));
}

function hasText(lines: readonly SourceLine[], from: number, to: number): boolean {
  for (let line = from; line < to; line += 1) if (lines[line]!.text !== '') return true;
  return false;
}

function endOf(cuts: readonly Cut[], index: number, { lines }: Division): number {
  return cuts[index + 1]?.line ?? lines.length;
}

function landmarkLines(navigation: Navigation, { documents }: Division): Map<number, string[]> {
  const found = new Map<number, string[]>();
  for (const { type, target } of navigation.landmarks) {
    const document = documents.find((one) => one.path === target.path);
    if (document === undefined) continue;
    const line = target.fragment === null ? document.from : (document.watched.anchors.get(target.fragment)?.line ?? document.from);
    found.set(line, [...(found.get(line) ?? []), ...type.toLowerCase().split(/\s+/)]);
  }
  return found;
}

function bodyStart(landmarks: ReadonlyMap<number, readonly string[]>): number {
  return Math.min(...[...landmarks].filter(([, types]) => types.includes('bodymatter')).map(([line]) => line), Number.MAX_SAFE_INTEGER);
}

function cutOf(entry: PlacedEntry, landmarks: ReadonlyMap<number, readonly string[]>, { lines }: Division): Cut {
  const { line, document } = entry;
  const found = entry.match !== null && entry.match.line - line < 3 ? entry.match : null;
  return {
    line,
    title: entry.title,
    depth: entry.depth,
    children: entry.children,
    headed: found === null || firstText(lines, line) !== found.line ? null : found.headed,
    rank: entry.match === null ? 0 : (lines[entry.match.line]?.level ?? 0),
    named: namedAt(document, line, landmarks),
    document,
  };
}

function firstText(lines: readonly SourceLine[], from: number): number {
  let line = from;
  while (line < lines.length && lines[line]!.text === '') line += 1;
  return line;
}

/** Tells which entries the text contradicts, and whether the rest can be relied on. */
function isBelievable(placed: readonly PlacedEntry[], cuts: readonly Cut[], judged: readonly Cut[], { lines, issues }: Division): boolean {
  if (cuts.length < 2) return false;
  let found = 0;
  const told: SourceIssue[] = [];
  for (const [index, entry] of placed.entries()) {
    if (!judged.includes(cuts[index]!)) continue;
    const heading = firstHeading(lines, entry.line, entry.document.to);
    if (entry.match !== null || heading === null) found += 1;
    if (entry.match === null && heading !== null)
      told.push({ type: 'nav_title', message: `the contents say “${entry.title}” where the text has “${heading.text.slice(0, 100)}”` });
  }
  if (found * 2 < judged.length) {
    issues.push({
      type: 'nav_not_believed',
      message: `${String(judged.length - found)} of ${String(judged.length)} titles of the contents are not found where they lead; the text was divided by its own headings`,
    });
    return false;
  }
  issues.push(...told);
  return true;
}

/** The cuts that the navigation does not know: documents that say what they are, and headings like those of the contents. */
function withOthers(cuts: readonly Cut[], landmarks: ReadonlyMap<number, readonly string[]>, book: Division): Cut[] {
  const { documents, lines, issues } = book;
  const ranks = listedRanks(cuts);
  const own = new Map<number, Cut[]>(Map.groupBy(cuts, (cut) => cut.line));
  const all: Cut[] = [];
  const extra = (line: number, document: EpubDocument, title: string, rank: number): void => {
    all.push({
      line,
      title,
      depth: null,
      children: 0,
      headed: rank > 0 ? 1 : null,
      rank,
      named: namedAt(document, line, landmarks),
      document,
    });
  };
  for (const document of documents) {
    const first = firstText(lines, document.from);
    let since = Number.MAX_SAFE_INTEGER;
    for (let line = document.from; line <= document.to; line += 1) {
      const known = own.get(line);
      if (known !== undefined) {
        all.push(...known);
        since = 0;
        continue;
      }
      const { text, level = 0 } = lines[line]!;
      const named = line === document.from && !hasCut(own, document.from, first) ? namedAt(document, line, landmarks) : null;
      const apart =
        line === document.from &&
        first <= document.to &&
        (all.length === 0 || document.order !== 'linear' || document.isNavigation || named?.matter != null || named?.level != null);
      if (apart && !hasCut(own, document.from, first)) {
        extra(line, document, titleIn(document, first, lines), 0);
        since = 0;
      } else if (ranks.has(level) && since >= minLettersBetween && text !== '') {
        extra(line, document, text, level);
        issues.push({ type: 'nav_missing', message: `the contents leave out the heading “${text.slice(0, 100)}”` });
        since = 0;
      }
      since += countLetters(text);
    }
  }
  return all;
}

function hasCut(cuts: ReadonlyMap<number, unknown>, from: number, to: number): boolean {
  for (let line = from; line <= to; line += 1) if (cuts.has(line)) return true;
  return false;
}

/** What heads a document that the contents do not name: its first heading, else what its markup calls it, else nothing. */
function titleIn(document: EpubDocument, first: number, lines: readonly SourceLine[]): string {
  const heading = firstHeading(lines, first, document.to);
  return heading === null ? '' : heading.text;
}

/** Ranks of headings that the contents list twice at least. */
function listedRanks(cuts: readonly Cut[]): Set<number> {
  const counts = new Map<number, number>();
  for (const { rank, named } of cuts) if (rank > 0 && named.matter === null) counts.set(rank, (counts.get(rank) ?? 0) + 1);
  return new Set([...counts].filter(([, count]) => count >= 2).map(([rank]) => rank));
}

function matterOf(cut: Cut, end: number, start: number, { lines, title, documents }: Division): SourceMatter | null {
  const { matter, place } = cut.named;
  if (cut.document.order !== 'linear') return { place: 'back', role: matter?.role ?? roleOf(cut.title)?.role ?? 'other' };
  if (matter !== null) return { role: matter.role, place: place ?? matter.place };
  const named = roleOf(cut.title);
  if (place === 'front' || place === 'back') return { place, role: named?.role ?? 'other' };
  if (named !== null) return { role: named.role, place: place ?? named.place };
  let letters = 0;
  for (let line = cut.line; line < end && letters <= maxTitlePageLetters; line += 1) letters += countLetters(lines[line]!.text);
  const opens = cut.line < (documents[0]?.to ?? 0) || cut.depth === null;
  if (letters <= maxTitlePageLetters && place === null && (isTitle(cut.title, title) || (opens && cut.title === '')))
    return { place: 'front', role: 'titlePage' };
  if (cut.line < start && start < Number.MAX_SAFE_INTEGER && parseLabel(cut.title) === null && cut.children === 0)
    return { place: 'front', role: letters <= maxTitlePageLetters && cut.title === '' ? 'titlePage' : 'other' };
  return null;
}

/** Whether a heading is the book's own title, of which either may be the shorter form. */
export function isTitle(heading: string, title: string | null): boolean {
  const [one, other] = [keyOf(heading), keyOf(title ?? '')];
  return one.length > 2 && other.length > 2 && (one.startsWith(other) || other.startsWith(one));
}
