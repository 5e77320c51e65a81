/** The units of a finished book as a judge sees them: headings beside contents entries, and how each begins. */

import { countLetters, walkChapters, type Block, type Book, type SourceSpan, type TocEntry } from '../document.ts';

export interface JudgedUnit {
  readonly id: string;
  readonly place: 'front' | 'body' | 'back';
  readonly kind: string;
  /** The heading, with its number. */
  readonly heading: string;
  /** What the contents list calls it; null where the list has no entry for it. */
  readonly contents: string | null;
  readonly ordinal: number | null;
  readonly letters: number;
  readonly opening: string;
  /** Where it begins; null for one without text. */
  readonly source: SourceSpan | null;
}

const openingLength = 200;

/** All units in the order of the book: front sections, chapters before their children, back sections. */
export function unitsOfBook(book: Book): JudgedUnit[] {
  const entries = new Map(book.structure.frontMatter.toc.flatMap((entry) => (entry.ref === null ? [] : [[entry.ref, entry] as const])));
  const units: JudgedUnit[] = [];
  const add = (
    place: JudgedUnit['place'],
    kind: string,
    unit: {
      readonly id: string;
      readonly title: string;
      readonly number?: string;
      readonly ordinal?: number | null;
      readonly blocks: readonly Block[];
    },
  ): void => {
    const entry = entries.get(unit.id);
    units.push({
      id: unit.id,
      place,
      kind,
      heading: headingOf(unit),
      contents: entry === undefined ? null : fullTitleOf(entry),
      ordinal: unit.ordinal ?? null,
      letters: unit.blocks.reduce((sum, block) => sum + (block.type === 'heading' ? 0 : countLetters(block.text)), 0),
      opening: openingOf(unit.blocks),
      source: unit.blocks[0]?.source ?? null,
    });
  };
  for (const section of book.structure.frontMatter.sections) add('front', section.role, section);
  for (const { chapter } of walkChapters(book.structure.body.chapters)) add('body', chapter.kind, chapter);
  for (const section of book.structure.backMatter.sections) add('back', section.role, section);
  return units;
}

function headingOf(unit: { readonly title: string; readonly number?: string }): string {
  return [unit.number ?? '', unit.title].filter((part) => part !== '').join(' ');
}

function fullTitleOf(entry: TocEntry): string {
  return [entry.number ?? '', entry.title].filter((part) => part !== '').join(' ');
}

function openingOf(blocks: readonly Block[]): string {
  let text = '';
  for (const block of blocks) {
    if (block.type === 'heading' || block.type === 'break') continue;
    text += (text === '' ? '' : ' ') + block.text;
    if (text.length >= openingLength) break;
  }
  return [...text].slice(0, openingLength).join('');
}
