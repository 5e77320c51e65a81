/** Writes Markdown (CommonMark, with footnotes as GitHub and Pandoc have them), paragraph by paragraph. */

import { notesOf, type Notes } from './notes.ts';
import type { Publication, PublishedBlock, PublishedUnit } from './publication.ts';
import { spansOf } from './spans.ts';

export function* markdownOf(publication: Publication): Generator<string> {
  const { title, authors, front = [], body, back = [] } = publication;
  const notes = notesOf(publication);
  yield `# ${escaped(title)}\n`;
  if (authors.length > 0) yield `\n*${authors.map(escaped).join(', ')}*\n`;
  for (const unit of [...front, ...body, ...back]) yield* unitText(unit, 2, notes);
}

function* unitText(unit: PublishedUnit, depth: number, notes: Notes): Generator<string> {
  const { blocks, children = [] } = unit;
  const headed = blocks.findIndex((block) => block.type !== 'heading');
  const own = headed < 0 ? blocks : blocks.slice(0, headed);
  const rank = '#'.repeat(Math.min(depth, 6));
  const heading =
    own.length > 0 ? own.map((block) => oneLine(inline(block, notes))).join(' — ') : unit.heading === false ? '' : escaped(unit.title);
  if (heading !== '') yield `\n${rank} ${heading}\n`;
  for (const [index, block] of blocks.entries()) {
    if (index < own.length) continue;
    // Items of one list stand together.
    const together = block.type === 'listItem' && blocks[index - 1]?.type === 'listItem';
    const text = blockText(block, depth, notes, blocks[index - 1]);
    if (text !== '') yield `${together ? '' : '\n'}${text}\n`;
  }
  for (const child of children) yield* unitText(child, depth + 1, notes);
}

function blockText(block: PublishedBlock, depth: number, notes: Notes, before: PublishedBlock | undefined): string {
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
      return text === '' ? '' : `*${oneLine(text)}*`;
    case 'break':
      return '* * *';
    case 'paragraph':
      return oneLine(text);
  }
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
