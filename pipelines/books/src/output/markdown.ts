/** Writes Markdown (CommonMark, with footnotes as GitHub and Pandoc have them), paragraph by paragraph. */

import { notesOf, type Notes } from './notes.ts';
import { altOf, shownIn, type Shown } from './pictures.ts';
import type { Publication, PublishedBlock, PublishedUnit } from './publication.ts';
import { spansOf } from './spans.ts';

interface Desk {
  readonly notes: Notes;
  readonly pictures: Shown;
  /** Where the pictures lie, as an address from the text. */
  readonly folder: string;
}

/** `folder` is where its pictures lie, from the text on, without a slash at its end. */
export function* markdownOf(publication: Publication, folder: string = 'pictures'): Generator<string> {
  const { title, authors, front = [], body, back = [], cover } = publication;
  const desk: Desk = {
    notes: notesOf(publication),
    pictures: shownIn(publication),
    folder: folder.split('/').map(encodeURIComponent).join('/'),
  };
  yield `# ${escaped(title)}\n`;
  if (authors.length > 0) yield `\n*${authors.map(escaped).join(', ')}*\n`;
  if (cover !== undefined && publication.pictures?.some(({ file }) => file === cover) === true)
    yield `\n![${escaped(title)}](${desk.folder}/${cover})\n`;
  for (const unit of [...front, ...body, ...back]) yield* unitText(unit, 2, desk);
}

function* unitText(unit: PublishedUnit, depth: number, desk: Desk): Generator<string> {
  const { blocks, children = [] } = unit;
  const headed = blocks.findIndex((block) => block.type !== 'heading');
  const own = headed < 0 ? blocks : blocks.slice(0, headed);
  const rank = '#'.repeat(Math.min(depth, 6));
  const heading =
    own.length > 0 ? own.map((block) => oneLine(inline(block, desk.notes))).join(' — ') : unit.heading === false ? '' : escaped(unit.title);
  if (heading !== '') yield `\n${rank} ${heading}\n`;
  for (const [index, block] of blocks.entries()) {
    if (index < own.length) continue;
    // Items of one list stand together.
    const together = block.type === 'listItem' && blocks[index - 1]?.type === 'listItem';
    const text = blockText(block, depth, desk, blocks[index - 1]);
    if (text !== '') yield `${together ? '' : '\n'}${text}\n`;
  }
  for (const child of children) yield* unitText(child, depth + 1, desk);
}

function blockText(block: PublishedBlock, depth: number, desk: Desk, before: PublishedBlock | undefined): string {
  const { notes } = desk;
  const text = inline(block, notes);
  switch (block.type) {
    case 'heading':
      return text === '' ? '' : `${'#'.repeat(Math.min(depth + 1, 6))} ${oneLine(text)}`;
    case 'verse':
    case 'list':
      return text.replaceAll('\n', '\\\n');
    case 'quote':
      return text === '' ? '' : `> ${text.replaceAll('\n', '\\\n> ')}`;
    case 'listItem':
      return `- ${oneLine(text)}`;
    case 'note': {
      const number = notes.numberOf(block.id);
      if (number !== undefined) return `[^${String(number)}]: ${oneLine(text)}`;
      return before?.type === 'note' && (block.mark === undefined || block.mark === before.mark)
        ? `    ${oneLine(text)}`
        : `${escaped(block.mark ?? '')} ${oneLine(text)}`.trimStart();
    }
    case 'illustration':
      return illustration(block, oneLine(text), desk);
    case 'break':
      return '* * *';
    case 'paragraph':
      return oneLine(text);
  }
}

/** The picture with its caption right below it, so that they stay together. */
function illustration(block: PublishedBlock, text: string, { pictures, folder }: Desk): string {
  const caption = text === '' ? '' : `*${text}*`;
  const picture = pictures.pictureOf(block);
  if (picture === undefined) return caption;
  const shown = `![${escaped(altOf(block))}](${folder}/${picture.file})`;
  return caption === '' ? shown : `${shown}\\\n${caption}`;
}

function inline(block: PublishedBlock, notes: Notes): string {
  let text = '';
  for (const span of spansOf(block)) {
    if (span.type === 'link') {
      const number = notes.numberOf(span.link.note);
      text += number === undefined ? escaped(`[${span.link.mark}]`) : `[^${String(number)}]`;
    } else text += span.emphasised ? emphasised(span.text) : escaped(span.text);
  }
  return text.replace(
    /^(\s*)([-+]|\d{1,9}[.)])(?=\s)/,
    (_, space: string, sign: string) => `${space}${sign.length === 1 ? `\\${sign}` : `${sign.slice(0, -1)}\\${sign.at(-1)!}`}`,
  );
}

/** Asterisks hold only where they touch a word. */
function emphasised(text: string): string {
  const [, lead = '', inner = '', trail = ''] = /^(\s*)(.*?)(\s*)$/su.exec(text) ?? [];
  return inner === '' ? text : `${lead}*${escaped(inner)}*${trail}`;
}

function oneLine(text: string): string {
  return text.replaceAll('\n', ' ');
}

function escaped(text: string): string {
  return text.replace(/[\\`*_[\]<>#~|]|&(?=[#\w])/g, '\\$&');
}
