/**
 * Decides which pieces of a book are headings, from all of it at once: numbers that count upward, agreement with the
 * contents list, names that only headings have, and layout. Nothing is a heading for one reason that the rest of the
 * book contradicts.
 */

import type { Candidate } from './candidates.ts';
import { keysOf, labelCandidates, looksLikeHeading, looksLikeTitle } from './candidates.ts';
import { keywordLevel, isCaps, parseLabel, stripMarkup } from './label.ts';
import type { Label } from './label.ts';
import { keyOf, withoutPage } from './piece.ts';
import type { Piece } from './piece.ts';
import { isRunning, rowKey } from './contents.ts';
import { roleOf } from './roles.ts';
import type { Role } from './roles.ts';
import { confirmed, continues } from './sequences.ts';

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
  /** The whole heading where it is no part of the text (the title of a file). */
  readonly printed?: string;
}

/** An entry of the contents list as far as detection needs it. */
export interface ExpectedTitle {
  /** Of its title, '' when it has a number only. */
  readonly key: string;
  readonly labelled: boolean;
}

/** What one row of a contents list promises. */
export function expectedTitle(row: string): ExpectedTitle {
  const key = rowKey(row);
  return { key: key.startsWith('#') ? '' : key, labelled: parseLabel(withoutPage(row).text) !== null };
}

export interface Book {
  readonly pieces: readonly Piece[];
  readonly expected: readonly ExpectedTitle[];
  /** The book's own title, to tell half titles from chapters; null when unknown. */
  readonly title: string | null;
  readonly width: number;
}

/** Headings have a blank line before them, unless the book has none at all. */
function leastGap(book: Book): number {
  return (median(book.pieces.map((piece) => piece.gap)) ?? 1) === 0 ? 0 : 1;
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
  mergeTitles(book, drafts, new Set(book.expected.map((entry) => entry.key)));
  const matched = matchExpected(book, drafts);
  addMatched(book, drafts, matched);
  if (!divides(book, drafts, end)) addByLayout(book, drafts, end);
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

interface Matched {
  readonly pieces: ReadonlyMap<number, ExpectedTitle>;
  /** Of the list's different titles, how many were found. */
  readonly share: number;
}

/** The pieces that the contents list names, in its order: the longest chain of matches that rises in both. */
function matchExpected(book: Book, drafts: ReadonlyMap<number, Draft>): Matched {
  const wanted = new Map<string, number[]>();
  for (const [index, { key }] of book.expected.entries()) {
    if (key.length < 3) continue;
    const places = wanted.get(key);
    if (places === undefined) wanted.set(key, [index]);
    else places.push(index);
  }
  const covered = coveredBy(drafts);
  const found = new Map<string, number[]>();
  const least = leastGap(book);
  const longest = Math.max(0, ...[...wanted.keys()].map((key) => key.length)) * 1.5 + 20;
  for (const [piece, candidate] of book.pieces.entries()) {
    if (candidate.letters > longest || candidate.kind !== 'text' || candidate.rows.length === 0 || candidate.rows.length > 5) continue;
    if (candidate.gap < least && !drafts.has(piece)) continue;
    for (const key of new Set(keysOf(candidate))) if (wanted.has(key)) found.set(key, [...(found.get(key) ?? []), piece]);
  }
  const pairs: { piece: number; entry: number }[] = [];
  for (const [key, pieces] of found) for (const piece of likeliest(book, key, pieces, covered)) for (const entry of wanted.get(key)!) pairs.push({ piece, entry });
  pairs.sort((left, right) => left.piece - right.piece || right.entry - left.entry);
  const chain = longestRise(pairs);
  return { pieces: new Map(chain.map((pair) => [pair.piece, book.expected[pair.entry]!])), share: wanted.size === 0 ? 0 : chain.length / wanted.size };
}

/** Of the places where a title is printed: those that are headings already, else those that hold nothing else, else those set apart the most. */
function likeliest(book: Book, key: string, pieces: readonly number[], covered: ReadonlySet<number>): readonly number[] {
  if (pieces.length === 1) return pieces;
  const headings = pieces.filter((piece) => covered.has(piece));
  if (headings.length > 0) return headings;
  const whole = pieces.filter((piece) => keyOf(titleText(book.pieces[piece]!)) === key);
  const kept = whole.length > 0 ? whole : pieces;
  const widest = Math.max(...kept.map((piece) => book.pieces[piece]!.gap));
  return kept.filter((piece) => book.pieces[piece]!.gap >= widest);
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
  for (const draft of drafts.values()) if (isSubtitle(book.pieces[draft.to])) draft.to += 1;
}

/** A line in brackets right below a heading: `(Being a reprint from …)`. */
function isSubtitle(piece: Piece | undefined): boolean {
  if (piece === undefined || piece.kind !== 'text' || piece.rows.length === 0 || piece.rows.length > 4) return false;
  return piece.letters <= 220 && /^_?\(.*\)_?(?:\s*\[\d+\])?$/.test(piece.rows.join(' '));
}

/** The rows as one line, without marks of emphasis and of notes. */
function titleText(piece: Piece): string {
  const text = piece.rows.map(stripMarkup).join(' ');
  return text.endsWith(']') ? text.replace(/\s*\[(?:\d{1,3}|[A-Z*])\]$/, '') : text;
}

function titleBelow(book: Book, drafts: ReadonlyMap<number, Draft>, from: number): number | null {
  let index = from;
  while (index < Math.min(book.pieces.length, from + 3) && book.pieces[index]!.kind === 'illustration') index += 1;
  const piece = book.pieces[index];
  if (piece === undefined || piece.kind !== 'text' || drafts.has(index) || piece.rows.length === 0 || piece.rows.length > 4) return null;
  if (piece.letters < 2 || piece.letters > 200) return null;
  const text = titleText(piece);
  if (text.startsWith('(') || (/^["“‘«„]/.test(text) && !isCaps(text))) return null;
  if (piece.letters > 110 && !isCaps(text)) return null;
  return looksLikeTitle(text) ? index : null;
}

/** Titles found through the contents list only: chapters where nothing else makes chapters, sections between them. */
function addMatched(book: Book, drafts: Map<number, Draft>, matched: Matched): void {
  if (matched.share < 0.4 || matched.pieces.size < 2) return;
  const covered = coveredBy(drafts);
  const chapters = [...drafts.values()].filter((draft) => draft.level === 2);
  const chapterGap = Math.min(...chapters.map((draft) => book.pieces[draft.piece]!.gap), 9);
  const named = [...matched.pieces].filter(([piece]) => !covered.has(piece) && isTitled(book.pieces[piece]!));
  const wide = chapters.length >= 3 ? chapterGap : wideGap(named.map(([piece]) => book.pieces[piece]!));
  const first = Math.min(...chapters.map((draft) => draft.piece));
  for (const [piece, entry] of named) {
    const { gap, rows } = book.pieces[piece]!;
    const text = titleText(book.pieces[piece]!);
    const label = entry.labelled ? withoutInitials(parseLabel(rows[0]!)) : null;
    const title = label === null ? text : [label.title, ...rows.slice(1).map(stripMarkup)].filter((row) => row !== '').join(' ');
    drafts.set(piece, { piece, to: piece + 1, level: gap < wide ? 3 : 2, label, title, role: roleOf(text) ?? (chapters.length >= 3 && piece < first ? beforeChapters(book, piece, first) : null), why: 'contents', class: 'contents' });
  }
  if (chapters.length < 3) addSiblings(book, drafts);
}

/** Headings that the contents list misprints or forgets: set like those it names, with as much text below. */
function addSiblings(book: Book, drafts: Map<number, Draft>): void {
  const named = [...drafts.values()].filter((draft) => draft.why === 'contents' && draft.level === 2);
  if (named.length < 5) return;
  const gap = median(named.map((draft) => book.pieces[draft.piece]!.gap))!;
  const capitals = named.filter((draft) => isCaps(draft.title)).length > named.length / 2;
  // Without wide gaps only capitals tell a heading.
  const leastBody = gap >= 3 ? 1500 : 3000;
  if (gap < 3 && !capitals) return;
  const first = Math.min(...named.map((draft) => draft.piece));
  const covered = coveredBy(drafts);
  for (const [index, piece] of book.pieces.entries()) {
    if (index < first || covered.has(index) || piece.gap < gap || !looksLikeHeading(piece) || !textFollows(book, index)) continue;
    const title = titleText(piece);
    if (isCaps(title) !== capitals || roleOf(title) !== null) continue;
    const next = Math.min(...[...drafts.keys()].filter((other) => other > index), book.pieces.length - 1);
    if (book.pieces[next]!.at - piece.at < leastBody) continue;
    drafts.set(index, { piece: index, to: index + 1, level: 2, label: null, title, role: null, why: 'layout', class: 'contents' });
  }
}

/** A name's initial is no number: `L. Frank`, `C. Wright`. */
function withoutInitials(label: Label | null): Label | null {
  return label !== null && label.keyword === null && label.title !== '' && /^[CDLM]$/.test(label.number) ? null : label;
}

/** What the contents list names before the first numbered chapter is front matter, unless it is as long as a chapter. */
function beforeChapters(book: Book, piece: number, first: number): Role | null {
  return book.pieces[first]!.at - book.pieces[piece]!.at <= 6000 ? { role: 'other', place: 'front' } : null;
}

/** Lists that name sections as well as chapters show it in the gaps above them: two kinds, the first one wide. */
function wideGap(pieces: readonly Piece[]): number {
  const first = pieces[0];
  if (first === undefined || pieces.length < 6) return 0;
  const wide = pieces.filter((piece) => piece.gap >= Math.max(3, first.gap - 1));
  const narrow = pieces.filter((piece) => piece.gap <= 2);
  return first.gap >= 3 && wide.length >= 3 && narrow.length >= 3 && wide.length + narrow.length >= pieces.length * 0.9 ? 3 : 0;
}

function isTitled(piece: Piece): boolean {
  return piece.rows.length <= 4 && piece.letters >= 2 && !/[,;:]$/.test(piece.rows.at(-1) ?? '');
}

function coveredBy(drafts: ReadonlyMap<number, Draft>): Set<number> {
  const covered = new Set<number>();
  for (const draft of drafts.values()) for (let piece = draft.piece; piece < draft.to; piece += 1) covered.add(piece);
  return covered;
}

/** Whether the headings found so far divide the book: two at least, named by a word, or from near its beginning on. */
function divides(book: Book, drafts: ReadonlyMap<number, Draft>, end: number): boolean {
  const chapters = [...drafts.values()].filter((draft) => draft.level <= 2 && draft.role?.place !== 'front');
  if (chapters.length < 2) return false;
  if (chapters.filter((draft) => draft.label?.keyword != null).length >= 2) return true;
  return Math.min(...chapters.map((draft) => book.pieces[draft.piece]!.at)) < end * 0.3;
}

/**
 * Books without numbers or contents, or with numbers in a corner of them only: headings are what stands alone between the
 * widest gaps, and what was found before lies inside.
 */
function addByLayout(book: Book, drafts: Map<number, Draft>, end: number): void {
  const bookKey = book.title === null ? '' : keyOf(book.title);
  const least = leastGap(book);
  const alone = [...book.pieces.entries()].filter(([index, piece]) => piece.gap >= least && looksLikeHeading(piece) && !isHalfTitle(piece, bookKey) && textFollows(book, index));
  const standing = alone.filter(([index, piece], place) => alone[place + 1]?.[0] !== index + 1 || book.pieces[index + 1]!.gap < piece.gap);
  for (const gap of [5, 4, 3, 2, 1]) {
    const chosen = withoutTitlePage(standing.filter(([, piece]) => piece.marked || (gap > 1 ? piece.gap >= gap : isShout(piece))));
    if (!spread(chosen.map(([, piece]) => piece.at), end, gap > 1 ? 1000 : 3000)) continue;
    for (const draft of drafts.values()) draft.level = Math.max(draft.level, 3);
    const covered = coveredBy(drafts);
    for (const [index, piece] of chosen) {
      const title = titleText(piece);
      if (!covered.has(index)) drafts.set(index, { piece: index, to: index + 1, level: 2, label: null, title, role: roleOf(title), why: piece.marked ? 'markup' : 'layout', class: 'layout' });
    }
    return;
  }
}

/** One line in capitals without an end of sentence: what a heading is where gaps do not tell. */
function isShout(piece: Piece): boolean {
  const text = titleText(piece);
  return piece.rows.length === 1 && piece.letters >= 4 && isCaps(text) && !/[!?:"”]$/.test(text);
}

/** The first lines of a book, with hardly any text below them, are its title. */
function withoutTitlePage(chosen: readonly (readonly [number, Piece])[]): (readonly [number, Piece])[] {
  const first = chosen.findIndex(([, piece], index) => (chosen[index + 1]?.[1].at ?? Number.MAX_SAFE_INTEGER) - piece.at >= 300);
  return chosen.slice(Math.max(0, first));
}

/** Chapters' worth of text between headings, from near the beginning to well past the middle. */
function spread(places: readonly number[], end: number, leastBody: number): boolean {
  if (places.length < 3) return false;
  const bodies = places.map((at, index) => (places[index + 1] ?? end) - at).sort((left, right) => left - right);
  return bodies[Math.floor(bodies.length / 2)]! >= leastBody && places[0]! < end * 0.25 && places.at(-1)! > end * 0.55;
}

function isHalfTitle(piece: Piece, bookKey: string): boolean {
  const key = keyOf(titleText(piece));
  return bookKey !== '' && key.length > 3 && (key === bookKey || (key.length >= 8 && bookKey.startsWith(key)) || (bookKey.length >= 8 && key.startsWith(bookKey)));
}

function textFollows(book: Book, index: number): boolean {
  for (let next = index + 1; next < Math.min(book.pieces.length, index + 5); next += 1) {
    const piece = book.pieces[next]!;
    if (piece.kind !== 'text') continue;
    if (piece.rows.length === 0 || piece.lines >= 4 || isRunning(piece.rows, piece.letters, book.width)) return true;
    if (piece.letters >= 50 && /[.!?:;,]["”’']?$/.test(piece.rows.at(-1)!) && !looksLikeHeading(piece)) return true;
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
  const least = leastGap(book);
  for (const [index, piece] of book.pieces.entries()) {
    if (piece.gap < least || piece.rows.length === 0 || piece.rows.length > 3 || piece.letters > 100 || covered.has(index) || piece.kind !== 'text') continue;
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
  if (index < place.firstBody) return role.place === 'body' ? wide : role.place === 'front' && piece.gap >= Math.min(2, place.chapterGap) && piece.at < place.end * 0.6;
  if (role.place === 'front') return false;
  const apart = piece.gap >= 2 || (place.chapterGap <= 1 && piece.gap >= place.chapterGap && isCaps(titleText(piece)));
  if (role.place === 'body') return wide && apart;
  return wide && apart && (index > place.lastBody || piece.at > place.end * 0.8);
}

function median(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)]!;
}
