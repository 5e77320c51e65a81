/** Blocks as heading detection sees them, and the entries of the book's own contents lists. */

import { countLetters } from '../document.ts';
import type { Block, Section } from '../document.ts';
import { expectedTitle } from '../headings/draft.ts';
import type { ExpectedTitle } from '../headings/draft.ts';
import { openingGap } from '../headings/piece.ts';
import type { Piece } from '../headings/piece.ts';

export function piecesOf(blocks: readonly Block[]): Piece[] {
  let at = 0;
  return blocks.map((block, index) => {
    const letters = countLetters(block.text);
    const piece: Piece = {
      rows: block.type === 'note' ? [] : (block.layout?.rows ?? []),
      lines: block.layout?.lines ?? 1,
      gap: index === 0 ? openingGap : (block.layout?.gap ?? 1),
      indent: block.layout?.indent ?? 0,
      letters,
      at,
      kind: block.type === 'illustration' ? 'illustration' : block.type === 'break' ? 'break' : 'text',
      rank: block.type === 'heading' ? (block.level ?? 1) : 0,
    };
    at += letters;
    return piece;
  });
}

/** What the contents lists promise, in their order. */
export function expectedTitles(sections: readonly Section[]): ExpectedTitle[] {
  return sections
    .filter((section) => section.role === 'contents')
    .flatMap((section) => section.blocks.slice(1).map((block) => expectedTitle(block.text, block.layout?.indent ?? 0)));
}
