import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { givenBook } from '../test/book.ts';
import { book, prose, structured } from '../test/sample.ts';
import { placesOfBook, traceInBook } from './trace.ts';

const text = book('CHAPTER 1', prose(1, 2), 'CHAPTER 2', `${prose(2, 1)}\n\nHe ran through the corri-\ndor and _stopped_.`);
const given = structured(text);
const points = [...text];
const read = (place: string): string | null => {
  const found = traceInBook(given, place);
  return found === null ? null : points.slice(found.span.start, found.span.end).join('');
};

describe('a trace into the source', () => {
  it('goes by unit, by number and paragraph, and by block', () => {
    const second = placesOfBook(given).find((id) => traceInBook(given, id)?.unit.heading.startsWith('2')) ?? '';
    assert.match(read(second) ?? '', /^CHAPTER 2[^]*corri-\ndor and _stopped_\.$/);
    assert.equal(read('2'), read(second));
    assert.equal(read('2/2'), 'He ran through the corri-\ndor and _stopped_.');
    const { block } = traceInBook(given, '2/2')!;
    assert.deepEqual(traceInBook(given, block?.id ?? ''), traceInBook(given, '2/2'));
    assert.equal(read('1/1'), prose(1, 2).split('\n\n')[0]);
  });

  it('counts chapters without numbers by their place', () => {
    const bare = givenBook('bare', [{ title: 'The Tide' }, { title: 'The Ship' }]);
    assert.deepEqual([traceInBook(bare, '2')?.unit.heading, traceInBook(bare, '3')], ['The Ship', null]);
  });

  it('finds nothing where there is nothing', () => {
    for (const place of ['chapter-99', '7', '2/0', '2/99', '', 'x/1']) assert.equal(read(place), null, place);
  });

  it('tells what was changed within the span, and nothing of what lies elsewhere', () => {
    const changed = {
      ...given,
      removed: [
        { kind: 'pageMark' as const, start: 2, end: 5, letters: 0 },
        { kind: 'runningHead' as const, start: points.length - 8, end: points.length - 4, letters: 3 },
      ],
    };
    assert.deepEqual(
      traceInBook(changed, '2/2')?.changes.map(({ kind }) => kind),
      ['runningHead'],
    );
    assert.deepEqual(
      traceInBook(changed, '1')?.changes.map(({ kind }) => kind),
      ['pageMark'],
    );
  });
});
