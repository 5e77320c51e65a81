import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { StepError } from '@scriptorium/core';
import { decodeBytes } from './encoding.ts';
import { keyOfFileName } from './filename.ts';
import { languageCode } from './header.ts';
import { readSource } from './read.ts';
import type { Source } from './source.ts';
import { textLines } from './text.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'source-'));
});
after(() => rm(folder, { recursive: true }));

async function given(name: string, data: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, data);
  return path;
}

/** What stands in the decoded file at a line's place. */
async function atPlace(path: string, line: { readonly start: number; readonly end: number } | undefined): Promise<string> {
  return [...(await readFile(path, 'utf8')).replace(/^\ufeff/, '')].slice(line?.start, line?.end).join('');
}

const texts = (source: Source): string[] => source.lines.map((line) => line.text);

describe('plain text', () => {
  it('gives every line with its place, whatever ends it', async () => {
    const path = await given('ends.txt', 'one\r\ntwo\rthree\n\nfour');
    const source = await readSource(path);
    assert.deepEqual(texts(source), ['one', 'two', 'three', '', 'four']);
    assert.equal(source.files[0]?.lineEnd, 'mixed');
    assert.equal(await atPlace(path, source.lines[4]), 'four');
  });

  it('counts places in code points and leaves the byte order mark out', async () => {
    const path = await given('points.txt', '\ufeff𝔄𝔅 x\n𠀀二\nend\n');
    const source = await readSource(path);
    assert.deepEqual(
      source.lines.map(({ start, end }) => [start, end]),
      [
        [0, 4],
        [5, 7],
        [8, 11],
      ],
    );
    assert.deepEqual([source.files[0]?.bom, source.files[0]?.codePoints], [true, 12]);
  });

  it('puts lines and breaks back together to the whole text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', '𝔄', '\n', '\r', '\r\n', '\ud800', '中')).map((parts) => parts.join('')),
        (text) => {
          const lines: Source['lines'][number][] = [];
          const codePoints = textLines(text, 0, lines);
          const points = [...text];
          assert.equal(codePoints, points.length);
          for (const line of lines) assert.equal(points.slice(line.start, line.end).join(''), line.text);
          assert.equal(lines.map((line) => line.text).join(''), text.replace(/[\r\n]/g, ''));
        },
      ),
    );
  });

  it('joins the lines of a title that goes on, and sets a subtitle off', async () => {
    const path = await given(
      'a.txt',
      'Title: The Shore\n       A True Account of the Tides, Harbours, and\n       Lights of a Coast\n\nAuthor: C. D.\n',
    );
    assert.equal((await readSource(path)).meta.title, 'The Shore; A True Account of the Tides, Harbours, and Lights of a Coast');
  });

  it('reads the header of a Project Gutenberg text', async () => {
    const path = await given(
      'pg00098_two.txt',
      'Title: A Tale\n       A Subtitle\n\nAuthor: C. D.\n\nRelease Date: 1994 [eBook #98]\nLanguage: English\nCharacter set encoding: ISO-8859-1\n*** START OF THIS\nAuthor: no\n',
    );
    const source = await readSource(path);
    assert.deepEqual(source.meta, { title: 'A Tale; A Subtitle', author: 'C. D.', language: 'en', workNumber: '98' });
    assert.equal(source.files[0]?.declared, 'iso-8859-1');
    assert.equal(source.sections, null);
  });

  it('reads a folder of texts as volumes of one work', async () => {
    await given('volumes/2.txt', 'second\n');
    await given('volumes/10.txt', 'tenth\n');
    const source = await readSource(join(folder, 'volumes'));
    assert.deepEqual(
      source.files.map((file) => file.name),
      ['2.txt', '10.txt'],
    );
    assert.deepEqual(
      source.lines.map(({ text, file, start }) => [text, file, start]),
      [
        ['second', 0, 0],
        ['tenth', 1, 0],
      ],
    );
  });
});

describe('encodings are found by looking at the bytes', () => {
  const chinese = Buffer.from('d5e2cac7d2bbb8f6b9cacac2a3acd6d0b9facbb5cad6c3c7d4dad5e2c0efcbb5c1cbd2bbb4cec1cba1a3', 'hex');
  const traditional = Buffer.from(
    'b3aaac4fa440ad d3acb0a8c6a141a4a4b0eaa4a4aabaa448a662b36fa8bdbba1a4a4a4d1a4a4a4a4a4a4a4a3acb0a9f4a4a4'.replaceAll(' ', ''),
    'hex',
  );
  const cases: readonly (readonly [string, Uint8Array, string])[] = [
    ['ascii', Buffer.from('plain'), 'ascii'],
    ['utf-8 although latin is declared', Buffer.from('Character set encoding: ISO-8859-1\ncafé'), 'utf-8'],
    [
      'windows-1252 although utf-8 is declared',
      Buffer.from('Character set encoding: UTF-8\n\x93quoted\x94 caf\xe9', 'latin1'),
      'windows-1252',
    ],
    ['latin-1', Buffer.from('caf\xe9 na\xefve', 'latin1'), 'iso-8859-1'],
    ['utf-16 with a mark', Buffer.from('\ufeffwide text', 'utf16le'), 'utf-16le'],
    ['utf-16 without one', Buffer.from('wide text without a mark', 'utf16le'), 'utf-16le'],
    ['gb18030', chinese, 'gb18030'],
    ['big5', traditional, 'big5'],
    [
      'koi8-r where declared',
      Buffer.concat([Buffer.from('<meta charset="koi8-r"><p>abc def ghi jkl '), Buffer.from([0xd0, 0xd2, 0xc9, 0xd7, 0xc5, 0xd4])]),
      'koi8-r',
    ],
  ];
  for (const [name, bytes, encoding] of cases) it(name, () => assert.equal(decodeBytes(bytes).encoding, encoding));

  it('reads the quotation marks of Windows-1252', () => {
    assert.equal(decodeBytes(Buffer.from('\x93caf\xe9\x94 \x97 it\x92s', 'latin1')).text, '“café” — it’s');
  });

  it('keeps a UTF-8 file with one broken byte UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from('é'.repeat(100)), Buffer.from([0xff]), Buffer.from(' end')]);
    assert.equal(decodeBytes(bytes).encoding, 'utf-8');
  });

  it('tells that declared and actual differ', async () => {
    const source = await readSource(await given('wrong.txt', 'Character set encoding: ASCII\nÄ\n'));
    assert.deepEqual([source.files[0]?.encoding, source.files[0]?.declared], ['utf-8', 'ascii']);
  });
});

describe('HTML', () => {
  it('drops tags, scripts and comments, resolves entities and keeps places', async () => {
    const html =
      '<!DOCTYPE html><html lang="en-GB"><head><title>T &amp; U</title><style>p{}</style></head><body>\n<h2>One</h2>\n<p>A &ldquo;b&rdquo;\n  <i>c</i><!-- no --> d</p><script>var x = "<p>";</script><p>e<br>f 1 < 2</p></body></html>';
    const path = await given('page.html', html);
    const source = await readSource(path);
    assert.deepEqual(texts(source), ['One', '', 'A “b” c d', '', 'e', 'f 1 < 2']);
    assert.equal(source.lines[0]?.level, 2);
    assert.equal(await atPlace(path, source.lines[2]), 'A &ldquo;b&rdquo;\n  <i>c</i><!-- no --> d');
    assert.deepEqual(source.meta, { title: 'T & U', language: 'en' });
  });

  it('keeps what only looks like a tag', async () => {
    const source = await readSource(await given('looks.html', '<p>a <unknown> word, 1<2, <o:p>x</o:p> and <mystery'));
    assert.deepEqual(texts(source), ['a <unknown> word, 1<2, x and <mystery']);
  });

  it('keeps the lines of pre, and blank lines of doubled breaks', async () => {
    const source = await readSource(await given('pre.html', '<p>x</p><pre>a\n\nb</pre>one<br><br>two'));
    assert.deepEqual(texts(source), ['x', '', 'a', '', 'b', '', 'one', '', 'two']);
  });

  it('puts no space where a line breaks between Chinese characters', async () => {
    const source = await readSource(await given('zh.html', '<p>天地\n玄黄</p>'));
    assert.deepEqual(texts(source), ['天地玄黄']);
  });

  it('loses no text to broken markup', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('<p>', '<p', '</', '< ', '>', 'word', '<b>', '"', '=', '<!--x-->', '<br/>', '&lt;', ' ')),
        async (parts) => {
          const path = await given('broken.html', `<html>${parts.join('')}`);
          const source = await readSource(path);
          const words = parts.filter((part) => part === 'word').length;
          assert.ok(source.lines.every((line) => line.start <= line.end));
          if (!parts.some((part) => part === '<p' || part === '</')) assert.equal(texts(source).join('').split('word').length - 1, words);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('reads a folder in natural order with titles from info.json', async () => {
    await given('book/1.html', '一<br>');
    await given('book/10.html', '十<br>');
    await given('book/2.html', '二<br>');
    await given('book/info.json', JSON.stringify({ name: '书', author: { name: '人' }, catalogues: ['第一回', '第二回', '第十回'] }));
    const source = await readSource(join(folder, 'book'));
    assert.deepEqual(source.sections, [
      { title: '第一回', file: 0, from: 0, to: 1 },
      { title: '第二回', file: 1, from: 1, to: 2 },
      { title: '第十回', file: 2, from: 2, to: 3 },
    ]);
    assert.deepEqual(source.meta, { title: '书', author: '人' });
  });

  it('gives titles to the right files where one is missing', async () => {
    await given('holes/0.html', 'a');
    await given('holes/2.html', 'c');
    await given('holes/info.json', JSON.stringify({ catalogues: ['A', 'B', 'C'] }));
    const source = await readSource(join(folder, 'holes'));
    assert.deepEqual(
      source.sections?.map((section) => section.title),
      ['A', 'C'],
    );
  });

  it('takes titles from the headings where there is no info.json', async () => {
    await given('plain/a.html', '<title>Book</title><h1>First</h1><p>x');
    await given('plain/b.html', '<title>Second</title><p>y');
    const source = await readSource(join(folder, 'plain'));
    assert.deepEqual(
      source.sections?.map((section) => section.title),
      ['First', 'Second'],
    );
  });
});

describe("the toolkit's JSON", () => {
  it('gives chapters as sections, nodes as lines, and the places of their texts', async () => {
    const book = {
      metadata: { title: 'B', creator: 'C', language: 'English' },
      chapters: [
        { title: 'I "x"', content: 'a\\nb\nsecond \u201cline\u201d\n\n\tthird' },
        {
          title: 'II',
          content: ['plain', { tag: 'h2', content: 'Head' }, { tag: 'p', content: ['some ', { tag: 'em', content: 'inline' }, ' text'] }],
        },
      ],
    };
    const path = await given('D0055b_名_人.json', JSON.stringify(book));
    const source = await readSource(path);
    assert.deepEqual(texts(source), ['a\\nb', 'second “line”', '', 'third', 'plain', '', 'Head', '', 'some inline text']);
    assert.deepEqual(source.sections, [
      { title: 'I "x"', file: 0, from: 0, to: 4 },
      { title: 'II', file: 0, from: 4, to: 9 },
    ]);
    assert.equal(await atPlace(path, source.lines[3]), 'third');
    assert.equal(source.lines[6]?.level, 2);
    assert.deepEqual(source.meta, { title: 'B', author: 'C', language: 'en', workNumber: 'D55', volume: 'b' });
  });

  it('keeps the letters of any text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'grapheme' })), async (paragraphs) => {
        const path = await given('any.json', JSON.stringify({ sections: [{ title: '', content: paragraphs }] }));
        const source = await readSource(path);
        const letters = (text: string): string => (text.match(/\p{L}/gu) ?? []).join('');
        assert.equal(letters(texts(source).join('')), letters(paragraphs.join('')));
      }),
      { numRuns: 60 },
    );
  });

  it('reads volumes of a folder one after the other', async () => {
    await given('set/01a_x.json', JSON.stringify({ chapters: [{ title: '1', content: 'x' }] }));
    await given('set/01b_x.json', JSON.stringify({ chapters: [{ title: '2', content: 'y' }] }));
    const source = await readSource(join(folder, 'set'));
    assert.deepEqual(
      source.sections?.map(({ title, file, from }) => [title, file, from]),
      [
        ['1', 0, 0],
        ['2', 1, 1],
      ],
    );
  });
});

describe('what is no book', () => {
  const refused = (code: string, message: RegExp) => (error: unknown) =>
    error instanceof StepError && error.code === code && message.test(error.message) && error.fix !== undefined;
  it('is refused with the cause and a fix', async () => {
    await assert.rejects(readSource(join(folder, 'absent.txt')), refused('io', /absent\.txt/));
    await assert.rejects(readSource(await given('zip.txt', Buffer.from('PK\x03\x04\0\0\0\0', 'latin1'))), refused('unreadable', /binary/));
    await assert.rejects(readSource(await given('cut.json', '{"chapters": [')), refused('unreadable', /broken JSON/));
    await assert.rejects(readSource(await given('other.json', '{"a": 1}')), refused('unreadable', /chapters/));
    await mkdir(join(folder, 'void'));
    await assert.rejects(readSource(join(folder, 'void')), refused('unreadable', /folder without/));
  });

  it('an empty text is none of that: it has no lines', async () => {
    const source = await readSource(await given('empty.txt', ''));
    assert.deepEqual([source.lines.length, source.files[0]?.codePoints], [0, 0]);
  });
});

describe('names', () => {
  it('carry the key of the catalog', () => {
    assert.deepEqual(keyOfFileName('pg00098_a-tale-of-two-cities.txt'), { workNumber: '98' });
    assert.deepEqual(keyOfFileName('98-0.txt'), { workNumber: '98' });
    assert.deepEqual(keyOfFileName('pg98-images.html'), { workNumber: '98' });
    assert.deepEqual(keyOfFileName('1046a_The Title_An Author.json'), {
      workNumber: '1046',
      volume: 'a',
      title: 'The Title',
      author: 'An Author',
    });
    assert.deepEqual(keyOfFileName('a-novel.txt'), {});
  });

  it('of languages become codes', () => {
    assert.deepEqual(['English', 'en-GB', 'zh', 'Klingon'].map(languageCode), ['en', 'en', 'zh', 'klingon']);
  });
});
