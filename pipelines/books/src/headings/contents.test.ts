import assert from 'node:assert/strict';
import { it } from 'node:test';
import { book, cleaned, outline, prose } from '../../test/sample.ts';
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

const chapters = (names: readonly string[], seed: number, paragraphs: number = 8): string[] =>
  names.flatMap((name, index) => [`CHAPTER ${roman[index]!}. ${name}`, prose(seed + index, paragraphs)]);
const listOf = (names: readonly string[]): string => names.map((name, index) => `CHAPTER ${roman[index]!}. ${name}`).join('\n');
const found = (...parts: readonly string[]): string[] => outline(alignBook(cleaned(book(...parts))));

it('a contents list far behind in a file is one, though a column head of it stood in an earlier one', () => {
  const later = ['The Rope', 'The Bell'];
  const list = (names: readonly string[]): string => `CONTENTS\n\n     PAGE\n\n${listOf(names)}`;
  const first = ['\n\nTHE TIDE', list(titles), ...chapters(titles, 1, 16)];
  const aligned = alignBook(cleaned(book(...first, '\n\nTHE SHIP', list(later), ...chapters(later, 9))));
  assert.deepEqual(
    outline(aligned).filter((line) => line.startsWith('  ')),
    [...titles, ...later].map((title, index) => `  chapter ${(index % 4) + 1} ${title}`),
  );
  assert.equal(aligned.structure.frontMatter.sections.filter(({ role }) => role === 'contents').length, 2);
});

it('a contents list that leaves out the first chapter ends above it, though its paragraphs are numbered', () => {
  const numbered = titles.flatMap((title, index) => [
    `CHAPTER ${roman[index]!}. ${title}`,
    prose(index, 6)
      .split('\n\n')
      .map((paragraph, place) => `${place + 1}. ${paragraph}`)
      .join('\n\n'),
  ]);
  assert.deepEqual(
    found(`CONTENTS\n\n${listOf(titles).split('\n').slice(1).join('\n')}`, ...numbered),
    titles.map((title, index) => `chapter ${index + 1} ${title}`),
  );
});

it('titles are believed where the list names them, whatever it says below of what they treat', () => {
  const names = titles.map((title) => `How he went to ${title.toLowerCase()} and what he was told there`);
  const topics =
    '    Of the tide and what they--said of it--Of a rope\n    and a bell--Of the moon--What they all wished\n    to know--And of the end';
  const list = names.map((name, index) => `${name}\n${topics.replaceAll('the', `the ${titles[index]!}`)}`).join('\n\n');
  assert.deepEqual(
    found(`CONTENTS\n\n${list}`, ...names.flatMap((name, index) => [name, prose(index)])),
    names.map((name) => `chapter ${name}`),
  );
});
