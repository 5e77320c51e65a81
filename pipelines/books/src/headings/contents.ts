/**
 * Finds lists of contents and of illustrations: by their title, or by a run of rows that all come again later as lines
 * of their own. A list ends where the book repeats one of its entries as a heading, or where prose begins.
 */

import { rowKey } from './draft.ts';
import { keyOf, withoutPage } from './piece.ts';
import type { Piece } from './piece.ts';
import { isCaps, parseLabel } from './read-label.ts';
import { roleOf } from './roles.ts';
import { isRunning } from './typography.ts';

/** Pieces [from, to) that list what the book holds. */
export interface ContentsRegion {
  readonly from: number;
  readonly to: number;
  readonly role: 'contents' | 'illustrations';
}

interface Alone {
  readonly last: number;
  readonly times: number;
}

interface View {
  readonly pieces: readonly Piece[];
  readonly rowsOf: (piece: number) => readonly string[];
  readonly width: number;
  /** Last piece that consists of nothing but this key, and how many do. */
  readonly alone: ReadonlyMap<string, Alone>;
}

/** Lists longer than this many pieces are not believed. */
const maxPieces = 1500;
/** Blank lines that set a heading off from the list above it. */
const wideGap = 3;
const farLetters = 400;
/** A title stands in the list, on a half title, above its text: what stands alone more often is a refrain. */
const maxTimes = 4;
/** Rows with page numbers that make a list without a title or titles that come again. */
const minPages = 6;

/** `rowsOf` gives all rows of a piece, also of those too long for {@link Piece.rows}; `width` is the book's line width. */
export function findContents(pieces: readonly Piece[], rowsOf: (piece: number) => readonly string[], width: number): ContentsRegion[] {
  const view: View = { pieces, rowsOf, width, alone: lastAlone(pieces) };
  const total = pieces.length === 0 ? 0 : pieces.at(-1)!.at + pieces.at(-1)!.letters;
  const regions: ContentsRegion[] = [];
  const seen = new Set<string>();
  for (let index = 0; index < pieces.length; index += 1) {
    const role = anchorRole(pieces[index]!, rowsOf, index);
    const region = role === null ? (regions.length > 0 ? null : unanchored(view, index, total)) : extend(view, index, role, seen);
    if (region === null) continue;
    regions.push(region);
    index = region.to - 1;
  }
  return regions;
}

function lastAlone(pieces: readonly Piece[]): ReadonlyMap<string, Alone> {
  const alone = new Map<string, Alone>();
  const note = (key: string, last: number): void => void alone.set(key, { last, times: (alone.get(key)?.times ?? 0) + 1 });
  for (const [index, piece] of pieces.entries()) {
    if (piece.lines > 4 || piece.letters > 180 || piece.rows.length === 0 || piece.kind === 'break' || isSpoken(piece)) continue;
    const whole = rowKey(piece.rows.join(' '));
    if (whole.length >= 3) note(whole, index);
    if (piece.rows.length > 1) {
      for (const row of piece.rows) note(rowKey(row), index);
      const rest = keyOf(piece.rows.slice(1).join(' '));
      if (rest.length >= 3) note(rest, index);
    }
  }
  return alone;
}

/** Dialogue, the bulk of short paragraphs: what opens with a quotation mark and is not in capitals. */
function isSpoken(piece: Piece): boolean {
  return /^["“‘'«„]/.test(piece.rows[0]!) && !isCaps(piece.rows[0]!);
}

function anchorRole(piece: Piece, rowsOf: View['rowsOf'], index: number): ContentsRegion['role'] | null {
  if (piece.kind === 'break' || piece.letters === 0) return null;
  if (piece.kind === 'illustration') return listRole(/^\[\s*\p{L}+\s*:\s*(.*)\]$/u.exec(piece.rows.join(' '))?.[1] ?? '');
  const first = piece.rows[0] ?? (piece.lines < 400 ? rowsOf(index)[0] : undefined);
  return first === undefined || first.length > 60 ? null : listRole(first);
}

function listRole(title: string): ContentsRegion['role'] | null {
  const role = roleOf(title)?.role;
  return role === 'contents' || role === 'illustrations' ? role : null;
}

/** From a list's title on. */
function extend(view: View, from: number, role: ContentsRegion['role'], seen: Set<string>): ContentsRegion | null {
  let end = from + 1;
  let entries = 0;
  let stop = from + 1;
  let strangers = 0;
  for (let index = from; index < Math.min(view.pieces.length, from + maxPieces); index += 1) {
    const piece = view.pieces[index]!;
    stop = index;
    if (index > from && anchorRole(piece, view.rowsOf, index) !== null) break;
    const rows = index === from ? view.rowsOf(index).slice(1) : view.rowsOf(index);
    const opens = repeats(piece, seen) || (piece.gap >= wideGap && opensBook(view, from, index));
    if (entries > 0 && opens && !isLabels(rows) && proseFollows(view, index)) break;
    const entriesHere = countEntries(view, index, rows);
    if (isRunning(rows, piece.letters, view.width) && entriesHere === 0 && !isSynopsis(view, index)) break;
    for (const row of rows) seen.add(rowKey(row));
    if (entriesHere > 0) {
      entries += entriesHere;
      end = index + 1;
      strangers = 0;
    } else if (index > from) {
      strangers += 1;
      if (strangers > 12) break;
    }
  }
  return entries >= 2 ? { from, to: withoutHeadings(view, from, end, stop), role } : captions(view, from, stop, role);
}

/** A list whose rows come again nowhere and have no pages: what stands between its title and the next wide gap. */
function captions(view: View, from: number, stop: number, role: ContentsRegion['role']): ContentsRegion | null {
  if (role === 'contents') return null;
  let to = from + 1;
  while (to < Math.min(stop, from + 60) && (to === from + 1 || view.pieces[to]!.gap < 2) && view.pieces[to]!.kind === 'text') to += 1;
  return to > from + 1 ? { from, to, role } : null;
}

/**
 * Headings between a list and the prose below it look like entries. They stand within a few pieces of the prose, behind
 * a gap wider than those inside the list.
 */
function withoutHeadings(view: View, from: number, end: number, prose: number): number {
  const gaps = view.pieces
    .slice(from + 1, end)
    .map((piece) => piece.gap)
    .sort((left, right) => left - right);
  const usual = gaps[(gaps.length - 1) >> 1] ?? 1;
  let cut = end;
  for (let index = end - 1; index > from && index >= prose - 6; index -= 1) {
    const piece = view.pieces[index]!;
    if (piece.lines > 3 || view.rowsOf(index).some((row) => withoutPage(row).paged)) break;
    if ((piece.gap >= wideGap && piece.gap > usual) || opensBook(view, from, index)) cut = index;
  }
  return cut;
}

/** Number 1 with a word for the unit, or a number alone, that does not come again: the last entry of no list. */
function opensBook(view: View, from: number, index: number): boolean {
  const rows = view.rowsOf(index);
  const label = rows[0] === undefined || rows.length > 2 ? null : parseLabel(rows[0]);
  const above = view.pieces.slice(from + 1, index).reduce((sum, piece) => sum + piece.lines, 0);
  return (
    label !== null &&
    above >= 2 &&
    label.value === 1 &&
    (label.keyword !== null || label.title === '') &&
    !rows.some((row) => comesAgain(view, index, row))
  );
}

/** A list without a title: rows of which nearly all come again alone. */
function unanchored(view: View, from: number, total: number): ContentsRegion | null {
  if (view.pieces[from]!.at > total * 0.1) return null;
  const places: number[] = [];
  let pages = 0;
  let end = from;
  for (let index = from; index < view.pieces.length; index += 1) {
    const rows = view.rowsOf(index);
    if (rows.length > 200) break;
    const again = rows.filter((row) => comesAgain(view, index, row)).map((row) => view.pieces[view.alone.get(rowKey(row))!.last]!.at);
    const withPages = rows.filter((row) => withoutPage(row).paged).length;
    const paged = places.length > 0 || (withPages >= 3 && withPages >= rows.length * 0.8) ? withPages : 0;
    pages += paged;
    if (again.length + paged === 0 || again.length + paged < rows.length * 0.5) break;
    places.push(...again);
    end = index + 1;
  }
  const apart = [...new Set(places)]
    .sort((left, right) => left - right)
    .filter((place, index, all) => index === 0 || place - all[index - 1]! > farLetters);
  const named = apart.length >= 4 && apart.at(-1)! - apart[0]! > total * 0.3;
  return named || pages >= minPages ? { from, to: end, role: 'contents' } : null;
}

/** Whether a row is a title of what follows later; a verse is none, and does not end like one. */
function comesAgain(view: View, index: number, row: string): boolean {
  if (row.length > 120 || /[,;]$/.test(row)) return false;
  const key = rowKey(row);
  if (key.length < 4 || key.startsWith('#')) return false;
  const alone = view.alone.get(key);
  return (
    alone !== undefined &&
    alone.times <= maxTimes &&
    alone.last > index &&
    view.pieces[alone.last]!.at - view.pieces[index]!.at > farLetters
  );
}

/** How many of the rows look like entries: numbered, paged, or found again later. */
function countEntries(view: View, index: number, rows: readonly string[]): number {
  let entries = 0;
  let numbered = 0;
  for (const row of rows) {
    if (withoutPage(row).paged || comesAgain(view, index, row)) entries += 1;
    else {
      const label = row.length > 100 ? null : parseLabel(row);
      if (label !== null && (label.apart || label.keyword === null)) numbered += 1;
    }
  }
  // A number alone proves little; a row that is nothing but one (column heads, page numbers) nothing.
  return entries + (view.pieces[index]!.gap <= 4 ? numbered : 0);
}

/** Whether the piece, alone, is an entry seen above. */
function repeats(piece: Piece, seen: ReadonlySet<string>): boolean {
  if (piece.lines > 5 || piece.rows.length === 0) return false;
  const first = rowKey(piece.rows[0]!);
  if (first.length >= 2 && seen.has(first)) return true;
  const whole = rowKey(piece.rows.join(' '));
  return whole.length >= 3 && seen.has(whole);
}

/** Whether what follows is text rather than more of the list. */
function proseFollows(view: View, index: number): boolean {
  let running = 0;
  for (let next = index + 1; next < Math.min(view.pieces.length, index + 14); next += 1) {
    const rows = view.rowsOf(next);
    if (
      (isListed(rows) && !isWrapped(rows, view.width)) ||
      (rows.length > 1 && rows.filter((row) => comesAgain(view, next, row)).length > rows.length / 2)
    )
      return false;
    if (rows.length >= 4 || isWrapped(rows, view.width) || isRunning(rows, view.pieces[next]!.letters, view.width)) running += 1;
    if (running === 2) return true;
  }
  return running > 0;
}

/** Number upon number: no heading has several. */
function isLabels(rows: readonly string[]): boolean {
  return rows.length > 2 && rows.every((row) => row.length <= 100 && parseLabel(row)?.apart === true);
}

/** Several rows that are nearly all paged or numbered. */
function isListed(rows: readonly string[]): boolean {
  const entries = rows.filter((row) => withoutPage(row).paged || (row.length <= 100 && parseLabel(row)?.apart === true)).length;
  return rows.length > 1 && entries >= rows.length * 0.5;
}

/** One paragraph broken at the width of print: its rows but the last fill it, and it ends a sentence. */
function isWrapped(rows: readonly string[], width: number): boolean {
  return (
    rows.length > 1 &&
    rows.every((row, index) => index === rows.length - 1 || row.length >= width * 0.75) &&
    /[.!?:;]["”’'»)]*$/.test(rows.at(-1)!) &&
    rows.slice(1).every((row) => !withoutPage(row).paged && parseLabel(row) === null)
  );
}

/** A summary of topics below a numbered entry, ended by a page or set off by dashes. */
function isSynopsis(view: View, index: number): boolean {
  const before = view.pieces[index - 1];
  const after = view.pieces[index + 1];
  if (before === undefined || after === undefined) return false;
  const labelled = (piece: Piece): boolean => piece.rows.length > 0 && piece.letters < 60 && parseLabel(piece.rows[0]!) !== null;
  return labelled(before) && labelled(after);
}
