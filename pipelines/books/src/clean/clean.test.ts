import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { bodyTexts, book, cleaned, lettersOf, replay, prose, sectionSource, structured, textSource, wrap } from '../../test/sample.ts';
import { blocksOf, countLetters, type Book } from '../document.ts';
import { measureTopology } from '../topology/topology.ts';
import { openLedger } from './account.ts';
import { cleanBook } from './clean.ts';

const start = '*** START OF THIS PROJECT GUTENBERG EBOOK A QUAY ***';
const end = [
  'End of the Project Gutenberg EBook of A Quay',
  '*** END OF THIS PROJECT GUTENBERG EBOOK A QUAY ***',
  '*** START: FULL LICENSE ***',
  'You may copy it.',
].join('\n\n');

/** One paragraph cleaned between enough prose to be wrapped. */
function one(paragraph: string, ...around: readonly string[]): Book['structure']['body']['chapters'][number]['blocks'][number] {
  return cleaned(book(prose(1, 12), ...around, paragraph)).structure.body.chapters[0]!.blocks.at(-1)!;
}

describe('what is cut and what is moved', () => {
  it('cuts boilerplate and licence and lists both as removed', () => {
    const result = cleaned(book('The Project Gutenberg EBook of A Quay', start, prose(1), end));
    assert.equal(
      [...blocksOf(result)].some((block) => /gutenberg|copy it/i.test(block.text)),
      false,
    );
    assert.deepEqual(
      result.removed.map((entry) => entry.kind),
      ['boilerplate', 'boilerplate', 'licence'],
    );
    assert.equal(result.letters.source, result.letters.kept + result.letters.removed);
  });

  it('moves credits and transcriber’s notes to the back matter', () => {
    const result = cleaned(
      book(
        start,
        'Produced by A. Proofreader and the Team',
        "[Transcriber's note: Spelling was kept.]",
        prose(1),
        `Transcriber's Notes:\n\nPage 3: "thw" changed to "the".\n\nPage 9: a comma added.`,
        end,
      ),
    );
    assert.deepEqual(
      result.structure.backMatter.sections.map((section) => section.role),
      ['credits', 'credits', 'credits'],
    );
    const moved = result.structure.backMatter.sections.flatMap((section) => section.blocks.map((block) => block.text)).join(' ');
    assert.match(moved, /Proofreader/);
    assert.match(moved, /Spelling was kept/);
    assert.match(moved, /a comma added/);
    assert.doesNotMatch(bodyTexts(result).join(' '), /Proofreader|Spelling|comma/);
  });

  it('sorts sections of the source into front, body and back', () => {
    const source = sectionSource([
      { title: 'Preface', text: prose(1, 1) },
      { title: 'Chapter 1', text: prose(2, 1) },
      { title: 'Chapter 2', text: prose(3, 1) },
      { title: 'Appendix', text: prose(4, 1) },
    ]);
    const { structure } = cleanBook(source, measureTopology('sample', source), {});
    assert.deepEqual(
      structure.frontMatter.sections.map((section) => section.role),
      ['preface'],
    );
    assert.deepEqual(
      structure.body.chapters.map((chapter) => chapter.title),
      ['Chapter 1', 'Chapter 2'],
    );
    assert.deepEqual(
      structure.backMatter.sections.map((section) => section.role),
      ['appendix'],
    );
  });

  it('lets the catalog’s data go before the source’s own', () => {
    const source = textSource(prose(1), { title: 'The quai', author: 'Someone', language: 'en' });
    const { meta } = cleanBook(source, measureTopology('sample', source), { title: 'The Quay', author: null, workNumber: '12' });
    assert.deepEqual([meta.title, meta.author, meta.language, meta.workNumber], ['The Quay', 'Someone', 'en', '12']);
  });
});

describe('lines to paragraphs', () => {
  it('joins hard-wrapped lines', () => {
    const text = 'It was a long evening and the lamps were lit one after the other along the quay until the whole harbour shone.';
    assert.equal(one(wrap(text)).text, text);
  });

  it('puts one space after a sentence', () => {
    assert.equal(one('It was late.  The lamps were lit.').text, 'It was late. The lamps were lit.');
  });

  it('rejoins a word broken at a line’s end when the book has it whole', () => {
    assert.match(
      one(
        'They all went down towards the harbour in the remark-\nable evening light.',
        'A remarkable thing was said of it afterwards by everybody there.',
      ).text,
      /the remarkable evening/,
    );
  });

  it('keeps the hyphen of a compound that the book has elsewhere', () => {
    assert.match(
      one('They all went down towards the harbour and met a well-\nknown pilot there.', 'He was a well-known man.').text,
      /a well-known pilot/,
    );
  });

  it('joins a dash at a line’s end without a space', () => {
    assert.match(one('They went down towards the harbour and saw--\nnothing at all.').text, /saw—nothing/);
  });

  it('keeps the lines of verse', () => {
    const verse = one('    The tide comes in,\n      The tide goes out,\n    And nobody asks\n      What it was about.');
    assert.equal(verse.type, 'verse');
    assert.equal(verse.text.split('\n').length, 4);
  });

  it('takes page numbers out and joins the sentence that they cut', () => {
    const pages = Array.from(
      { length: 14 },
      (_, page) =>
        `${wrap(`The clerk on page ${page} wrote that the ship was late and that`)}\n\n${page + 1}\n\nnobody knew the reason, so everybody went home again and slept.`,
    ).join('\n\n');
    const texts = bodyTexts(cleaned(pages));
    assert.equal(texts.length, 14);
    assert.match(texts[3]!, /and that nobody knew/);
  });

  it('takes running heads out', () => {
    const pages = Array.from(
      { length: 14 },
      (_, page) =>
        `${wrap('The clerk wrote that the ship was late once more and that')}\n\nTHE QUAY            ${page + 10}\n\nnobody knew the reason, so everybody went home again and slept.`,
    ).join('\n\n');
    const result = cleaned(pages);
    assert.equal(
      bodyTexts(result).some((text) => text.includes('THE QUAY')),
      false,
    );
    assert.equal(result.removed.filter((entry) => entry.kind === 'runningHead').length, 14);
  });
});

describe('marks', () => {
  it('turns dashes and straight quotes into printed ones', () => {
    assert.equal(one('"I don\'t know--\'tis late," he said. "Is it?"').text, '“I don’t know—’tis late,” he said. “Is it?”');
  });

  it('leaves dashes and quotes as they are where that is wanted', () => {
    const text = '"I don\'t know--_really_," he said.';
    const source = textSource(book(prose(1), text));
    const given = cleanBook(source, measureTopology('sample', source), {}, { typography: 'source' });
    assert.equal(bodyTexts(given).at(-1), '"I don\'t know--really," he said.');
  });

  it('spells ligatures out and accounts for the letters', () => {
    const result = cleaned(book(prose(1), 'The \ufb01rst of\ufb01ce.'));
    assert.match(bodyTexts(result).at(-1)!, /first office/);
    assert.equal(result.removed.find((entry) => entry.kind === 'ligature')?.letters, -1);
  });

  it('repairs UTF-8 that was read as Windows-1252', () => {
    const result = cleaned(book(prose(1), 'The cafÃ© wasnâ€™t open.', 'It wasnâ€™t.', 'He couldnâ€™t.'));
    assert.equal(bodyTexts(result).at(-3), 'The café wasn’t open.');
    assert.equal(
      result.warnings.some((warning) => warning.type === 'mojibake'),
      true,
    );
  });

  it('turns underscores into ranges of emphasis', () => {
    const block = one('He read the _Evening Quay_ aloud.');
    assert.equal(block.text, 'He read the Evening Quay aloud.');
    assert.deepEqual(block.emphasis, [[12, 24]]);
  });

  it('makes a block of an illustration, with its caption', () => {
    const block = one('[Illustration: The quay\nin winter]');
    assert.deepEqual([block.type, block.text], ['illustration', 'The quay in winter']);
  });

  it('takes page marks out of the text', () => {
    const pages = Array.from({ length: 10 }, (_, page) => `The reader turned the page {${page + 1}} slowly and went on.`).join('\n\n');
    assert.equal(bodyTexts(cleaned(pages))[4], 'The reader turned the page slowly and went on.');
  });

  it('links note marks to their notes, also where numbers start anew', () => {
    const result = cleaned(book(prose(1), 'The tide[1] came in.', '[1] As it does.', prose(2), 'The ship[1] came too.', '[1] As they do.'));
    const blocks = [...blocksOf(result)];
    const linked = blocks.filter((block) => block.links !== undefined);
    assert.deepEqual(
      linked.map((block) => block.text),
      ['The tide came in.', 'The ship came too.'],
    );
    assert.deepEqual(
      linked.map((block) => blocks.find((note) => note.id === block.links![0]!.note)?.text),
      ['As it does.', 'As they do.'],
    );
  });
});

describe('notes', () => {
  /** Text with what it points at, for each mark in turn. */
  function pointed(result: Book): string[] {
    const blocks = [...blocksOf(result)];
    return blocks.flatMap((block) =>
      (block.links ?? []).map(({ note }) => `${block.text} → ${blocks.find((other) => other.id === note)!.text}`),
    );
  }

  it('at the end of the book are linked in order where each chapter began with 1', () => {
    const result = cleaned(
      book(
        prose(1),
        'The tide[1] came in.',
        'The moon[2] rose.',
        prose(2),
        'The ship[1] came too.',
        'NOTES',
        '[1] As it does.\n\n[2] A little.\n\n[1] As they do.',
      ),
    );
    assert.deepEqual(pointed(result), [
      'The tide came in. → As it does.',
      'The moon rose. → A little.',
      'The ship came too. → As they do.',
    ]);
  });

  for (const [name, mark, note] of [
    ['signs', '*', '* '],
    ['daggers', '†', '† '],
    ['superscripts', '²', '² '],
    ['braces', '{2}', '{2} '],
    ['letters', '[B]', '[B] '],
  ] as const) {
    it(`are known by ${name}`, () => {
      const result = cleaned(
        book(prose(1), `The tide${mark} came in.`, `${note}As it does.`, prose(2), `The ship came.${mark}`, `${note}As they do.`),
      );
      assert.deepEqual(pointed(result), ['The tide came in. → As it does.', 'The ship came. → As they do.']);
    });
  }

  it('that nothing points at are told', () => {
    const result = cleaned(book(prose(1), 'The tide[1] came in.', '[1] As it does.', prose(2), '[2] Lost.'));
    assert.deepEqual(
      result.warnings.map((warning) => warning.message),
      ['1 notes without a mark in the text, 0 marks without a note'],
    );
  });

  it('are not seen in lists and rows of asterisks', () => {
    const result = cleaned(book(prose(1), '* a lamp', '* a rope', '* * *', prose(2)));
    assert.equal(
      [...blocksOf(result)].some((block) => block.type === 'note'),
      false,
    );
  });
});

describe('words that were spoiled', () => {
  it('are mended where the book has them right, with the place and both spellings', () => {
    const result = cleaned(book(prose(1, 40), 'The grey barbour lay qu1et.'));
    assert.equal(bodyTexts(result).at(-1), 'The grey harbour lay quiet.');
    assert.deepEqual(
      result.removed.map(({ kind, before, after }) => [kind, before, after]),
      [
        ['misreading', 'b', 'h'],
        ['misreading', '1', 'i'],
      ],
    );
  });

  it('are left and told where the word may be another', () => {
    const result = cleaned(book(prose(1, 40), 'A tide-table. A har-bour.'));
    assert.deepEqual(result.removed, []);
    assert.deepEqual(
      result.doubts?.map(({ kind, before, suggestion }) => [kind, before, suggestion]),
      [['hyphen', '-', '']],
    );
  });

  it('in a book full of broken words, are mended where other words have the letters around the hyphen, and compounds are kept', () => {
    const many = 'har-bour qu-iet har- bour un-der no-body harb-our qui-et und-er gr-ey, nobo-dy';
    const witnesses = 'They require it. She had a merited rest by the garden wall.';
    const result = cleaned(book(prose(1, 40), witnesses, many, 'He was req-uiring an unmer-ited wall-garden, two- and three-walled.'));
    assert.equal(bodyTexts(result).at(-1), 'He was requiring an unmerited wall-garden, two- and three-walled.');
  });

  it('keep the letters that a program could not read where nothing fits', () => {
    const result = cleaned(book(prose(1, 40), 'The harb\ufffdur isn\ufffdt \ufffd.'));
    assert.equal(bodyTexts(result).at(-1), 'The harb\ufffdur isn’t \ufffd.');
    assert.equal(result.doubts?.length, 2);
  });
});

describe('the account of letters', () => {
  it('refuses a result whose letters do not add up', () => {
    const ledger = openLedger();
    ledger.keep(10);
    ledger.remove('pageMark', 2, { start: 0, end: 3, file: 0 });
    assert.throws(() => ledger.close(13), { code: 'letters.lost', message: /1 unexplained/ });
    assert.deepEqual(ledger.close(12).letters, { source: 12, kept: 10, removed: 2 });
  });

  const piece = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.constantFrom(
      '',
      '',
      '',
      'CHAPTER I',
      'II. THE SHIP',
      '[Illustration: a quay',
      'of stone]',
      '[Footnote 1: a note]',
      'text[1] and {12} more',
      '_so',
      'it_ was--',
      '"quoted"',
      'well-',
      'known',
      '    verse',
      '* * *',
      'ﬁne',
      'cafÃ©',
      'donÃ¢â‚¬â„¢t',
      'the grcy harbour',
      'tbe quay and tlie 𝔰hip lay qu1et',
      'a word that is bro-',
      'ken  here  [Pg 12] and  [Pg 13]there',
      '[Pg 14]',
      'ſaid ſo',
      '第一回 開端',
      'THE QUAY     12',
      '*** START OF THE PROJECT GUTENBERG EBOOK X ***',
      'Produced by X',
      'CONTENTS',
      start,
      end,
    ),
  );

  it('keeps every letter of any text, in spans that lie in it', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (lines) => {
        const source = textSource(lines.join('\n'));
        const result = cleanBook(source, measureTopology('sample', source), {});
        const kept = [...blocksOf(result)].reduce((sum, block) => sum + countLetters(block.text), 0);
        assert.equal(lettersOf(source), kept + result.removed.reduce((sum, entry) => sum + entry.letters, 0));
        for (const block of blocksOf(result)) {
          assert.ok(block.source.start >= 0 && block.source.end >= block.source.start && block.source.end <= source.files[0]!.codePoints);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('lists every change with its place, so that the source and the list give the letters of each block', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (lines) => {
        const text = `${prose(1)}\n\n${lines.join('\n')}`;
        replay(cleaned(text), text);
      }),
      { numRuns: 300 },
    );
  });

  it('is done in time for lines of any length', () => {
    for (const character of ['.', ' ', '. ', '1 ', '-', '=', '_', '[', '{1', '"', '*', 'I. ', 'a  ']) {
      const source = textSource(`${prose(1)}\n\n${character.repeat(60_000)}x\n\nA ${character.repeat(60_000)}7\n\n${prose(2)}`);
      assert.ok(structured(source).letters.source > 0);
    }
  });

  it('orders the body’s spans as the source, without overlap', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (lines) => {
        const source = textSource(lines.join('\n'));
        const blocks = cleanBook(source, measureTopology('sample', source), {}).structure.body.chapters.flatMap(
          (chapter) => chapter.blocks,
        );
        for (const [index, block] of blocks.entries()) if (index > 0) assert.ok(block.source.start >= blocks[index - 1]!.source.end);
      }),
      { numRuns: 200 },
    );
  });
});
