/** Headings that the contents list names: found in its order, and followed by those it forgot. */

import { keysOf } from './candidates.ts';
import { coveredBy, lineDraft, median, titleText } from './draft.ts';
import type { Draft, ExpectedTitle, PrintedBook } from './draft.ts';
import { isCaps, parseLabel, stripMarkup } from './read-label.ts';
import type { Label } from './label.ts';
import { keyOf } from './piece.ts';
import type { Piece } from './piece.ts';
import { roleOf } from './roles.ts';
import type { Role } from './roles.ts';
import { areAlike, leastGap, mannerOf, siblingsOf } from './typography.ts';

export interface Matched {
  readonly pieces: ReadonlyMap<number, ExpectedTitle>;
  /** Of the list's different titles, how many were found. */
  readonly share: number;
}

/** The pieces that the contents list names, in its order: the longest chain of matches that rises in both. */
export function matchExpected(book: PrintedBook, drafts: ReadonlyMap<number, Draft>): Matched {
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
  for (const [key, pieces] of found)
    for (const piece of likeliest(book, key, pieces, covered)) for (const entry of wanted.get(key)!) pairs.push({ piece, entry });
  pairs.sort((left, right) => left.piece - right.piece || right.entry - left.entry);
  const chain = longestRise(pairs);
  const matched = chain.map(({ piece, entry }) => [piece, book.expected[entry]!] as const);
  return {
    pieces: new Map(matched),
    share: shareFound(
      book.expected,
      matched.map(([, entry]) => entry),
    ),
  };
}

/** Of all titles, or of those set in as far as most that were found: what stands below them may say what they treat of. */
function shareFound(expected: readonly ExpectedTitle[], found: readonly ExpectedTitle[]): number {
  const titles = (entries: readonly ExpectedTitle[]): number => new Set(entries.flatMap(({ key }) => (key.length < 3 ? [] : [key]))).size;
  const depths = Map.groupBy(found, ({ indent }) => indent);
  const most = [...depths.values()].reduce<readonly ExpectedTitle[]>((best, group) => (group.length > best.length ? group : best), []);
  const all = found.length / Math.max(1, titles(expected));
  const own = most.length / Math.max(1, titles(expected.filter(({ indent }) => indent === most[0]?.indent)));
  return most.length * 2 > found.length ? Math.max(all, own) : all;
}

/** Titles found through the contents list only: chapters where nothing else makes chapters, sections between them. */
export function addMatched(book: PrintedBook, drafts: Map<number, Draft>, matched: Matched): void {
  if (matched.share < book.limits.listedShare || matched.pieces.size < 2) return;
  const covered = coveredBy(drafts);
  const chapters = numberedChapters([...drafts.values()]);
  const chapterGap = Math.min(...chapters.map((draft) => book.pieces[draft.piece]!.gap), 9);
  const named = [...matched.pieces].filter(([piece]) => !covered.has(piece) && isTitled(book.pieces[piece]!));
  const wide = chapters.length >= 3 ? chapterGap : wideGap(named.map(([piece]) => book.pieces[piece]!));
  const first = Math.min(...chapters.map((draft) => draft.piece));
  const outer = outerIndent(book.expected, [...matched.pieces.values()]);
  for (const [piece, entry] of named) {
    const { gap, rows } = book.pieces[piece]!;
    const text = titleText(book.pieces[piece]!);
    const label = entry.labelled ? withoutInitials(parseLabel(rows[0]!)) : null;
    const title = label === null ? text : [label.title, ...rows.slice(1).map(stripMarkup)].filter((row) => row !== '').join(' ');
    drafts.set(piece, {
      piece,
      to: piece + 1,
      level: label === null && outer !== null && entry.indent <= outer ? 1 : gap < wide ? 3 : 2,
      label,
      title,
      role: roleOf(text) ?? (chapters.length >= 3 && piece < first ? beforeChapters(book, piece, first) : null),
      why: 'contents',
      class: 'contents',
    });
  }
  if (chapters.length < 3) addSiblings(book, drafts);
}

/**
 * How far the outer rows of a list are set in that has two depths, null for all others: groups without numbers, each
 * right above rows that are set in further, by the same everywhere, and some of which were found.
 */
function outerIndent(expected: readonly ExpectedTitle[], found: readonly ExpectedTitle[]): number | null {
  const indents = [...new Set(expected.map(({ indent }) => indent))].sort((left, right) => left - right);
  const [outer] = indents;
  if (indents.length !== 2 || found.every(({ indent }) => indent === outer)) return null;
  const heads = expected.flatMap((entry, index) => (entry.indent === outer ? [index] : []));
  const holding = heads.filter((index) => (expected[index + 1]?.indent ?? 0) > outer! && expected[index]!.key !== '');
  return heads.length >= 2 && holding.length === heads.length && expected.length >= heads.length * 3 ? outer! : null;
}

/** Of the places where a title is printed: those that are headings already, else those that hold nothing else, else those set apart the most. */
function likeliest(book: PrintedBook, key: string, pieces: readonly number[], covered: ReadonlySet<number>): readonly number[] {
  if (pieces.length === 1) return pieces;
  const headings = pieces.filter((piece) => covered.has(piece));
  if (headings.length > 0) return headings;
  const whole = pieces.filter((piece) => keyOf(titleText(book.pieces[piece]!)) === key);
  const kept = whole.length > 0 ? whole : pieces;
  const widest = Math.max(...kept.map((piece) => book.pieces[piece]!.gap));
  return kept.filter((piece) => book.pieces[piece]!.gap >= widest);
}

/** Longest strictly rising subsequence of the entries (patience sorting); pairs come by piece, entries falling within one. */
function longestRise(
  pairs: readonly { readonly piece: number; readonly entry: number }[],
): { readonly piece: number; readonly entry: number }[] {
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

/**
 * Headings that the contents list misprints or forgets: set like those it names, with text below as most of these have.
 * Without wide gaps only capitals tell a heading.
 */
function addSiblings(book: PrintedBook, drafts: Map<number, Draft>): void {
  const named = [...drafts.values()].filter((draft) => draft.why === 'contents' && draft.level === 2).map((draft) => draft.piece);
  const above = named.filter((piece) => drafts.has(drafts.get(piece)!.to));
  if (named.length < 5 || above.length * 2 > named.length) return;
  const gap = median(named.map((piece) => book.pieces[piece]!.gap))!;
  if (gap < 3 && named.filter((piece) => isCaps(drafts.get(piece)!.title)).length * 2 <= named.length) return;
  const covered = coveredBy(drafts);
  for (const piece of siblingsOf(book, named, [...drafts.keys()], gap))
    if (!covered.has(piece) && roleOf(titleText(book.pieces[piece]!)) === null)
      drafts.set(piece, lineDraft(book, piece, { level: 2, class: 'contents' }));
}

/** A name's initial is no number: `L. Frank`, `C. Wright`. */
function withoutInitials(label: Label | null): Label | null {
  return label !== null && label.keyword === null && label.title !== '' && /^[CDLM]$/.test(label.number) ? null : label;
}

/** Chapters by number. Numbers that start anew without parts to do so in are those of stories' own sections. */
function numberedChapters(drafts: readonly Draft[]): Draft[] {
  const parts = drafts.some((draft) => draft.level <= 1);
  const firsts = drafts.filter((draft) => draft.class.startsWith('#') && draft.label?.value === 1).length;
  return drafts.filter((draft) => draft.level === 2 && (parts || firsts < 2 || !draft.class.startsWith('#')));
}

/** What the contents list names before the first numbered chapter is front matter, unless it is as long as a chapter. */
function beforeChapters(book: PrintedBook, piece: number, first: number): Role | null {
  return book.pieces[first]!.at - book.pieces[piece]!.at <= 6000 ? { role: 'other', place: 'front' } : null;
}

/** Lists that name sections as well as chapters show it in how those are set: two kinds of gaps, the first one wide, and not alike. */
function wideGap(pieces: readonly Piece[]): number {
  const first = pieces[0];
  if (first === undefined || pieces.length < 6) return 0;
  const wide = pieces.filter((piece) => piece.gap >= Math.max(3, first.gap - 1));
  const narrow = pieces.filter((piece) => piece.gap <= 2);
  const manners = wide.map((piece) => mannerOf(piece));
  if (narrow.filter((piece) => manners.some((manner) => areAlike(manner, mannerOf(piece)))).length * 2 > narrow.length) return 0;
  return first.gap >= 3 && wide.length >= 3 && narrow.length >= 3 && wide.length + narrow.length >= pieces.length * 0.9 ? 3 : 0;
}

function isTitled(piece: Piece): boolean {
  return piece.rows.length <= 4 && piece.letters >= 2 && !/[,;:]$/.test(piece.rows.at(-1) ?? '');
}
