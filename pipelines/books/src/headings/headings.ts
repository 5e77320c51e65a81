/**
 * Decides which pieces of a book are headings, from all of it at once: numbers that count upward, agreement with the
 * contents list, names that only headings have, and layout. Nothing is a heading for one reason that the rest of the
 * book contradicts.
 */

import { isCounting } from './calendar.ts';
import type { Candidate } from './candidates.ts';
import { labelCandidates } from './candidates.ts';
import { titleText } from './draft.ts';
import type { Draft, Heading, PrintedBook } from './draft.ts';
import { addMatched, matchExpected } from './expected.ts';
import { keywordLevel } from './keywords.ts';
import { addByLayout, addInside } from './layout.ts';
import { addMarked } from './markup.ts';
import { addRoles } from './named.ts';
import { confirmed, continues, distance } from './sequences.ts';
import { nest } from './nesting.ts';
import { roleOf } from './roles.ts';
import { mergeTitles } from './titles.ts';
import { usualGap } from './typography.ts';
import { addUnnumbered, addWorks } from './works.ts';

/** The headings of a book in their order. */
export function findHeadings(book: PrintedBook): Heading[] {
  const { pieces } = book;
  const end = pieces.length === 0 ? 0 : pieces.at(-1)!.at + pieces.at(-1)!.letters;
  const drafts = new Map<number, Draft>();
  const expected = new Set(book.expected.flatMap(({ key }) => (key === '' ? [] : [key])));
  const classes = confirmed(labelCandidates(pieces), {
    end,
    usualGap: usualGap(book),
    expected,
    limits: book.limits,
    placeAbove: (piece) =>
      pieces
        .slice(Math.max(0, piece - 2), piece)
        .map((above) => (above.rows.length === 1 ? roleOf(titleText(above)) : null))
        .findLast((role) => role !== null)?.place ?? null,
  });
  const levelsOf = classLevels(classes);
  for (const [name, members] of classes) for (const member of members) drafts.set(member.piece, draftOf(member, levelsOf.get(name)!));
  mergeTitles(book, drafts, new Set(book.expected.map((entry) => entry.key)));
  const matched = matchExpected(book, drafts);
  addMatched(book, drafts, matched);
  addMarked(book, drafts);
  addWorks(book, drafts);
  if (divides(book, drafts, end)) {
    addInside(book, drafts, end);
    addUnnumbered(book, drafts, end);
  } else addByLayout(book, drafts, end);
  nest(book, drafts);
  addRoles(book, drafts, end);
  return [...drafts.values()]
    .sort((left, right) => left.piece - right.piece)
    .map((draft) => ({
      from: draft.piece,
      to: draft.to,
      level: draft.level,
      label: draft.label !== null && isCounting(draft.label.scheme) ? null : draft.label,
      title: draft.title,
      role: draft.role,
      why: draft.why,
    }));
}

function draftOf(member: Candidate, level: number): Draft {
  return {
    piece: member.piece,
    to: member.piece + 1,
    level,
    label: member.label,
    title: member.title,
    role: null,
    why: 'number',
    class: member.class,
  };
}

/** Levels by keyword; numbers without one are chapters unless chapters with one are around them. */
function classLevels(classes: ReadonlyMap<string, readonly Candidate[]>): Map<string, number> {
  const levels = new Map<string, number>();
  for (const name of classes.keys()) if (!name.startsWith('#')) levels.set(name, keywordLevel(name) ?? 2);
  const outer = [...levels].filter(([, level]) => level === 1).map(([name]) => name);
  for (const name of outer)
    if (outer.some((other) => other !== name && holds(classes.get(name)!, classes.get(other)!))) levels.set(name, 0);
  const chapters = [...levels].filter(([, level]) => level === 2).flatMap(([name]) => classes.get(name)!);
  const scenes = [...levels.values()].includes(3);
  for (const [name, members] of classes) {
    if (!name.startsWith('#')) continue;
    const first = members[0]!;
    const nested = chapters.length >= 2 && chapters.some((chapter) => chapter.piece < first.piece) && !follows(chapters, members);
    levels.set(name, nested || (chapters.length === 0 && scenes) ? 3 : 2);
  }
  const titled = [...levels].filter(([name, level]) => name.endsWith(':titled') && level === 2);
  const bare = [...levels].filter(([name, level]) => name.endsWith(':bare') && level === 2);
  for (const [name] of titled) {
    for (const [other] of bare) {
      if (nests(classes.get(name)!, classes.get(other)!)) levels.set(other, 3);
      else if (nests(classes.get(other)!, classes.get(name)!)) levels.set(name, 3);
    }
  }
  return levels;
}

/**
 * Whether numbers go on where chapters ended, or divide another work: all behind the last chapter, or between two of which
 * the second one counts anew, and as far apart as chapters are.
 */
function follows(chapters: readonly Candidate[], members: readonly Candidate[]): boolean {
  const [first] = members;
  const last = chapters.findLast((chapter) => chapter.piece < first!.piece)!;
  const next = chapters[chapters.indexOf(last) + 1];
  const behind = next === undefined || (next.piece > members.at(-1)!.piece && next.label.value === 1);
  const alike = members.length >= 3 && distance(members) * 2 >= distance(chapters);
  return continues(chapters, members) || (behind && alike && first!.at - last.at > distance(chapters) * 0.25);
}

/** Whether the outer units are fewer and each of them is followed by inner ones. */
function holds(outer: readonly Candidate[], inner: readonly Candidate[]): boolean {
  return (
    outer.length < inner.length &&
    inner.filter((member) => member.label.value === 1).length >= Math.min(2, outer.length) &&
    outer[0]!.piece < inner[0]!.piece
  );
}

/** Whether inner numbers start anew within the outer units. */
function nests(outer: readonly Candidate[], inner: readonly Candidate[]): boolean {
  return outer[0]!.piece < inner[0]!.piece && outer.length >= 2 && inner.some((member) => member.label.value === 1);
}

/** Whether the headings found so far divide the book: two of the outer ones at least, named by a word, or from near its beginning on. */
function divides(book: PrintedBook, drafts: ReadonlyMap<number, Draft>, end: number): boolean {
  const units = [...drafts.values()].filter((draft) => draft.role?.place !== 'front');
  const outer = Math.max(2, Math.min(...units.filter((draft) => draft.label?.keyword != null).map((draft) => draft.level)));
  const chapters = units.filter((draft) => draft.level <= outer);
  if (chapters.length < 2) return false;
  if (chapters.filter((draft) => draft.label?.keyword != null).length >= 2) return true;
  return Math.min(...chapters.map((draft) => book.pieces[draft.piece]!.at)) < end * 0.3;
}
