import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { book, prose, sectionSource, structured } from '../../test/sample.ts';
import type { Book } from '../document.ts';
import { restructureToc } from './toc.ts';

const names = ['THE TIDE', 'THE SHIP', 'THE QUAY', 'THE LAMP'];
const roman = ['I', 'II', 'III', 'IV'];

/** A book of four titled chapters behind the contents list `list`. */
function given(list: string, titles: readonly string[] = names): Book {
  return structured(
    book(`CONTENTS\n\n${list}`, ...titles.flatMap((title, index) => [`CHAPTER ${roman[index]}\n\n${title}`, prose(index)])),
  );
}

function entries(result: Book): string[] {
  return result.structure.frontMatter.toc.map((entry) => `${entry.level} ${entry.number ?? '-'} ${entry.title} > ${entry.ref}`);
}

function warnings(result: Book): string[] {
  return result.warnings.filter((warning) => warning.stage === 'toc').map((warning) => warning.type);
}

const whole = ['1 I THE TIDE > chapter-1', '1 II THE SHIP > chapter-2', '1 III THE QUAY > chapter-3', '1 IV THE LAMP > chapter-4'];

describe('contents', () => {
  it('put the chapters below parts that only the list names', () => {
    const result = given(
      'PART FIRST.\n\n  I. The Tide     1\n  II. The Ship     9\n\nPART SECOND.\n\n  III. The Quay     17\n  IV. The Lamp     25',
    );
    assert.deepEqual(entries(result), [
      '1 FIRST  > null',
      '2 I THE TIDE > chapter-1',
      '2 II THE SHIP > chapter-2',
      '1 SECOND  > null',
      '2 III THE QUAY > chapter-3',
      '2 IV THE LAMP > chapter-4',
    ]);
    assert.deepEqual(warnings(result), ['unmatched_entry', 'unmatched_entry']);
  });

  it('take topics below an entry for no entries', () => {
    const topics = 'Of tides--A word--The moon--What\n        they said';
    assert.deepEqual(entries(given(`I. The Tide\n        ${topics}\nII. The Ship\n        ${topics}\nIII. The Quay\nIV. The Lamp`)), whole);
  });

  it('take topics over several rows for no entries, and what follows a part for no title of it', () => {
    const topics = ['Of tides and what they', 'mean--A word on the', 'moon--What they said'].map((row) => `        ${row}`).join('\n');
    const list = ['The Tide', 'The Ship', 'The Quay', 'The Lamp'].map((title) => `    ${title.padEnd(30)}9\n${topics}`);
    const titled = names.flatMap((title, index) => [...(index % 2 === 0 ? [`PART ${roman[index / 2]!}`] : []), title, prose(index)]);
    const result = structured(book(`CONTENTS\n\nPART I\n${list.slice(0, 2).join('\n')}\nPART II\n${list.slice(2).join('\n')}`, ...titled));
    assert.deepEqual(entries(result), [
      '1 I  > part-1',
      '2 - THE TIDE > chapter-1',
      '2 - THE SHIP > chapter-2',
      '1 II  > part-2',
      '2 - THE QUAY > chapter-3',
      '2 - THE LAMP > chapter-4',
    ]);
    assert.deepEqual(warnings(result), []);
  });

  it('match their chapters exactly, whatever the case, without a warning', () => {
    const result = given('   I. The Tide      1\n  II. The Ship      9\n III. The Quay     17\n  IV. The Lamp     25');
    assert.deepEqual(entries(result), whole);
    assert.deepEqual(warnings(result), []);
    assert.deepEqual(result.structure.frontMatter.toc[1], {
      number: 'II',
      title: 'THE SHIP',
      fullTitle: 'CHAPTER II THE SHIP',
      level: 1,
      ref: 'chapter-2',
      ordinal: 2,
    });
  });

  it('match by number where the title differs, with a warning', () => {
    const result = given('   I. The Tide      1\n  II. A Vessel      9\n III. The Quay     17\n  IV. The Lamp     25');
    assert.deepEqual(entries(result), whole);
    assert.deepEqual(warnings(result), ['number_match']);
  });

  it('match by letters alone, and by one title within the other, with warnings', () => {
    const result = given('The--Tide\nThe Ship\nThe Quay in the Evening\nThe Lamp');
    assert.deepEqual(entries(result), whole);
    assert.deepEqual(warnings(result).sort(), ['contained_match', 'normalised_match']);
  });

  it('have the bare numbers that go from one entry to the next', () => {
    const result = given('      I     The Tide\n      II    The Ship\n      III   A Stone Quay\n      IV    The Lamp');
    assert.deepEqual(entries(result), whole);
    assert.deepEqual(warnings(result), ['number_match']);
  });

  it('tell of titles that have one number and nearly the same letters as such', () => {
    const result = given('   I. Tide      1\n  II. The Ships of old      9\n III. The Quay     17\n  IV. The Lamp     25', [
      'THE TIDES',
      'THE SHIPS OF OLD',
      'THE QUAY IN THE EVENING',
      'THE LAMP',
    ]);
    assert.deepEqual(warnings(result), ['number_match', 'contained_match']);
  });

  it('match where a few letters of a long title are wrong, with a warning', () => {
    const result = given('The Tide of the Evening\nThe Ship\nThe Quay\nThe Lamp', [
      'THE TIED OF THE EVENING',
      'THE SHIP',
      'THE QUAY',
      'THE LAMP',
    ]);
    assert.deepEqual(entries(result).length, 4);
    assert.deepEqual(warnings(result), ['similar_match']);
  });

  it('keep an entry that the book has no chapter for, behind the one before it, with a warning', () => {
    const result = given(
      '   I. The Tide      1\n  II. The Ship      9\n III. The Quay     17\n  IV. The Lamp     25\n   V. The Lost Chapter    33',
    );
    assert.deepEqual(entries(result), [...whole, '1 V The Lost Chapter > null']);
    assert.deepEqual(warnings(result), ['unmatched_entry']);
  });

  it('gain the chapters that the list leaves out, in body order', () => {
    const result = given('   I. The Tide      1\n III. The Quay     17\n  IV. The Lamp     25');
    assert.deepEqual(entries(result), whole);
    assert.deepEqual(warnings(result), ['missing_entry']);
  });

  it('follow the order of the body, not of the list', () => {
    const result = given('   I. The Tide      1\n III. The Quay     17\n  II. The Ship      9\n  IV. The Lamp     25');
    assert.deepEqual(entries(result), whole);
  });

  it('join an entry printed over two lines', () => {
    const result = given(
      '   I. The Tide                         1\n  II. The Ship that nobody\n        had waited for              9\n III. The Quay                        17\n  IV. The Lamp                        25',
      ['THE TIDE', 'THE SHIP THAT NOBODY HAD WAITED FOR', 'THE QUAY', 'THE LAMP'],
    );
    assert.equal(result.structure.frontMatter.toc.length, 4);
    assert.deepEqual(warnings(result), []);
  });

  it('take the title from the list where the chapter has a number only', () => {
    const result = structured(
      book(
        'CONTENTS\n\n   I. The Tide    1\n  II. The Ship    9\n III. The Quay   17',
        ...[0, 1, 2].flatMap((index) => [`CHAPTER ${roman[index]}`, prose(index)]),
      ),
    );
    assert.deepEqual(entries(result), ['1 I The Tide > chapter-1', '1 II The Ship > chapter-2', '1 III The Quay > chapter-3']);
  });

  it('nest chapters in parts, where numbers repeat', () => {
    const part = (index: number): string[] => [
      `PART ${['ONE', 'TWO'][index]}`,
      ...[0, 1].flatMap((chapter) => [`CHAPTER ${roman[chapter]}\n\n${names[index * 2 + chapter]}`, prose(index * 3 + chapter)]),
    ];
    const list = 'PART ONE\n\nCHAPTER I. The Tide\nCHAPTER II. The Ship\n\nPART TWO\n\nCHAPTER I. The Quay\nCHAPTER II. The Lamp';
    const result = structured(book(`CONTENTS\n\n${list}`, ...part(0), ...part(1)));
    assert.deepEqual(entries(result), [
      '1 ONE  > part-1',
      '2 I THE TIDE > chapter-1',
      '2 II THE SHIP > chapter-2',
      '1 TWO  > part-2',
      '2 I THE QUAY > chapter-3',
      '2 II THE LAMP > chapter-4',
    ]);
    assert.deepEqual(warnings(result), []);
  });

  it('are made from the chapters where the book prints none', () => {
    const result = structured(book('CHAPTER I', prose(1), 'CHAPTER II', prose(2)));
    assert.deepEqual(entries(result), ['1 I  > chapter-1', '1 II  > chapter-2']);
    assert.deepEqual(warnings(result), []);
  });

  it('keep the full titles of a source in sections', () => {
    const result = structured(
      sectionSource([
        { title: '第一回　開端', text: '話說' },
        { title: '第二回　風起', text: '卻說' },
      ]),
    );
    assert.deepEqual(
      result.structure.frontMatter.toc.map((entry) => entry.fullTitle),
      ['第一回　開端', '第二回　風起'],
    );
  });

  it('come out the same when they are made again', () => {
    const once = given('   I. The Tide      1\n  II. A Vessel      9\n III. The Quay     17\n   V. The Lost     25');
    assert.deepEqual(restructureToc(once), once);
  });
});
