/**
 * Links the marks of notes in the text to the notes themselves: at the page's end, the chapter's or the book's, with
 * numbers that go on or start anew.
 */

import type { Block, Book, Chapter, NoteLink, Section, Warning } from '../document.ts';
import { blocksOf } from '../document.ts';
import type { MarkedBlock } from './blocks.ts';

/**
 * Notes that stand near their marks take every mark of their name since the last such note. Where notes of one name
 * stand together, as at a book's end, the first mark of that name has the first of them, and so on.
 */
export function linkNotes(book: Book): Book {
  const found = [...blocksOf(book)].toSorted(inSource).flatMap((block, at) => placesIn(block, at));
  const targets = new Map<string, string>();
  for (const places of Map.groupBy(found, ({ name }) => name).values()) for (const [mark, note] of linksOf(places)) targets.set(mark, note);
  const warnings = unlinked(found, targets);
  const linked = mapBlocks(book, (block) => withLinks(block, targets));
  return warnings.length === 0 ? linked : { ...linked, warnings: [...linked.warnings, ...warnings] };
}

/** A mark, or a note. */
interface Place {
  readonly name: string;
  readonly block: string;
  /** The block's place in the order of the text. */
  readonly at: number;
  /** Which of the block's marks it is; null for a note. */
  readonly mark: number | null;
}

function inSource(one: Block, other: Block): number {
  return (one.source.file ?? 0) - (other.source.file ?? 0) || one.source.start - other.source.start;
}

function placesIn(block: MarkedBlock, at: number): Place[] {
  const marks = (block.found ?? []).map(({ mark }, index): Place => ({ name: mark, block: block.id, at, mark: index }));
  return block.type === 'note' && block.mark !== undefined ? [{ name: block.mark, block: block.id, at, mark: null }, ...marks] : marks;
}

/** Keys of marks with the ids of their notes' blocks, for the places of one name. */
function linksOf(places: readonly Place[]): [string, string][] {
  const notes = places.filter(({ mark }) => mark === null);
  const marks = places.filter(({ mark }) => mark !== null);
  if (notes.length === 0) return [];
  const together = places.filter(({ mark }, index) => mark === null && places[index - 1]?.mark === null).length;
  const inOrder = together > 0 && together >= (notes.length - 1) / 2;
  return marks.map((mark, index) => {
    const note = inOrder ? notes[index] : notes.find((other) => other.at >= mark.at);
    return [keyOf(mark), (note ?? notes.at(-1)!).block];
  });
}

function keyOf({ block, mark }: Place): string {
  return `${block} ${mark}`;
}

function unlinked(found: readonly Place[], targets: ReadonlyMap<string, string>): Warning[] {
  const used = new Set(targets.values());
  const notes = found.filter((place) => place.mark === null && !used.has(place.block)).length;
  const marks = found.filter((place) => place.mark !== null && !targets.has(keyOf(place))).length;
  if (notes + marks === 0) return [];
  return [{ stage: 'clean', type: 'notes', message: `${notes} notes without a mark in the text, ${marks} marks without a note` }];
}

function withLinks(block: MarkedBlock, targets: ReadonlyMap<string, string>): Block {
  if (block.found === undefined) return block;
  const { found, ...rest } = block;
  const links: NoteLink[] = found.flatMap(({ mark, at }, index) => {
    const note = targets.get(`${block.id} ${index}`);
    return note === undefined ? [] : [{ mark, at, note }];
  });
  return links.length === 0 ? rest : { ...rest, links };
}

/** The book with every block replaced. */
export function mapBlocks(book: Book, change: (block: Block) => Block): Book {
  const section = (old: Section): Section => ({ ...old, blocks: old.blocks.map(change) });
  const chapter = (old: Chapter): Chapter => ({ ...old, blocks: old.blocks.map(change), children: old.children.map(chapter) });
  const { frontMatter, body, backMatter } = book.structure;
  return {
    ...book,
    structure: {
      frontMatter: { ...frontMatter, sections: frontMatter.sections.map(section) },
      body: { chapters: body.chapters.map(chapter) },
      backMatter: { sections: backMatter.sections.map(section) },
    },
  };
}
