/** What is measured on one finished book document. */

import { walkChapters, type Book } from '@scriptorium/books/structure';
import { matchBoundaries, type Score } from './boundaries.ts';
import type { GoldBook } from './gold.ts';

/** Starts of the units that have text of their own: a part that only holds chapters begins where the first of them does. */
export function unitStarts(book: Book): number[] {
  return [...walkChapters(book.structure.body.chapters)]
    .filter(({ chapter }) =>
      chapter.blocks.some((block) => block.type !== 'heading' && block.type !== 'break' && block.type !== 'illustration'),
    )
    .map(({ chapter }) => chapter.blocks[0]!.source.start);
}

/** Starts of all nodes of the tree, also of parts that only hold chapters. */
export function nodeStarts(book: Book): number[] {
  return [...walkChapters(book.structure.body.chapters)].flatMap(({ chapter }) =>
    chapter.blocks.slice(0, 1).map((block) => block.source.start),
  );
}

export interface BoundaryScores {
  readonly units: Score;
  readonly nodes: Score;
}

export function scoreBoundaries(book: Book, text: string, gold: GoldBook): BoundaryScores {
  return { units: matchBoundaries(text, unitStarts(book), gold.body), nodes: matchBoundaries(text, nodeStarts(book), gold.body) };
}

/** How many of the publisher's chapter titles the book has at the same place of its reading order, white space aside. */
export function scoreList(book: Book, contents: readonly string[]): Score {
  const plain = (title: string): string => title.replace(/\s/gu, '');
  const titles = book.structure.frontMatter.toc.map((entry) => plain(entry.fullTitle));
  const found = contents.filter((title, index) => plain(title) === titles[index]).length;
  return { found, predicted: titles.length, expected: contents.length };
}

/** Blocks of the text proper that still speak of the distributor. */
export function residueOf(book: Book): number {
  let residue = 0;
  for (const { chapter } of walkChapters(book.structure.body.chapters))
    for (const block of chapter.blocks) if (/project gutenberg/i.test(block.text)) residue += 1;
  return residue;
}
