import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { book, cleaned, outline, prose } from '../../test/sample.ts';
import { alignBook } from '../align/align.ts';
import type { Piece } from './piece.ts';
import { areAlike, mannerOf } from './typography.ts';

const width = 70;
const line = (text: string, indent: number = 0): Piece => ({
  rows: text.split('\n'),
  lines: 1,
  gap: 3,
  indent,
  letters: text.length,
  at: 0,
  kind: 'text',
  rank: 0,
});
const alike = (one: Piece, other: Piece): boolean => areAlike(mannerOf(one, width), mannerOf(other, width));

describe('lines', () => {
  it('are set alike where nothing that both show differs', () => {
    assert.ok(alike(line('The Tide'), line('Who Saw the Ship?')));
    assert.ok(alike(line('1850'), line('_A Year_')));
    assert.ok(alike(line('The Lamp', 28), line('The Rope of the Captain, and What Became of It Afterwards, at Sea', 2)));
    assert.ok(alike(line('The Quay', 30), line('The Storm; or,\nThe Rope', 27)));
  });

  it('are not where letters, place or stop do', () => {
    assert.ok(!alike(line('The Tide'), line('THE TIDE')));
    assert.ok(!alike(line('The Tide'), line('The Tide', 31)));
    assert.ok(!alike(line('The Tide'), line('The Tide.')));
  });
});

describe('titles set like most of a book', () => {
  const centred = (title: string): string =>
    title
      .split('\n')
      .map((row) => ' '.repeat((width - row.length) >> 1) + row)
      .join('\n');
  const titles = ['The Tide.', 'The Quay without a lamp.', 'A Ship of the Line;\nor, The Rope.', 'The Storm.', 'The Lamp.', 'The Rope.'];

  it('are found whatever their length and capitals are', () => {
    const found = outline(alignBook(cleaned(book(...titles.flatMap((title, index) => [centred(title), prose(index)])))));
    assert.deepEqual(
      found,
      titles.map((title) => `chapter ${title.replace('\n', ' ')}`),
    );
  });

  it('are found where the gaps above them are uneven', () => {
    const short = titles.map((title) => title.replace(/[.;].*/s, '.'));
    const parts = short.map((title, index) => `${'\n'.repeat([4, 4, 1, 4, 4, 1][index]!)}${centred(title)}\n\n${prose(index)}\n`);
    assert.deepEqual(
      outline(alignBook(cleaned(parts.join('\n')))),
      short.map((title) => `chapter ${title}`),
    );
  });
});
