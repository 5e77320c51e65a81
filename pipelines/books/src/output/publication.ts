/** What is published, whatever made it: a document of the book pipeline, or a story that was written a minute ago. */

import { createHash } from 'node:crypto';
import type { Block, Book, Chapter, Section } from '../document.ts';

/** A block of text. `id` is needed only where a link of another block leads to it. Offsets are code points of the text. */
export type PublishedBlock = Pick<Block, 'type' | 'text'> & Partial<Pick<Block, 'id' | 'mark' | 'links' | 'emphasis' | 'picture'>>;

/** A picture that blocks show by the name of its file. */
export interface PublishedPicture {
  readonly file: string;
  readonly mediaType: string;
  /** Called when it is written, once for each format. */
  readonly read: () => Promise<Uint8Array>;
}

export interface PublishedUnit {
  /** As the contents print it. Printed above the text too, unless the first blocks are headings or `heading` is false. */
  readonly title: string;
  readonly heading?: false;
  /** `part`, `chapter`, `section`, or a role such as `preface`. */
  readonly kind: string;
  readonly blocks: readonly PublishedBlock[];
  readonly children?: readonly PublishedUnit[];
}

export interface Publication {
  /** A URI that stays the same for the same work, such as `urn:uuid:…`. */
  readonly id: string;
  readonly title: string;
  readonly authors: readonly string[];
  readonly translators?: readonly string[];
  /** BCP 47; `und` where it is not known. */
  readonly language: string;
  readonly series?: { readonly name: string; readonly position?: string };
  /** `2026-01-01T00:00:00Z`; the same for every book unless given, so that the same book gives the same bytes. */
  readonly modified?: string;
  /** Blocks whose picture is not among them show their captions only. */
  readonly pictures?: readonly PublishedPicture[];
  /** The file of the one of them that is the cover. */
  readonly cover?: string;
  readonly front?: readonly PublishedUnit[];
  readonly body: readonly PublishedUnit[];
  readonly back?: readonly PublishedUnit[];
}

export function publicationOf(book: Book, pictures: readonly PublishedPicture[] = []): Publication {
  const { meta, structure } = book;
  const series = meta.extra?.['series'];
  const translator = meta.extra?.['translator'];
  return {
    id: uuidOf([book.id, ...meta.source.files.map((file) => file.hash)].join('\n')),
    title: meta.title ?? book.id,
    authors: people(meta.author),
    ...(typeof translator === 'string' ? { translators: people(translator) } : {}),
    language: meta.language !== null && /^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i.test(meta.language) ? meta.language : 'und',
    ...(typeof series === 'string' ? { series: { name: series, ...(meta.volume === undefined ? {} : { position: meta.volume }) } } : {}),
    ...(pictures.length === 0 ? {} : { pictures }),
    ...(meta.cover === undefined ? {} : { cover: meta.cover.file }),
    front: structure.frontMatter.sections.map(sectionUnit),
    body: structure.body.chapters.map(chapterUnit),
    back: structure.backMatter.sections.map(sectionUnit),
  };
}

function people(names: string | null): string[] {
  return (names ?? '')
    .split(';')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function sectionUnit({ title, role, blocks }: Section): PublishedUnit {
  // The title of a dedication or a title page is what it is called, and stands nowhere in it.
  return { title, kind: role, blocks, heading: false };
}

function chapterUnit(chapter: Chapter): PublishedUnit {
  const role = chapter.metadata?.['role'];
  return {
    title: chapterTitle(chapter),
    kind: typeof role === 'string' ? role : chapter.kind,
    blocks: chapter.blocks,
    children: chapter.children.map(chapterUnit),
  };
}

/** As it is printed: the rows of its heading, else what heads its file, else number and title. */
function chapterTitle({ blocks, metadata, number, title }: Chapter): string {
  const end = blocks.findIndex((block) => block.type !== 'heading');
  const rows = blocks.slice(0, end < 0 ? blocks.length : end).map((block) => block.text.replaceAll('\n', ' ').trim());
  if (rows.length > 0) return joinRows(rows);
  const printed = metadata?.['heading'];
  return typeof printed === 'string' ? printed : joinRows([number ?? '', title]);
}

function joinRows(rows: readonly string[]): string {
  let joined = '';
  for (const row of rows.filter((one) => one !== '')) joined += joined === '' ? row : `${/[\p{P}]$/u.test(joined) ? ' ' : ': '}${row}`;
  return joined;
}

/** A UUID of version 8 (RFC 9562: whatever its maker says), here made of a hash. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
