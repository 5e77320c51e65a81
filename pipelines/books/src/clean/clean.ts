/**
 * The text of a book without its printing: licence cut, credits put at the back, lines made paragraphs, marks made
 * structure. Every letter of the source is then in a block or listed as removed, or there is no document.
 */

import { bookVersion, countLetters } from '../document.ts';
import type { Block, Book, BookMeta, Chapter, LoosePicture, Section, Warning } from '../document.ts';
import { roleOf } from '../headings/roles.ts';
import type { Source, SourceMatter, SourceSection } from '../source/source.ts';
import { pageMarkPattern } from '../topology/marks.ts';
import { bookParagraphs } from '../topology/topology.ts';
import type { LineSpan, Topology } from '../topology/topology.ts';
import { indentOf, paragraphsOf } from '../topology/paragraphs.ts';
import type { Paragraph } from '../topology/paragraphs.ts';
import { lettersOf } from '../topology/topology.ts';
import { openLedger } from './account.ts';
import type { Ledger } from './account.ts';
import { blockWriter } from './blocks.ts';
import type { BlockWriter } from './blocks.ts';
import { withMarkup } from './markup.ts';
import { mendLines } from './mend.ts';
import { linkNotes } from './notes.ts';
import { noPictures, type KeptPictures } from './pictures.ts';
import { asMeant } from './printed.ts';
import type { Typography } from './text.ts';

/** The id of the one chapter that an undivided source is cleaned to. */
export const wholeTextId = 'text';

export type GivenMeta = Partial<Omit<BookMeta, 'source'>>;

/** `pictures` are those of the source that are carried. */
export interface CleanOptions {
  readonly typography?: Typography;
  readonly pictures?: KeptPictures;
}

/** What `topology` measured on the same source is relied on; `meta` (from a catalog) goes before what the source says. */
export function cleanBook(source: Source, topology: Topology, meta: GivenMeta, options: CleanOptions = {}): Book {
  const { typography = 'printed', pictures = noPictures } = options;
  const ledger = openLedger();
  const cut = topology.added.filter(({ kind }) => kind === 'boilerplate' || kind === 'licence');
  const mended = mendLines(source.lines, (line) => cut.some(({ from, to }) => line >= from && line < to));
  const writer = blockWriter(source.lines, mended, topology, ledger, typography);
  const read = { ...source, lines: mended.lines };
  const back = addedSections(read, topology, ledger, writer);
  const parts = source.sections === null ? wholeText(read, source.lines, topology, writer, ledger) : bySections(read, topology, writer);
  const without = source.cuts ?? [];
  for (const gone of without) if (gone.letters > 0) ledger.remove(gone.kind, gone.letters, gone);
  const total = lettersOf(source.lines, 0, source.lines.length) + without.reduce((sum, gone) => sum + gone.letters, 0);
  const { removed, letters } = ledger.close(total);
  const book: Book = {
    version: bookVersion,
    id: topology.id,
    meta: { ...metaOf(source, meta), ...coverOf(source, pictures) },
    structure: {
      frontMatter: { toc: [], sections: parts.front },
      body: { chapters: parts.chapters },
      backMatter: { sections: [...parts.back, ...back] },
    },
    removed: removed.toSorted((left, right) => (left.file ?? 0) - (right.file ?? 0) || left.start - right.start),
    ...loosePictures(source, pictures),
    letters,
    ...(mended.doubts.length === 0 ? {} : { doubts: mended.doubts }),
    warnings: [
      ...[...(source.issues ?? []), ...pictures.issues].map(({ type, message }) => ({ stage: 'read' as const, type, message })),
      ...warningsOf(topology),
    ],
  };
  return withMarkup(topology.marks.notes === null ? book : linkNotes(book), source.lines);
}

function coverOf({ cover }: Source, { find }: KeptPictures): Pick<BookMeta, 'cover'> {
  const picture = cover === undefined ? undefined : find(cover);
  return picture === undefined ? {} : { cover: picture };
}

/** The cover is no picture in the text, wherever the source shows it. */
function loosePictures({ pictures = [], cover }: Source, { find }: KeptPictures): Pick<Book, 'pictures'> {
  const loose = pictures.flatMap((shown): LoosePicture[] => {
    const picture = find(shown);
    if (picture === undefined || (cover !== undefined && picture.file === find(cover)?.file)) return [];
    const { alt, file, at, captioned, leads } = shown;
    return [{ picture: { ...picture, alt }, source: { start: at, end: at, ...(file === 0 ? {} : { file }) }, captioned, leads }];
  });
  return loose.length === 0 ? {} : { pictures: loose };
}

interface Parts {
  readonly front: readonly Section[];
  readonly chapters: readonly Chapter[];
  readonly back: readonly Section[];
}

function metaOf(source: Source, given: GivenMeta): BookMeta {
  const { title, author, language, workNumber, volume } = { ...source.meta, ...withoutNull(given) };
  return {
    title: title ?? null,
    author: author ?? null,
    language: language ?? null,
    ...(workNumber === undefined ? {} : { workNumber }),
    ...(volume === undefined ? {} : { volume }),
    source: {
      kind: source.kind,
      files: source.files.map(({ name, encoding, declared, codePoints, hash }) => ({ name, encoding, declared, codePoints, hash })),
    },
    ...(given.extra === undefined && source.meta.extra === undefined ? {} : { extra: { ...source.meta.extra, ...given.extra } }),
  };
}

function withoutNull(given: GivenMeta): GivenMeta {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null && value !== undefined));
}

/** Licence and headers go; credits and notes of transcribers become sections of the back matter. */
function addedSections(source: Source, topology: Topology, ledger: Ledger, writer: BlockWriter): Section[] {
  const sections: Section[] = [];
  for (const range of topology.added) {
    if (range.kind === 'boilerplate' || range.kind === 'licence')
      ledger.remove(range.kind, lettersOf(source.lines, range.from, range.to), range);
    else {
      const blocks = paragraphsOf(source.lines, range.from, range.to, topology.wrapping.wrapped).map((paragraph) =>
        writer.write(paragraph),
      );
      const title = range.kind === 'credits' ? 'Credits' : 'Transcriber’s notes';
      sections.push({ id: `credits-${sections.length + 1}`, role: 'credits', title, blocks });
    }
  }
  return sections;
}

/** One undivided body, for alignment to divide, and the contents lists before it. */
function wholeText(source: Source, given: Source['lines'], topology: Topology, writer: BlockWriter, ledger: Ledger): Parts {
  const { lines } = source;
  const lists = topology.contents;
  const added = [...topology.added, ...lists];
  const printed = asMeant(
    lines,
    bookParagraphs(lines, topology.kept, added, topology.wrapping.wrapped),
    topology.wrapping.wrapped,
    topology.wrapping.width,
    pageMarkPattern(topology.marks, 'g'),
  );
  const heads = new Set(printed.heads.map((head) => head.line));
  for (const { line, kind } of printed.heads) {
    const { text } = given[line]!;
    ledger.remove(kind, countLetters(text), given[line]!, { before: text.trim() });
  }
  const blocks: Block[] = [];
  for (const paragraph of printed.paragraphs) blocks.push(writer.write(paragraph, heads));
  return {
    front: lists.map((list, index) => ({
      id: `list-${index + 1}`,
      role: list.role,
      title: lines[list.from]!.text.trim(),
      blocks: listBlocks(source, list, writer),
    })),
    chapters: [{ id: wholeTextId, kind: 'chapter', title: '', ordinal: null, blocks, children: [] }],
    back: [],
  };
}

/** Each row of a contents list is an item of its own; its layout tells entries from their second lines. */
function listBlocks(source: Source, list: LineSpan, writer: BlockWriter): Block[] {
  const blocks: Block[] = [];
  let gap = 0;
  for (let line = list.from; line < list.to; line += 1) {
    if (source.lines[line]!.text.trim() === '') {
      gap += 1;
      continue;
    }
    const { text } = source.lines[line]!;
    const paragraph: Paragraph = { from: line, to: line + 1, gap, indent: indentOf(text), width: text.length, letters: countLetters(text) };
    blocks.push(writer.write(paragraph, undefined, 'listItem'));
    gap = 0;
  }
  return blocks;
}

/** The source's own sections: front and back by their titles, chapters the rest. */
function bySections(source: Source, topology: Topology, writer: BlockWriter): Parts {
  const front: Section[] = [];
  const chapters: Chapter[] = [];
  const back: Section[] = [];
  const sections = source.sections ?? [];
  const matterOf = (section: SourceSection): SourceMatter | null => (section.matter === undefined ? roleOf(section.title) : section.matter);
  const lastChapter = sections.findLastIndex((section) => matterOf(section)?.place !== 'back');
  for (const [index, section] of sections.entries()) {
    const paragraphs = bookParagraphs(source.lines, [section], topology.added, topology.wrapping.wrapped);
    // What a distributor added may be a section of its own.
    if (paragraphs.length === 0 && isAdded(section, topology)) continue;
    const blocks = paragraphs.map((paragraph) => writer.write(paragraph));
    const role = matterOf(section);
    if (role?.place === 'front' && chapters.length === 0)
      front.push({ id: `front-${front.length + 1}`, role: role.role, title: section.title, blocks });
    else if (role?.place === 'back' && index > lastChapter)
      back.push({ id: `back-${back.length + 1}`, role: role.role, title: section.title, blocks });
    else
      chapters.push({
        id: `text-${chapters.length + 1}`,
        kind: 'chapter',
        title: section.title,
        ordinal: null,
        blocks,
        children: [],
        ...givenStructure(section, role),
      });
  }
  return { front, chapters, back };
}

function isAdded(section: SourceSection, topology: Topology): boolean {
  return topology.added.some((range) => range.from < section.to && range.to > section.from);
}

/** What the source knows of a section beside its title, for alignment. */
function givenStructure({ level, headed }: SourceSection, matter: SourceMatter | null): Pick<Chapter, 'metadata'> {
  if (level === undefined) return {};
  return { metadata: { level, ...(headed === undefined ? {} : { headed }), ...(matter === null ? {} : { role: matter.role }) } };
}

function warningsOf(topology: Topology): Warning[] {
  const warnings: Warning[] = [];
  for (const file of topology.files) {
    if (file.agrees === false)
      warnings.push({
        stage: 'clean',
        type: 'encoding',
        message: `${file.name} says it is ${file.declared}, its bytes are ${file.encoding}; read as ${file.encoding}`,
      });
  }
  if (topology.marks.mojibake > 0)
    warnings.push({
      stage: 'clean',
      type: 'mojibake',
      message: `${topology.marks.mojibake} lines had characters decoded wrongly; repaired where the original was certain`,
    });
  return warnings;
}
