/**
 * What holds a run of numbers that nothing numbered holds: the titles of works in one file, and of parts that have a name
 * only. Where numbers start anew, the title is what stands out most between the text before and the first of them; one
 * such line may be anything, one at nearly every beginning is how the book is made.
 */

import { coveredBy, lineDraft, median, titleText } from './draft.ts';
import type { Draft, PrintedBook } from './draft.ts';
import { addByLayout } from './layout.ts';
import { keyOf, openingGap } from './piece.ts';
import { groupsAlike, headsText, isRunning, looksLikeHeading, setLike, usualGap } from './typography.ts';

/** A title page has hardly more lines than this, each of them short: title, subtitle, author, place. */
const titlePagePieces = 6;
const titlePageLetters = 100;
/** Between a title and the first number there may be a list of persons, a dedication, a few lines: not more pieces than this. */
const displayPieces = 24;

/** What has so many times the text of most units, and this share of the book, is more than one of them. */
const workUnits = 5;
const workShare = 0.15;

interface Opening {
  readonly first: Draft;
  /** Piece of the title. */
  readonly title: number;
}

/** Titles above nearly every number 1 of a level hold what is numbered. */
export function addWorks(book: PrintedBook, drafts: Map<number, Draft>): void {
  const levels = new Set([...drafts.values()].filter((draft) => draft.label !== null).map((draft) => draft.level));
  for (const level of [...levels].sort((left, right) => left - right)) {
    const ordered = inOrder(drafts);
    const openings = openingsAt(book, ordered, level);
    if (openings.length === 0) continue;
    const outer = Math.max(0, level - 1);
    if (areStories(openings, ordered)) continue;
    for (const { first, title } of openings) addTitle(book, drafts, title, first.piece, outer);
    addAlike(book, drafts, openings, outer);
  }
}

/**
 * Works without numbers among those with them: where far more text follows on a heading than on others, or comes before
 * the first one, lines that stand alone divide it as they divide books. What stands out above the first of them is their
 * title, and others stand above the numbers then.
 */
export function addUnnumbered(book: PrintedBook, drafts: Map<number, Draft>, end: number): void {
  const ordered = inOrder(drafts);
  const stretches = [0, ...ordered.map(({ to }) => to)].map((from, index) => ({ from, to: ordered[index]?.piece ?? book.pieces.length }));
  const letters = stretches.map(({ from, to }) => (book.pieces[to]?.at ?? end) - (book.pieces[from]?.at ?? end));
  const usual = median(letters.filter((each) => each > book.limits.shortLetters)) ?? 0;
  const least = Math.max(usual * workUnits, end * workShare);
  for (const { from, to } of stretches.filter((_, index) => letters[index]! >= least)) {
    const lines = linesWithin(book, from, to);
    for (const draft of lines) drafts.set(draft.piece, draft);
    const first = Math.min(...lines.map(({ piece }) => piece));
    const display = lines.length === 0 ? [] : displayAbove(book, from, first).filter((piece) => looksLikeHeading(book.pieces[piece]!));
    const title = widest(book, display);
    if (title === null || book.pieces[title]!.gap < book.pieces[first]!.gap) continue;
    addTitle(book, drafts, title, first, 1);
    for (const opening of openingsBeside(book, inOrder(drafts))) addTitle(book, drafts, opening.title, opening.first.piece, 1);
  }
}

/** What layout alone finds in [from, to). */
function linesWithin(book: PrintedBook, from: number, to: number): Draft[] {
  const { at } = book.pieces[from]!;
  const pieces = book.pieces.slice(from, to).map((piece) => ({ ...piece, at: piece.at - at }));
  const lines = new Map<number, Draft>();
  addByLayout({ ...book, pieces, expected: [], title: null }, lines, pieces.at(-1)!.at + pieces.at(-1)!.letters);
  return [...lines.values()].map((draft) => ({ ...draft, piece: draft.piece + from, to: draft.to + from }));
}

/** Above the numbers 1 of chapters that no title holds yet, where it is known that there are several works. */
function openingsBeside(book: PrintedBook, ordered: readonly Draft[]): Opening[] {
  const members = ordered.filter((draft) => draft.level === 2 && draft.label !== null);
  const gap = median(members.map((draft) => book.pieces[draft.piece]!.gap)) ?? 2;
  const firsts = members.filter((draft) => draft.label!.value === 1 && ordered[ordered.indexOf(draft) - 1]?.class !== 'above');
  return firsts.flatMap((first) => openingOf(book, ordered, first, gap, first === ordered[0]) ?? []);
}

function addTitle(book: PrintedBook, drafts: Map<number, Draft>, title: number, first: number, level: number): void {
  drafts.set(title, lineDraft(book, title, { to: titlePageEnd(book, title, first), level, class: 'above' }));
}

function inOrder(drafts: ReadonlyMap<number, Draft>): Draft[] {
  return [...drafts.values()].sort((left, right) => left.piece - right.piece);
}

/** Numbers alone below some of the titles that the contents list names: sections, for stories need none. */
function areStories(openings: readonly Opening[], ordered: readonly Draft[]): boolean {
  const titles = new Set(openings.map(({ title }) => title));
  const listed = ordered.filter((draft) => draft.class === 'contents' && draft.label === null);
  return (
    openings[0]!.first.class.startsWith('#') &&
    listed.some((draft) => titles.has(draft.piece)) &&
    listed.some((draft) => !titles.has(draft.piece))
  );
}

function openingsAt(book: PrintedBook, ordered: readonly Draft[], level: number): Opening[] {
  const members = ordered.filter((draft) => draft.level === level && draft.label !== null);
  const gap = median(members.map((draft) => book.pieces[draft.piece]!.gap)) ?? 2;
  const firsts = members.filter((draft) => draft.label!.value === 1 && !isHeld(draft, ordered));
  if (firsts.length < 2) return [];
  const [head, ...rest] = firsts;
  const found = rest.flatMap((first) => openingOf(book, ordered, first, gap) ?? []);
  // Above the first work stands the title page of the whole file, too: what is set like the other titles is its own.
  const least = Math.min(...found.map(({ title }) => book.pieces[title]!.gap));
  const own = openingOf(book, ordered, head!, Math.max(gap, Math.min(least, openingGap)), true) ?? setAlike(book, ordered, head!, found);
  const openings = own === null ? found : [own, ...found];
  const titles = new Set(openings.map(({ title }) => keyOf(titleText(book.pieces[title]!))));
  return found.length >= 1 &&
    openings.length >= firsts.length * book.limits.headedShare &&
    titles.size >= openings.length * book.limits.headedShare
    ? openings
    : [];
}

/** Whether the draft before is one that holds this one. */
function isHeld(draft: Draft, ordered: readonly Draft[]): boolean {
  const before = ordered[ordered.indexOf(draft) - 1];
  return before !== undefined && before.level < draft.level && before.label !== null;
}

/** What stands out between the heading before and `first`: a title that the contents list names, else the widest gap. */
function openingOf(book: PrintedBook, ordered: readonly Draft[], first: Draft, gap: number, nearest: boolean = false): Opening | null {
  const before = ordered[ordered.indexOf(first) - 1];
  if (before !== undefined && before.label === null && before.class === 'contents') return { first, title: before.piece };
  const from = before === undefined ? 0 : before.to;
  // Where headings stand no further apart than paragraphs, no more tells of a title than its place.
  if (gap <= usualGap(book))
    return first.piece > from && looksLikeHeading(book.pieces[first.piece - 1]!) ? { first, title: first.piece - 1 } : null;
  const display = displayAbove(book, from, first.piece);
  const titles = display.filter((piece) => book.pieces[piece]!.gap >= Math.max(2, gap) && looksLikeHeading(book.pieces[piece]!));
  if (nearest) return titles.length === 0 ? null : { first, title: titles.at(-1)! };
  const title = widest(book, titles) ?? (before === undefined ? null : standingOut(book, from, first.piece, gap));
  return title === null ? null : { first, title };
}

/** Above the preface of the first work: the last line that is set as the titles of all others are, and as far apart. */
function setAlike(book: PrintedBook, ordered: readonly Draft[], first: Draft, others: readonly Opening[]): Opening | null {
  const titles = others.map(({ title }) => title);
  const gap = Math.min(openingGap, ...titles.map((title) => book.pieces[title]!.gap));
  const from = ordered[ordered.indexOf(first) - 1]?.to ?? 0;
  const title = setLike(book, titles, { gap, from, to: first.piece }).at(-1);
  return title === undefined ? null : { first, title };
}

/** The pieces above `to` up to the last running text. */
function displayAbove(book: PrintedBook, from: number, to: number): number[] {
  const pieces: number[] = [];
  for (let index = to - 1; index >= Math.max(from, to - displayPieces); index -= 1) {
    const { rows, lines, letters, kind } = book.pieces[index]!;
    if (kind === 'text' && ((rows.length === 0 && lines > 1) || isRunning(rows, letters, book.width))) break;
    if (kind === 'text') pieces.unshift(index);
  }
  return pieces;
}

function widest(book: PrintedBook, pieces: readonly number[]): number | null {
  return pieces.reduce<number | null>(
    (best, piece) => (best === null || book.pieces[piece]!.gap >= book.pieces[best]!.gap ? piece : best),
    null,
  );
}

/** With a preface between title and number: the one line of a heading that is further apart than the numbers are. */
function standingOut(book: PrintedBook, from: number, to: number, gap: number): number | null {
  const lines: number[] = [];
  for (let piece = from + 1; piece < to; piece += 1) if (book.pieces[piece]!.gap > gap && headsText(book, piece)) lines.push(piece);
  const best = widest(book, lines);
  return best === null || lines.some((line) => line !== best && book.pieces[line]!.gap >= book.pieces[best]!.gap) ? null : best;
}

/** The lines of a title page belong to the title; a list of persons or a preface does not. */
function titlePageEnd(book: PrintedBook, title: number, first: number): number {
  const between = book.pieces.slice(title + 1, first);
  const short = between.every((piece) => piece.kind === 'text' && piece.lines <= 2 && piece.letters <= titlePageLetters);
  return between.length <= titlePagePieces && short ? first : title + 1;
}

/** Works without numbers among those with them: stories set like the other titles, with text of their own. */
function addAlike(book: PrintedBook, drafts: Map<number, Draft>, openings: readonly Opening[], level: number): void {
  if (openings.length < 2) return;
  const titles = openings.map(({ title }) => title);
  const gap = Math.min(...titles.map((title) => book.pieces[title]!.gap));
  const inner = median(openings.map(({ first }) => book.pieces[first.piece]!.gap)) ?? 2;
  if (groupsAlike(book, titles).length !== 1 || gap <= inner) return;
  const covered = coveredBy(drafts);
  for (const index of setLike(book, titles, { gap, from: titles[0]! + 1 })) {
    const named = drafts.get(index);
    if (named?.class === 'contents') named.level = level;
    if (!covered.has(index)) drafts.set(index, lineDraft(book, index, { level, class: 'above' }));
  }
}
