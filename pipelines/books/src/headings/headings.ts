/**
 * Decides which pieces of a book are headings, from all of it at once: numbers that count upward, agreement with the
 * contents list, names that only headings have, and layout. Nothing is a heading for one reason that the rest of the
 * book contradicts.
 */

import type { Candidate } from './candidates.ts';
import { keysOf, labelCandidates, looksLikeHeading, looksLikeTitle } from './candidates.ts';
import { keywordLevel, isCaps, parseLabel, stripMarkup } from './label.ts';
import type { Label } from './label.ts';
import { keyOf } from './piece.ts';
import type { Piece } from './piece.ts';
import { isRunning } from './contents.ts';
import { roleOf } from './roles.ts';
import type { Role } from './roles.ts';
import { confirmed } from './sequences.ts';

/** Pieces [from, to) are one heading: number, title and subtitle, with illustrations between them. */
export interface Heading {
  readonly from: number;
  readonly to: number;
  /** 0 and 1 hold chapters, 2 is a chapter, 3 is inside one. */
  readonly level: number;
  readonly label: Label | null;
  readonly title: string;
  readonly role: Role | null;
  readonly why: 'number' | 'contents' | 'role' | 'layout' | 'markup';
}

/** An entry of the contents list as far as detection needs it. */
export interface ExpectedTitle {
  readonly key: string;
  readonly labelled: boolean;
  readonly indent: number;
}

export interface Book {
  readonly pieces: readonly Piece[];
  readonly expected: readonly ExpectedTitle[];
  /** The book's own title, to tell half titles from chapters; null when unknown. */
  readonly title: string | null;
  readonly width: number;
}

interface Draft {
  readonly piece: number;
  to: number;
  level: number;
  readonly label: Label | null;
  title: string;
  readonly role: Role | null;
  readonly why: Heading['why'];
  readonly class: string;
}

/** The headings of a book in their order. */
export function findHeadings(book: Book): Heading[] {
  const { pieces } = book;
  const end = pieces.length === 0 ? 0 : pieces.at(-1)!.at + pieces.at(-1)!.letters;
  const drafts = new Map<number, Draft>();
  const classes = confirmed(labelCandidates(pieces), end);
  const levelsOf = classLevels(classes);
  for (const [name, members] of classes) for (const member of members) drafts.set(member.piece, draftOf(member, levelsOf.get(name)!));
  const matched = matchExpected(book, drafts);
  mergeTitles(book, drafts, new Set(book.expected.map((entry) => entry.key)));
  addMatched(book, drafts, matched);
  if (![...drafts.values()].some((draft) => draft.level <= 2)) addByLayout(book, drafts, end);
  addRoles(book, drafts, end);
  return [...drafts.values()].sort((left, right) => left.piece - right.piece).map((draft) => ({
    from: draft.piece, to: draft.to, level: draft.level, label: draft.label, title: draft.title, role: draft.role, why: draft.why,
  }));
}

function draftOf(member: Candidate, level: number): Draft {
  return { piece: member.piece, to: member.piece + 1, level, label: member.label, title: member.title, role: null, why: 'number', class: member.class };
}

/** Levels by keyword; numbers without one are chapters unless chapters with one are around them. */
function classLevels(classes: ReadonlyMap<string, readonly Candidate[]>): Map<string, number> {
  const levels = new Map<string, number>();
  for (const name of classes.keys()) if (!name.startsWith('#')) levels.set(name, keywordLevel(name) ?? 2);
  const outer = [...levels].filter(([, level]) => level === 1).map(([name]) => name);
  for (const name of outer) if (outer.some((other) => other !== name && holds(classes.get(name)!, classes.get(other)!))) levels.set(name, 0);
  const chapters = [...levels].filter(([, level]) => level === 2).flatMap(([name]) => classes.get(name)!);
  const scenes = [...levels.values()].includes(3);
  for (const [name, members] of classes) {
    if (!name.startsWith('#')) continue;
    const first = members[0]!;
    const nested = chapters.length >= 2 && chapters.some((chapter) => chapter.piece < first.piece) && !continues(chapters, members);
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

/** Whether the outer units are fewer and each of them is followed by inner ones. */
function holds(outer: readonly Candidate[], inner: readonly Candidate[]): boolean {
  return outer.length < inner.length && inner.filter((member) => member.label.value === 1).length >= Math.min(2, outer.length) && outer[0]!.piece < inner[0]!.piece;
}

/** Whether inner numbers start anew within the outer units. */
function nests(outer: readonly Candidate[], inner: readonly Candidate[]): boolean {
  return outer[0]!.piece < inner[0]!.piece && outer.length >= 2 && inner.some((member) => member.label.value === 1);
}

/** Whether numbers without a word go on where those with one ended (`ADVENTURE VI.`, then `VII.`). */
function continues(chapters: readonly Candidate[], members: readonly Candidate[]): boolean {
  const before = chapters.findLast((chapter) => chapter.piece < members[0]!.piece);
  const value = before?.label.value ?? null;
  return value !== null && value > 1 && members[0]!.label.value === value + 1;
}

/** The pieces that the contents list names, in its order: the longest chain of matches that rises in both. */
function matchExpected(book: Book, drafts: ReadonlyMap<number, Draft>): { readonly pieces: ReadonlySet<number>; readonly share: number } {
  const wanted = new Map<string, number[]>();
  for (const [index, { key }] of book.expected.entries()) {
    if (key.length < 3) continue;
    const places = wanted.get(key);
    if (places === undefined) wanted.set(key, [index]);
    else places.push(index);
  }
  const pairs: { piece: number; entry: number }[] = [];
  for (const [piece, candidate] of book.pieces.entries()) {
    if (candidate.kind !== 'text' || candidate.rows.length === 0 || candidate.rows.length > 5) continue;
    if (candidate.gap === 0 && !drafts.has(piece)) continue;
    const entries = new Set(keysOf(candidate).flatMap((key) => wanted.get(key) ?? []));
    for (const entry of [...entries].sort((left, right) => right - left)) pairs.push({ piece, entry });
  }
  const chain = longestRise(pairs);
  return { pieces: new Set(chain.map((pair) => pair.piece)), share: wanted.size === 0 ? 0 : chain.length / wanted.size };
}

/** Longest strictly rising subsequence of the entries (patience sorting); pairs come by piece, entries falling within one. */
function longestRise(pairs: readonly { readonly piece: number; readonly entry: number }[]): { readonly piece: number; readonly entry: number }[] {
  const tails: number[] = [];
  const before = new Int32Array(pairs.length).fill(-1);
  for (const [index, pair] of pairs.entries()) {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (pairs[tails[middle]!]!.entry < pair.entry) low = middle + 1;
      else high = middle;
    }
    if (low > 0) before[index] = tails[low - 1]!;
    tails[low] = index;
  }
  const chain: { readonly piece: number; readonly entry: number }[] = [];
  for (let index = tails.at(-1) ?? -1; index >= 0; index = before[index]!) chain.push(pairs[index]!);
  return chain.reverse();
}

/** Titles that stand below their number become part of its heading, where most of the class has them. */
function mergeTitles(book: Book, drafts: Map<number, Draft>, expected: ReadonlySet<string>): void {
  const byClass = Map.groupBy([...drafts.values()].filter((draft) => draft.title === ''), (draft) => draft.class);
  for (const members of byClass.values()) {
    const followers = members.map((draft) => titleBelow(book, drafts, draft.piece + 1));
    const titled = followers.filter((follower) => follower !== null).length;
    for (const [index, draft] of members.entries()) {
      const follower = followers[index];
      if (follower === null || follower === undefined) continue;
      const text = titleText(book.pieces[follower]!);
      if (titled < members.length * 0.5 && !expected.has(keyOf(text))) continue;
      draft.title = text;
      draft.to = follower + 1;
      drafts.delete(follower);
    }
  }
}

function titleText(piece: Piece): string {
  return piece.rows.map(stripMarkup).join(' ');
}

function titleBelow(book: Book, drafts: ReadonlyMap<number, Draft>, from: number): number | null {
  let index = from;
  while (index < Math.min(book.pieces.length, from + 3) && book.pieces[index]!.kind === 'illustration') index += 1;
  const piece = book.pieces[index];
  if (piece === undefined || piece.kind !== 'text' || drafts.has(index) || piece.rows.length === 0 || piece.rows.length > 4) return null;
  if (piece.letters < 2 || piece.letters > 200) return null;
  const text = titleText(piece);
  if (/^["“‘«„]/.test(text) && !isCaps(text)) return null;
  if (piece.letters > 110 && !isCaps(text)) return null;
  return looksLikeTitle(text) ? index : null;
}

/** Titles found through the contents list only: chapters where nothing else makes chapters, sections between them. */
function addMatched(book: Book, drafts: Map<number, Draft>, matched: { readonly pieces: ReadonlySet<number>; readonly share: number }): void {
  if (matched.share < 0.4 || matched.pieces.size < 2) return;
  const covered = coveredBy(drafts);
  const chapters = [...drafts.values()].filter((draft) => draft.level === 2);
  const chapterGap = Math.min(...chapters.map((draft) => book.pieces[draft.piece]!.gap), 9);
  for (const piece of matched.pieces) {
    if (covered.has(piece) || !isTitled(book.pieces[piece]!)) continue;
    const { gap } = book.pieces[piece]!;
    const level = chapters.length >= 3 && gap < chapterGap ? 3 : 2;
    const title = titleText(book.pieces[piece]!);
    drafts.set(piece, { piece, to: piece + 1, level, label: parseLabel(book.pieces[piece]!.rows[0]!), title, role: roleOf(title), why: 'contents', class: 'contents' });
  }
}

function isTitled(piece: Piece): boolean {
  return piece.rows.length <= 4 && piece.letters >= 2 && !/[,;]$/.test(piece.rows.at(-1) ?? '');
}

function coveredBy(drafts: ReadonlyMap<number, Draft>): Set<number> {
  const covered = new Set<number>();
  for (const draft of drafts.values()) for (let piece = draft.piece; piece < draft.to; piece += 1) covered.add(piece);
  return covered;
}

/** Books without numbers or contents: headings are what stands alone between the widest gaps. */
function addByLayout(book: Book, drafts: Map<number, Draft>, end: number): void {
  const bookKey = book.title === null ? '' : keyOf(book.title);
  const standing = [...book.pieces.entries()].filter(([index, piece]) => piece.gap >= 2 && looksLikeHeading(piece) && !isHalfTitle(piece, bookKey) && textFollows(book, index));
  for (let gap = 5; gap >= 2; gap -= 1) {
    const chosen = standing.filter(([, piece]) => piece.gap >= gap || piece.marked);
    if (!spread(chosen.map(([, piece]) => piece.at), end)) continue;
    for (const [index, piece] of chosen) {
      const title = titleText(piece);
      drafts.set(index, { piece: index, to: index + 1, level: 2, label: null, title, role: roleOf(title), why: piece.marked ? 'markup' : 'layout', class: 'layout' });
    }
    return;
  }
}

/** Chapters' worth of text between headings, from near the beginning to well past the middle. */
function spread(places: readonly number[], end: number): boolean {
  if (places.length < 3) return false;
  const bodies = places.map((at, index) => (places[index + 1] ?? end) - at).sort((left, right) => left - right);
  return bodies[Math.floor(bodies.length / 2)]! >= 1000 && places[0]! < end * 0.25 && places.at(-1)! > end * 0.55;
}

function isHalfTitle(piece: Piece, bookKey: string): boolean {
  const key = keyOf(titleText(piece));
  return bookKey !== '' && key.length > 3 && (key === bookKey || (bookKey.startsWith(key) && key.length > bookKey.length * 0.6));
}

function textFollows(book: Book, index: number): boolean {
  for (let next = index + 1; next < Math.min(book.pieces.length, index + 5); next += 1) {
    const piece = book.pieces[next]!;
    if (piece.kind === 'text' && (piece.rows.length === 0 || isRunning(piece.rows, piece.letters, book.width) || piece.lines >= 4)) return true;
  }
  return false;
}

/** Prefaces, prologues, epilogues, appendices: named by their own words, at the places where they belong. */
function addRoles(book: Book, drafts: Map<number, Draft>, end: number): void {
  const covered = coveredBy(drafts);
  const body = [...drafts.values()].filter((draft) => draft.role === null).sort((left, right) => left.piece - right.piece);
  const firstBody = body[0]?.piece ?? Number.MAX_SAFE_INTEGER;
  const lastBody = body.at(-1)?.piece ?? -1;
  const top = Math.min(...body.map((draft) => draft.level), 2);
  const chapterGap = median(body.map((draft) => book.pieces[draft.piece]!.gap)) ?? 2;
  for (const [index, piece] of book.pieces.entries()) {
    if (piece.gap < 1 || piece.rows.length === 0 || piece.rows.length > 3 || piece.letters > 100 || covered.has(index) || piece.kind !== 'text') continue;
    const text = titleText(piece);
    if (text.length > 110 || /[,;]$/.test(text)) continue;
    let role = roleOf(text);
    if (role === null || !(looksLikeHeading(piece) || piece.gap >= 2)) continue;
    if (role.role === 'notes' && /^\W*note\W*$/i.test(text) && index > lastBody && piece.at > end * 0.9) role = { role: 'epilogue', place: 'body' };
    if (!belongs(role, index, piece, { firstBody, lastBody, chapterGap, end })) continue;
    drafts.set(index, { piece: index, to: index + 1, level: role.place === 'body' ? top : 2, label: null, title: text, role, why: 'role', class: 'role' });
  }
}

function belongs(role: Role, index: number, piece: Piece, place: { readonly firstBody: number; readonly lastBody: number; readonly chapterGap: number; readonly end: number }): boolean {
  const wide = piece.gap >= Math.min(place.chapterGap, 3);
  if (index < place.firstBody) return role.place === 'body' ? wide : role.place === 'front' && piece.gap >= 2 && piece.at < place.end * 0.6;
  if (role.place === 'front') return false;
  if (role.place === 'body') return wide && piece.gap >= 2;
  return wide && piece.gap >= 2 && (index > place.lastBody || piece.at > place.end * 0.8);
}

function median(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)]!;
}
