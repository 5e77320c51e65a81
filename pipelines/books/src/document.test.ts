import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { createContracts } from '@scriptorium/flow';
import type { Schema } from '@scriptorium/core';
import { book, prose, sectionSource, structured } from '../test/sample.ts';
import { blocksOf, countLetters, walkChapters } from './document.ts';

const schema = JSON.parse(readFileSync(new URL('./book.schema.json', import.meta.url), 'utf8')) as Schema;
const check = createContracts().compile(schema);

describe('book documents', () => {
  it('are what book.schema.json says', () => {
    const rich = book(
      'THE QUAY',
      'PREFACE',
      prose(9, 2),
      'CONTENTS\n\n  I. The Tide    1\n II. The Ship    9\n III. The Lost   17',
      'CHAPTER I\n\nTHE TIDE',
      `${prose(1)}\n\nA word_s_ note.[1]\n\n[1] The note.\n\n[Illustration: A quay]\n\n* * *`,
      'CHAPTER II\n\nTHE SHIP',
      `${prose(2)}\n\n    A verse\n    Of lines`,
      'APPENDIX',
      prose(3, 2),
    );
    assert.deepEqual(check(structured(rich)), []);
    assert.deepEqual(
      check(
        structured(
          sectionSource([
            { title: 'Part One', text: '' },
            { title: 'Chapter 1', text: 'It came.' },
          ]),
        ),
      ),
      [],
    );
  });

  it('of another shape are refused by it', () => {
    const { meta: _meta, ...without } = structured(prose(1));
    assert.notDeepEqual(check(without), []);
  });

  it('are walked parents first, in reading order', () => {
    const given = structured(
      book('PART ONE', 'CHAPTER I', prose(1), 'CHAPTER II', prose(2), 'PART TWO', 'CHAPTER I', prose(3), 'CHAPTER II', prose(4)),
    );
    assert.deepEqual(
      [...walkChapters(given.structure.body.chapters)].map(({ chapter, depth }) => `${depth} ${chapter.id}`),
      ['1 part-1', '2 chapter-1', '2 chapter-2', '1 part-2', '2 chapter-3', '2 chapter-4'],
    );
    const places = [...blocksOf(given)].map((block) => block.source.start);
    assert.deepEqual(
      places,
      places.toSorted((left, right) => left - right),
    );
  });
});

describe('letters', () => {
  it('are counted as Unicode has them', () => {
    for (const text of ['', 'a1 b.', 'naïve', '第一回', '𝒜𝒷 😀', 'é', 'ǅ', '_—“”'])
      assert.equal(countLetters(text), text.match(/\p{L}/gu)?.length ?? 0, text);
  });
});
