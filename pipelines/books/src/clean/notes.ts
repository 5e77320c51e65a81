/** Links the marks of notes in the text to the notes themselves, whose numbers may start anew in every chapter. */

import type { Block, Book, Chapter, NoteLink, Section } from '../document.ts';
import { blocksOf } from '../document.ts';
import type { MarkedBlock } from './blocks.ts';

/** A mark belongs to the next note of that name, else to the last before it: notes follow their text nearly always. */
export function linkNotes(book: Book): Book {
  const order = new Map<string, number>();
  const notes = new Map<string, { readonly at: number; readonly id: string }[]>();
  let index = 0;
  for (const block of blocksOf(book)) {
    order.set(block.id, index);
    if (block.type === 'note' && block.mark !== undefined) {
      const named = notes.get(block.mark);
      if (named === undefined) notes.set(block.mark, [{ at: index, id: block.id }]);
      else named.push({ at: index, id: block.id });
    }
    index += 1;
  }
  const find = (mark: string, at: number): string | null => {
    const named = notes.get(mark) ?? [];
    return (named.find((note) => note.at >= at) ?? named.at(-1))?.id ?? null;
  };
  return mapBlocks(book, (block) => withLinks(block, find, order.get(block.id) ?? 0));
}

function withLinks(block: MarkedBlock, find: (mark: string, at: number) => string | null, at: number): Block {
  if (block.found === undefined) return block;
  const { found, ...rest } = block;
  const links: NoteLink[] = found.flatMap(({ mark, at: place }) => {
    const note = find(mark, at);
    return note === null ? [] : [{ mark, at: place, note }];
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
