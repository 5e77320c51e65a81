/** Blocks as XHTML. */

import { altOf, type Shown } from './pictures.ts';
import type { PublishedBlock, PublishedUnit } from './publication.ts';
import { spansOf } from './spans.ts';

/** Where notes, their marks and pictures are, for links between files. */
export interface Links {
  readonly numberOf: (id: string | undefined) => number | undefined;
  /** The file that a note is in. */
  readonly fileOf: (note: number) => string | undefined;
  /** The file that the first mark of a note is in. */
  readonly markFileOf: (note: number) => string | undefined;
  /** Whether this is the first mark of the note, which is the one that it leads back to. */
  readonly first: (note: number) => boolean;
  readonly pictures: Shown;
}

/** What XML cannot hold: control characters, half characters, and the two that are none. */
const forbidden: RegExp =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

export function escaped(text: string): string {
  const plain = text.replace(forbidden, '');
  return /[&<>"]/.test(plain)
    ? plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
    : plain;
}

const keepsLines: ReadonlySet<PublishedBlock['type']> = new Set(['verse', 'list', 'listItem', 'quote', 'note']);

/** The unit's own blocks; `rank` is that of its heading, from 1. */
export function* unitMarkup(unit: PublishedUnit, rank: number, links: Links): Generator<string> {
  const { blocks } = unit;
  const first = blocks.findIndex((block) => block.type !== 'heading');
  const headed = first < 0 ? blocks.length : first;
  const tag = `h${String(Math.min(rank, 6))}`;
  if (headed === 0 && unit.title !== '' && unit.heading !== false) yield `<header><${tag}>${escaped(unit.title)}</${tag}></header>\n`;
  if (headed > 0) {
    const [main, ...rest] = blocks.slice(0, headed);
    yield `<header><${tag}>${inline(main!, links)}</${tag}>${rest.map((block) => `<p class="title">${inline(block, links)}</p>`).join('')}</header>\n`;
  }
  for (let index = headed; index < blocks.length;) {
    const end = groupEnd(blocks, index, links);
    yield `${groupMarkup(blocks.slice(index, end), rank, links)}\n`;
    index = end;
  }
}

/** Items of one list, paragraphs of one note and lines of one caption belong together. */
function groupEnd(blocks: readonly PublishedBlock[], from: number, links: Links): number {
  const { type } = blocks[from]!;
  let end = from + 1;
  if (links.pictures.pictureOf(blocks[from]!) !== undefined)
    while (blocks[end]?.type === 'illustration' && blocks[end]?.picture === undefined) end += 1;
  if (type === 'listItem') while (blocks[end]?.type === 'listItem') end += 1;
  if (type === 'note')
    while (blocks[end]?.type === 'note' && links.numberOf(blocks[end]?.id) === undefined && isSameNote(blocks[from]!, blocks[end]!))
      end += 1;
  return end;
}

function isSameNote(note: PublishedBlock, block: PublishedBlock): boolean {
  return block.mark === undefined || block.mark === note.mark;
}

function groupMarkup(blocks: readonly PublishedBlock[], rank: number, links: Links): string {
  const block = blocks[0]!;
  switch (block.type) {
    case 'heading': {
      const tag = `h${String(Math.min(rank + 1, 6))}`;
      return `<${tag}>${inline(block, links)}</${tag}>`;
    }
    case 'paragraph':
      return `<p>${inline(block, links)}</p>`;
    case 'verse':
      return `<blockquote class="verse"><p>${inline(block, links)}</p></blockquote>`;
    case 'quote':
      return `<blockquote><p>${inline(block, links)}</p></blockquote>`;
    case 'list':
      return `<p class="list">${inline(block, links)}</p>`;
    case 'listItem':
      return `<ul>${blocks.map((item) => `<li>${inline(item, links)}</li>`).join('')}</ul>`;
    case 'note':
      return noteMarkup(blocks, links);
    case 'illustration':
      return figure(blocks, links);
    case 'break':
      return '<hr/>';
  }
}

function figure(blocks: readonly PublishedBlock[], links: Links): string {
  const [first] = blocks;
  const picture = links.pictures.pictureOf(first!);
  const image = picture === undefined ? '' : `<img src="../${pictureFolder}/${picture.file}" alt="${escaped(altOf(first!))}"/>`;
  const lines = blocks.filter((block) => block.text.trim() !== '').map((block) => inline(block, links));
  const caption = lines.length === 0 ? '' : `<figcaption>${lines.join('<br/>')}</figcaption>`;
  return image === '' && caption === '' ? '' : `<figure>${image}${caption}</figure>`;
}

/** Of the pictures, below the folder of the package. */
export const pictureFolder = 'images';

function noteMarkup(blocks: readonly PublishedBlock[], links: Links): string {
  const [first] = blocks;
  const number = links.numberOf(first!.id);
  const mark = escaped(first!.mark ?? '');
  const label =
    number === undefined
      ? mark
      : `<a href="${links.markFileOf(number) ?? ''}#r${String(number)}" epub:type="backlink" role="doc-backlink">${mark === '' ? String(number) : mark}</a>`;
  const paragraphs = blocks
    .map((block, index) => `<p>${index === 0 && label !== '' ? `${label} ` : ''}${inline(block, links)}</p>`)
    .join('');
  return `<aside epub:type="footnote" role="doc-footnote"${number === undefined ? '' : ` id="n${String(number)}"`}>${paragraphs}</aside>`;
}

function inline(block: PublishedBlock, links: Links): string {
  const lineEnd = keepsLines.has(block.type) ? '<br/>' : ' ';
  let markup = '';
  for (const span of spansOf(block)) {
    if (span.type === 'link') {
      const number = links.numberOf(span.link.note);
      const file = number === undefined ? undefined : links.fileOf(number);
      if (number === undefined || file === undefined) markup += escaped(`[${span.link.mark}]`);
      else
        markup += `<a href="${file}#n${String(number)}"${links.first(number) ? ` id="r${String(number)}"` : ''} epub:type="noteref" role="doc-noteref">${escaped(span.link.mark)}</a>`;
    } else {
      const text = escaped(span.text).replaceAll('\n', lineEnd);
      markup += span.emphasised ? `<em>${text}</em>` : text;
    }
  }
  return markup;
}
