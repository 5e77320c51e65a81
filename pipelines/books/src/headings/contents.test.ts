import assert from 'node:assert/strict';
import { it } from 'node:test';
import { book, cleaned, outline } from '../../test/sample.ts';
import { alignBook } from '../align/align.ts';

const titles = ['The Mill Race', 'The Wood Dove', 'The Grey Sail', 'The Last Mile'];
const roman = ['I', 'II', 'III', 'IV'];
const lines = [
  'O willow, bend your head to me,',
  'And down the river, down we go,',
  'The bells are silent on the sea,',
  'I heard it long and long ago.',
];

/** Twenty stanzas of the same four lines in another order. */
const ballad = (turn: number): string[] =>
  Array.from({ length: 20 }, (_, stanza) => lines.map((_line, row) => `    ${lines[(row + stanza + turn) % lines.length]!}`).join('\n'));

it('a contents list ends where verse begins, though its lines come again and again', () => {
  const list = `CONTENTS\n\n${titles.map((title, index) => `  CANTO ${roman[index]!} ${title}`).join('\n')}\n\n\n\n`;
  const cantos = titles.flatMap((title, index) => [`\n\n\nCANTO ${roman[index]!}`, title, `\n${ballad(index).join('\n\n')}`]);
  assert.deepEqual(
    outline(alignBook(cleaned(book(list, ...cantos)))),
    titles.map((title, index) => `chapter ${index + 1} ${title}`),
  );
});
