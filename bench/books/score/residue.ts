import { walkChapters, type Book } from '@scriptorium/books/structure';

/** Blocks of the text proper that still speak of the distributor. */
export function residueOf(book: Book): number {
  let residue = 0;
  for (const { chapter } of walkChapters(book.structure.body.chapters))
    for (const block of chapter.blocks) if (/project gutenberg/i.test(block.text)) residue += 1;
  return residue;
}
