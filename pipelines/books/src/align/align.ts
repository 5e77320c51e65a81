/**
 * Finds the units of a cleaned book and builds its tree. Works on whole books of text, whose headings must be found, and
 * on books whose source came in sections, where sections may hold several chapters or half a one.
 */

import { blocksOf, countLetters, walkChapters } from '../document.ts';
import type { Block, Book } from '../document.ts';
import { requireBalance } from '../clean/account.ts';
import { wholeTextId } from '../clean/clean.ts';
import { mapBlocks } from '../clean/notes.ts';
import { findHeadings } from '../headings/headings.ts';
import { usualLimits, type Limits } from '../headings/limits.ts';
import { placePictures } from './pictures.ts';
import { expectedTitles, piecesOf } from './pieces.ts';
import { divideSections } from './sections.ts';
import { divide } from './tree.ts';
import type { Division } from './tree.ts';

/** The book with its body divided into units. Blocks are kept, in their order, each exactly once; pictures become some. */
export function alignBook(book: Book, limits: Limits = usualLimits): Book {
  const division = isUndivided(book) ? divideText(book, limits) : divideSections(book);
  const aligned: Book = {
    ...book,
    structure: {
      frontMatter: { toc: [], sections: [...book.structure.frontMatter.sections, ...division.front].toSorted(bySource) },
      body: { chapters: division.chapters },
      backMatter: { sections: [...division.back, ...book.structure.backMatter.sections] },
    },
  };
  const plain = placePictures(mapBlocks(aligned, withoutLayout));
  requireSameLetters(book, plain);
  return plain;
}

/** Cleaning leaves a source without sections in one untitled piece. */
function isUndivided(book: Book): boolean {
  const { chapters } = book.structure.body;
  return chapters.length === 1 && chapters[0]!.id === wholeTextId;
}

function divideText(book: Book, limits: Limits): Division {
  const blocks = [...walkChapters(book.structure.body.chapters)].flatMap(({ chapter }) => chapter.blocks);
  const pieces = piecesOf(blocks);
  const expected = expectedTitles(book.structure.frontMatter.sections);
  return divide(blocks, findHeadings({ pieces, expected, title: book.meta.title, width: widthOf(pieces), limits }));
}

/** The width of print, from the longest rows at hand. */
function widthOf(pieces: readonly { readonly rows: readonly string[] }[]): number {
  const lengths = Uint32Array.from(pieces.flatMap((piece) => piece.rows.map((row) => row.length))).sort();
  return lengths[Math.floor(lengths.length * 0.95)] ?? 70;
}

function bySource(left: { readonly blocks: readonly Block[] }, right: { readonly blocks: readonly Block[] }): number {
  const place = (section: { readonly blocks: readonly Block[] }): number => section.blocks[0]?.source.start ?? 0;
  const file = (section: { readonly blocks: readonly Block[] }): number => section.blocks[0]?.source.file ?? 0;
  return file(left) - file(right) || place(left) - place(right);
}

/** How a block was printed has served, but for the rows of contents lists, which the next stage reads. */
function withoutLayout(block: Block): Block {
  if (block.layout === undefined || block.type === 'listItem') return block;
  const { layout: _layout, ...rest } = block;
  return rest;
}

/** What cleaning kept is all here: counted again, for alignment must not lose a block either. */
function requireSameLetters(before: Book, after: Book): void {
  let kept = 0;
  for (const block of blocksOf(after)) kept += countLetters(block.text);
  requireBalance({ source: before.letters.kept, kept, removed: 0 });
}
