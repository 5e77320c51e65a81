/** Where the true units came to lie: in the front matter, the body or the back matter of the finished book. */

import { walkChapters, type Book } from '@scriptorium/books/structure';
import type { GoldBook, Matter } from './gold.ts';

export interface MatterScore {
  readonly right: number;
  readonly of: number;
}

export function scoreMatter(book: Book, gold: GoldBook): MatterScore {
  const places = placesOf(book);
  let right = 0;
  let of = 0;
  for (const { offset, matter } of gold.units) {
    if (offset === null) continue;
    of += 1;
    if (places.findLast((place) => place.start <= offset)?.matter === matter) right += 1;
  }
  return { right, of };
}

function placesOf(book: Book): { readonly start: number; readonly matter: Matter }[] {
  const { frontMatter, body, backMatter } = book.structure;
  const start = (block: { readonly source: { readonly start: number } }): number => block.source.start;
  return [
    ...frontMatter.sections.flatMap((section) => section.blocks.map((block) => ({ start: start(block), matter: 'front' as const }))),
    ...[...walkChapters(body.chapters)].flatMap(({ chapter }) =>
      chapter.blocks.map((block) => ({ start: start(block), matter: 'body' as const })),
    ),
    ...backMatter.sections.flatMap((section) => section.blocks.map((block) => ({ start: start(block), matter: 'back' as const }))),
  ].sort((left, right) => left.start - right.start);
}
