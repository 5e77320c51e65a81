/** From a place in a finished book back to the input: which span of it, and what was done there. */

import { walkChapters, type Block, type Book, type Removed, type SourceSpan } from './document.ts';

export interface TracedUnit {
  readonly id: string;
  /** With its number; empty where it has none. */
  readonly heading: string;
  readonly blocks: readonly Block[];
}

export interface Traced {
  readonly unit: TracedUnit;
  /** Null for the unit as a whole. */
  readonly block: Block | null;
  readonly span: SourceSpan;
  /** What was taken out or changed within the span. */
  readonly changes: readonly Removed[];
}

/**
 * `place` is the id of a unit or of a block, the number of a chapter as its heading counts, or its place where headings have
 * none (`12`), or one of them with
 * the number of a paragraph in it, from 1: `chapter-3/5`. Null where the book has no such place, or nothing in it.
 */
export function traceInBook(book: Book, place: string): Traced | null {
  const units = unitsOf(book);
  const [name = '', paragraph] = place.split('/');
  const unit = units.find(({ id }) => id === name) ?? numbered(book, units, name);
  if (unit === undefined) {
    const owner = units.find(({ blocks }) => blocks.some(({ id }) => id === name));
    return owner === undefined || paragraph !== undefined ? null : traced(book, owner, owner.blocks.find(({ id }) => id === name) ?? null);
  }
  if (paragraph === undefined) return traced(book, unit, null);
  const block = unit.blocks.filter(({ type }) => type !== 'heading')[Number(paragraph) - 1];
  return block === undefined ? null : traced(book, unit, block);
}

/** The ids of units, for whoever named none that exists. */
export function placesOfBook(book: Book): readonly string[] {
  return unitsOf(book).map(({ id }) => id);
}

function traced(book: Book, unit: TracedUnit, block: Block | null): Traced | null {
  const first = block ?? unit.blocks[0];
  if (first === undefined) return null;
  const { start, file = 0 } = first.source;
  const within = block === null ? unit.blocks.filter(({ source }) => (source.file ?? 0) === file) : [block];
  const end = Math.max(...within.map(({ source }) => source.end));
  const changes = book.removed.filter((one) => (one.file ?? 0) === file && one.start < end && one.end > start);
  return { unit, block, span: { start, end, ...(file === 0 ? {} : { file }) }, changes };
}

function numbered(book: Book, units: readonly TracedUnit[], name: string): TracedUnit | undefined {
  if (!/^\d+$/.test(name)) return undefined;
  const chapters = [...walkChapters(book.structure.body.chapters)].map(({ chapter }) => chapter);
  const counted = chapters.filter(({ kind }) => kind === 'chapter');
  // Where no heading has a number, chapters count by their place.
  const isNumbered = counted.some(({ ordinal }) => ordinal !== null);
  const chapter = isNumbered ? counted.find(({ ordinal }) => ordinal === Number(name)) : counted[Number(name) - 1];
  return chapter === undefined ? undefined : units.find(({ id }) => id === chapter.id);
}

function unitsOf(book: Book): readonly TracedUnit[] {
  const { frontMatter, body, backMatter } = book.structure;
  const section = ({
    id,
    title,
    blocks,
  }: {
    readonly id: string;
    readonly title: string;
    readonly blocks: readonly Block[];
  }): TracedUnit => ({
    id,
    heading: title,
    blocks,
  });
  return [
    ...frontMatter.sections.map(section),
    ...[...walkChapters(body.chapters)].map(({ chapter: { id, number = '', title, blocks } }) => ({
      id,
      heading: [number, title].filter((part) => part !== '').join(' '),
      blocks,
    })),
    ...backMatter.sections.map(section),
  ];
}
