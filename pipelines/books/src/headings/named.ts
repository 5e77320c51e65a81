/** Headings that say themselves what they are: prefaces, prologues, epilogues, appendices. */

import { coveredBy, lineDraft, median, titleText } from './draft.ts';
import type { Draft, PrintedBook } from './draft.ts';
import { isCaps } from './read-label.ts';
import type { Piece } from './piece.ts';
import { roleOf } from './roles.ts';
import type { Role } from './roles.ts';
import { isUncased, leastGap, looksLikeHeading } from './typography.ts';

/** Prefaces, prologues, epilogues, appendices: named by their own words, at the places where they belong. */
export function addRoles(book: PrintedBook, drafts: Map<number, Draft>, end: number): void {
  const covered = coveredBy(drafts);
  const body = [...drafts.values()].filter((draft) => draft.role === null).sort((left, right) => left.piece - right.piece);
  const firstBody = body[0]?.piece ?? Number.MAX_SAFE_INTEGER;
  const lastBody = body.at(-1)?.piece ?? -1;
  const top = Math.min(...body.map((draft) => draft.level), 2);
  const chapterGap = median(body.map((draft) => book.pieces[draft.piece]!.gap)) ?? 2;
  const least = leastGap(book);
  const partsEnd = new Set(body.filter((draft) => draft.level <= 1).map((draft) => draft.to));
  for (const [index, piece] of book.pieces.entries()) {
    if (
      piece.gap < least ||
      piece.rows.length === 0 ||
      piece.rows.length > 3 ||
      piece.letters > 100 ||
      covered.has(index) ||
      piece.kind !== 'text'
    )
      continue;
    const text = titleText(piece);
    if (text.length > 110 || /[,;]$/.test(text)) continue;
    let role = roleOf(text);
    if (role === null || !(looksLikeHeading(piece) || piece.gap >= 2 || isUncased(text))) continue;
    if (role.role === 'notes' && /^\W*note\W*$/i.test(text) && index > lastBody && piece.at > end * 0.9)
      role = { role: 'epilogue', place: 'body' };
    const opensPart = partsEnd.has(index) && role.place === 'front';
    if (opensPart) role = { ...role, place: 'body' };
    else if (!belongs(role, index, piece, { firstBody, lastBody, chapterGap, end })) continue;
    drafts.set(index, lineDraft(book, index, { level: role.place === 'body' && !opensPart ? top : 2, role, why: 'role', class: 'role' }));
  }
}

function belongs(
  role: Role,
  index: number,
  piece: Piece,
  place: { readonly firstBody: number; readonly lastBody: number; readonly chapterGap: number; readonly end: number },
): boolean {
  const wide = piece.gap >= Math.min(place.chapterGap, 3);
  if (index < place.firstBody)
    return role.place === 'body'
      ? wide
      : role.place === 'front' && piece.gap >= Math.min(2, place.chapterGap) && piece.at < place.end * 0.6;
  if (role.place === 'front') return false;
  const plain = titleText(piece);
  const apart = piece.gap >= 2 || (place.chapterGap <= 1 && piece.gap >= place.chapterGap && (isCaps(plain) || isUncased(plain)));
  if (role.place === 'body') return wide && apart;
  return wide && apart && (index > place.lastBody || piece.at > place.end * 0.8);
}
