/** Writes plain text: a paragraph a line, headings set off by blank lines, marks, notes and the names of pictures in brackets. */

import { notesOf, type Notes } from './notes.ts';
import { namedPicture } from './pictures.ts';
import type { Publication, PublishedBlock, PublishedUnit } from './publication.ts';
import { spansOf } from './spans.ts';

export function* plainTextOf(publication: Publication): Generator<string> {
  const { title, authors, front = [], body, back = [] } = publication;
  const notes = notesOf(publication);
  yield `${title}\n`;
  if (authors.length > 0) yield `${authors.join(', ')}\n`;
  for (const unit of [...front, ...body, ...back]) yield* unitText(unit, notes);
}

function* unitText(unit: PublishedUnit, notes: Notes): Generator<string> {
  const { blocks, children = [] } = unit;
  if (blocks[0]?.type !== 'heading' && unit.title !== '' && unit.heading !== false) yield `\n\n\n${unit.title}\n`;
  for (const [index, block] of blocks.entries()) {
    const text = blockText(block, notes);
    if (text === '') continue;
    const before = blocks[index - 1]?.type;
    // A heading of several rows is one, and so are the items of a list.
    const gap =
      block.type === 'heading' ? (before === 'heading' ? '' : '\n\n\n') : block.type === 'listItem' && before === 'listItem' ? '' : '\n';
    yield `${gap}${text}\n`;
  }
  for (const child of children) yield* unitText(child, notes);
}

function blockText(block: PublishedBlock, notes: Notes): string {
  let text = '';
  for (const span of spansOf(block)) {
    if (span.type === 'text') text += span.text;
    else text += `[${String(notes.numberOf(span.link.note) ?? span.link.mark)}]`;
  }
  if (block.type === 'break') return '* * *';
  if (block.type === 'illustration') return namedPicture(block, text.replaceAll('\n', ' ').trim());
  if (block.type === 'verse' || block.type === 'quote') return text.replace(/^/gm, '    ');
  if (block.type !== 'note') return text;
  const mark = notes.numberOf(block.id) ?? block.mark;
  return mark === undefined ? text : `[${String(mark)}] ${text}`;
}
