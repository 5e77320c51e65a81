/**
 * Puts on the blocks what the markup of the source says about their lines: emphasis, notes and the marks that lead to
 * them, quotations, verse. Text stays as it is, but for the lines of a stanza, which become one block.
 */

import type { Block, Book, BlockType, Chapter, NoteLink, Section } from '../document.ts';
import type { LineMarkup, SourceLine } from '../source/source.ts';

interface Marked {
  readonly line: SourceLine;
  readonly markup: LineMarkup;
}

export function withMarkup(book: Book, lines: readonly SourceLine[]): Book {
  const marked = new Map<string, Marked>();
  for (const line of lines) if (line.markup !== undefined) marked.set(`${line.file} ${line.start}`, { line, markup: line.markup });
  if (marked.size === 0) return book;
  const find = (block: Block): Marked | undefined => marked.get(`${block.source.file ?? 0} ${block.source.start}`);
  const notes = new Map<string, string>();
  mapLists(book, (blocks) => {
    for (const block of blocks) {
      const name = find(block)?.markup.note?.name;
      if (name !== undefined && !notes.has(name)) notes.set(name, block.id);
    }
    return blocks;
  });
  return mapLists(book, (blocks) =>
    stanzas(
      blocks.map((block) => linked(typed(block, find(block)), find(block), notes)),
      find,
    ),
  );
}

/** The book with each list of blocks changed, those of units as those of sections. */
export function mapLists(book: Book, change: (blocks: readonly Block[]) => readonly Block[]): Book {
  const section = (old: Section): Section => ({ ...old, blocks: change(old.blocks) });
  const chapter = (old: Chapter): Chapter => ({ ...old, blocks: change(old.blocks), children: old.children.map(chapter) });
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

const changeable: ReadonlySet<BlockType> = new Set(['paragraph', 'verse', 'quote', 'list', 'listItem']);

function typed(block: Block, found: Marked | undefined): Block {
  if (found === undefined) return block;
  const { line, markup } = found;
  const emphasis = (markup.emphasis ?? []).flatMap(([from, to]): (readonly [number, number])[] => {
    const range: readonly [number, number] = [placeIn(block.text, line.text, from), placeIn(block.text, line.text, to)];
    return range[1] > range[0] ? [range] : [];
  });
  return {
    ...block,
    ...typeOf(block, markup),
    ...(emphasis.length === 0 ? {} : { emphasis }),
  };
}

function typeOf(block: Block, { note, within }: LineMarkup): Partial<Block> {
  if (!changeable.has(block.type)) return {};
  if (note !== undefined) return { type: 'note', mark: note.mark };
  return within === undefined ? {} : { type: within };
}

/** Lines of verse without a blank line between them are one stanza. */
function stanzas(blocks: readonly Block[], find: (block: Block) => Marked | undefined): Block[] {
  const joined: Block[] = [];
  for (const block of blocks) {
    const last = joined.at(-1);
    const goesOn = last?.type === 'verse' && block.type === 'verse' && block.layout?.gap === 0 && find(block)?.markup.within === 'verse';
    if (last === undefined || !goesOn || last.source.file !== block.source.file) {
      joined.push(block);
      continue;
    }
    const shift = [...last.text].length + 1;
    const emphasis = [
      ...(last.emphasis ?? []),
      ...(block.emphasis ?? []).map(([from, to]): readonly [number, number] => [from + shift, to + shift]),
    ];
    const links = [...(last.links ?? []), ...(block.links ?? []).map((link) => ({ ...link, at: link.at + shift }))];
    const rows =
      last.layout?.rows === undefined || block.layout?.rows === undefined ? undefined : [...last.layout.rows, ...block.layout.rows];
    joined[joined.length - 1] = {
      ...last,
      text: `${last.text}\n${block.text}`,
      source: { ...last.source, end: block.source.end },
      ...(emphasis.length === 0 ? {} : { emphasis }),
      ...(links.length === 0 ? {} : { links }),
      ...(last.layout === undefined
        ? {}
        : {
            layout: {
              gap: last.layout.gap,
              indent: last.layout.indent,
              lines: last.layout.lines + 1,
              ...(rows === undefined ? {} : { rows }),
            },
          }),
    };
  }
  return joined;
}

function linked(block: Block, found: Marked | undefined, notes: ReadonlyMap<string, string>): Block {
  if (found?.markup.notes === undefined) return block;
  const links = found.markup.notes.flatMap(({ at, mark, name }): NoteLink[] => {
    const note = notes.get(name);
    return note === undefined ? [] : [{ mark, at: placeIn(block.text, found.line.text, at), note }];
  });
  const all = [...(block.links ?? []), ...links].toSorted((one, other) => one.at - other.at);
  return all.length === 0 ? block : { ...block, links: all };
}

/** Where a place of the line (in UTF-16 units) is in the block's text (in code points): after as many signs that print. */
function placeIn(text: string, line: string, at: number): number {
  const before = printing(line.slice(0, at));
  if (line === text || text.startsWith(line.slice(0, at))) return [...line.slice(0, at)].length;
  let seen = 0;
  let place = 0;
  for (const point of text) {
    if (seen >= before) break;
    place += 1;
    if (/\S/u.test(point)) seen += 1;
  }
  return place;
}

function printing(text: string): number {
  let count = 0;
  for (const point of text) if (/\S/u.test(point)) count += 1;
  return count;
}
