/** Titles and subtitles printed below the number of a unit. */

import { looksLikeTitle } from './candidates.ts';
import { titleText } from './draft.ts';
import type { Draft, PrintedBook } from './draft.ts';
import { isCaps } from './label.ts';
import { keyOf } from './piece.ts';
import type { Piece } from './piece.ts';

/** Titles that stand below their number become part of its heading, where most of the class has them. */
export function mergeTitles(book: PrintedBook, drafts: Map<number, Draft>, expected: ReadonlySet<string>): void {
  const byClass = Map.groupBy(
    [...drafts.values()].filter((draft) => draft.title === ''),
    (draft) => draft.class,
  );
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

function titleBelow(book: PrintedBook, drafts: ReadonlyMap<number, Draft>, from: number): number | null {
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
