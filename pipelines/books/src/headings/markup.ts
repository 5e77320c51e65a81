/** Headings that the source's own markup names: `<h2>` and the like, in books whose files do not divide them. */

import { coveredBy, titleText } from './draft.ts';
import type { Draft, PrintedBook } from './draft.ts';
import { keywordLevel } from './keywords.ts';
import { parseLabel } from './read-label.ts';
import type { Piece } from './piece.ts';
import { roleOf } from './roles.ts';

/**
 * Ranks become levels: one that occurs once, before all others, is the book's title; the first of several others holds
 * chapters where the next stands below it; a word such as “part” or “chapter” goes before the rank. A heading right
 * below a chapter's number is its title.
 */
export function addMarked(book: PrintedBook, drafts: Map<number, Draft>): void {
  const covered = coveredBy(drafts);
  const marked = [...book.pieces.entries()].filter(([, piece]) => piece.rank > 0 && piece.rows.length > 0);
  const ranks = unitRanks(marked.map(([, piece]) => piece));
  let last: Draft | null = null;
  for (const [index, piece] of marked) {
    if (
      last !== null &&
      last.to === index &&
      last.level === 2 &&
      last.title === '' &&
      last.label !== null &&
      parseLabel(piece.rows[0]!) === null
    ) {
      last.title = titleText(piece);
      last.to = index + 1;
      continue;
    }
    const place = ranks.indexOf(piece.rank);
    if (place < 0 || covered.has(index)) continue;
    const label = parseLabel(piece.rows[0]!);
    const level = label?.keyword == null ? null : keywordLevel(label.keyword);
    const text = titleText(piece);
    last = {
      piece: index,
      to: index + 1,
      level: level ?? (ranks.length === 1 ? 2 : Math.min(3, place + 1)),
      label,
      title: label === null ? text : label.title,
      role: label === null ? roleOf(text) : null,
      why: 'markup',
      class: `rank ${piece.rank}`,
    };
    drafts.set(index, last);
  }
}

/** The ranks that head units, outermost first; null ranks and the title's are left out. */
function unitRanks(marked: readonly Piece[]): number[] {
  const ranks = [...new Set(marked.map((piece) => piece.rank))].sort((left, right) => left - right);
  const count = (rank: number): number => marked.filter((piece) => piece.rank === rank).length;
  if (ranks.length > 1 && count(ranks[0]!) === 1 && marked[0]!.rank === ranks[0]) ranks.shift();
  if (ranks.length > 1 && marked.find((piece) => ranks.includes(piece.rank))!.rank !== ranks[0])
    return [ranks.reduce((best, rank) => (count(rank) > count(best) ? rank : best))];
  return ranks.slice(0, 3);
}
