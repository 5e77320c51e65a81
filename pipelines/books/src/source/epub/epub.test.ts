import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { StepError } from '@scriptorium/core';
import { container, epubFiles, zipped, type GivenDocument, type GivenEpub, type GivenFiles } from '../../../test/epub.ts';
import { outline, prose } from '../../../test/sample.ts';
import { alignBook, blocksOf, cleanBook, countLetters, measureTopology, readSource, restructureToc, type Book } from '../../structure.ts';
import type { Source } from '../source.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'epub-'));
});
after(() => rm(folder, { recursive: true }));

async function read(files: GivenFiles): Promise<Source> {
  const path = join(folder, 'book.epub');
  await writeFile(path, await zipped(files));
  return readSource(path);
}

function structured(source: Source): Book {
  const book = restructureToc(alignBook(cleanBook(source, measureTopology('book', source), {})));
  const kept = [...blocksOf(book)].reduce((sum, block) => sum + countLetters(block.text), 0);
  assert.equal(kept, book.letters.kept);
  assert.equal(book.letters.source, book.letters.kept + book.letters.removed);
  return book;
}

async function given(epub: GivenEpub): Promise<{ readonly source: Source; readonly book: Book }> {
  const source = await read(epubFiles(epub));
  return { source, book: structured(source) };
}

const issues = (source: Source): string[] => (source.issues ?? []).map((issue) => issue.type);
const paragraphs = (seed: number, count: number = 3): string =>
  prose(seed, count)
    .split('\n\n')
    .map((text) => `<p>${text}</p>`)
    .join('\n');
const chapter = (name: string, heading: string, seed: number): GivenDocument => ({ name, body: `<h2>${heading}</h2>${paragraphs(seed)}` });
const link = (href: string, title: string, below: string = ''): string =>
  `<li><a href="${href}">${title}</a>${below === '' ? '' : `<ol>${below}</ol>`}</li>`;
const point = (href: string, title: string, below: string = ''): string =>
  `<navPoint><navLabel><text>${title}</text></navLabel><content src="${href}"/>${below}</navPoint>`;

const two: readonly GivenDocument[] = [chapter('1.xhtml', 'Chapter 1. The Tide', 1), chapter('2.xhtml', 'Chapter 2. The Quay', 2)];
const twoListed = `<ol>${link('1.xhtml', 'Chapter 1. The Tide')}${link('2.xhtml', 'Chapter 2. The Quay')}</ol>`;

describe('what an EPUB says about itself', () => {
  it('is read: several authors, translators, language, series and volume', async () => {
    const metadata = `<dc:creator id="a">Ann Author</dc:creator><meta refines="#a" property="role">aut</meta>
      <dc:creator>Ben Author</dc:creator><dc:contributor id="t">Tom Turner</dc:contributor><meta refines="#t" property="role">trl</meta>
      <meta property="belongs-to-collection" id="c">Tales of the Sea</meta><meta refines="#c" property="group-position">3</meta>
      <dc:identifier>https://www.gutenberg.org/ebooks/00123</dc:identifier><dc:publisher>Press &amp; Sons</dc:publisher>`;
    const { book } = await given({ documents: two, nav: twoListed, metadata });
    assert.equal(book.meta.title, 'The Harbour');
    assert.equal(book.meta.author, 'Ann Author; Ben Author');
    assert.deepEqual([book.meta.language, book.meta.workNumber, book.meta.volume], ['en', '123', '3']);
    assert.deepEqual(
      [book.meta.extra?.['translator'], book.meta.extra?.['series'], book.meta.extra?.['publisher']],
      ['Tom Turner', 'Tales of the Sea', 'Press & Sons'],
    );
  });

  it('in EPUB 2 too, with the series as calibre writes it', async () => {
    const metadata = `<dc:creator opf:role="aut">Ann Author</dc:creator><dc:creator opf:role="ill">Ida Ink</dc:creator>
      <meta name="calibre:series" content="Tales"/><meta name="calibre:series_index" content="2.0"/>`;
    const { book } = await given({ documents: two, ncx: point('1.xhtml', 'Chapter 1') + point('2.xhtml', 'Chapter 2'), metadata });
    assert.deepEqual([book.meta.author, book.meta.volume, book.meta.extra?.['illustrator']], ['Ann Author', '2', 'Ida Ink']);
  });
});

describe('the navigation', () => {
  it('of parts and chapters gives the tree', async () => {
    const documents = [
      { name: 'p1.xhtml', body: '<h1>Part One: Morning</h1>' },
      chapter('1.xhtml', 'I. The Tide', 1),
      chapter('2.xhtml', 'II. The Quay', 2),
      { name: 'p2.xhtml', body: '<h1>Part Two: Evening</h1>' },
      chapter('3.xhtml', 'III. The Ship', 3),
    ];
    const nav = `<ol>${link('p1.xhtml', 'Part One: Morning', link('1.xhtml', 'I. The Tide') + link('2.xhtml', 'II. The Quay'))}${link('p2.xhtml', 'Part Two: Evening', link('3.xhtml', 'III. The Ship'))}</ol>`;
    const { source, book } = await given({ documents, nav });
    assert.deepEqual(outline(book), [
      'part 1 Morning',
      '  chapter 1 The Tide',
      '  chapter 2 The Quay',
      'part 2 Evening',
      '  chapter 3 The Ship',
    ]);
    assert.deepEqual(issues(source), []);
  });

  it('gives the same from the NCX of EPUB 2', async () => {
    const ncx = point('1.xhtml', 'Chapter 1. The Tide') + point('2.xhtml', 'Chapter 2. The Quay');
    const { source, book } = await given({ documents: two, ncx });
    assert.deepEqual(outline(book), ['chapter 1 The Tide', 'chapter 2 The Quay']);
    assert.deepEqual(issues(source), []);
  });

  it('divides one file at its anchors, and joins one chapter over several files', async () => {
    const documents = [
      { name: 'a.xhtml', body: `<h2 id="one">Chapter 1</h2>${paragraphs(1)}<div><a id="two"></a><h2>Chapter 2</h2></div>${paragraphs(2)}` },
      { name: 'b.xhtml', body: paragraphs(3) },
      chapter('c.xhtml', 'Chapter 3', 4),
    ];
    const nav = `<ol>${link('a.xhtml#one', 'Chapter 1')}${link('a.xhtml#two', 'Chapter 2')}${link('c.xhtml', 'Chapter 3')}</ol>`;
    const { book } = await given({ documents, nav });
    assert.deepEqual(outline(book), ['chapter 1', 'chapter 2', 'chapter 3']);
    assert.deepEqual(
      book.structure.body.chapters.map((one) => one.blocks.length),
      [4, 7, 4],
    );
  });

  it('tells two entries that lead to one place apart by their titles', async () => {
    const documents = [
      { name: 'a.xhtml', body: `<h1>Part One</h1><h2>I</h2>${paragraphs(1)}` },
      { name: 'b.xhtml', body: `<h2>II</h2>${paragraphs(2)}` },
    ];
    const nav = `<ol>${link('a.xhtml', 'Part One', link('a.xhtml', 'I') + link('b.xhtml', 'II'))}</ol>`;
    const { book } = await given({ documents, nav });
    assert.deepEqual(outline(book), ['part 1', '  chapter 1', '  chapter 2']);
    assert.deepEqual(
      book.structure.body.chapters[0]?.blocks.map((block) => block.text),
      ['Part One'],
    );
  });

  it('may wrap everything in the title of the book, which is then its title page', async () => {
    const documents = [{ name: 't.xhtml', body: '<h1>The Harbour</h1><p>by Ann</p>' }, ...two];
    const nav = `<ol>${link('t.xhtml', 'The Harbour', link('1.xhtml', 'Chapter 1. The Tide') + link('2.xhtml', 'Chapter 2. The Quay'))}</ol>`;
    const { book } = await given({ documents, nav });
    assert.deepEqual(outline(book), ['chapter 1 The Tide', 'chapter 2 The Quay']);
    assert.deepEqual(
      book.structure.frontMatter.sections.map((section) => section.role),
      ['titlePage'],
    );
  });

  it('is checked: other titles, missing entries, dead targets and another order are told, and nothing is lost', async () => {
    const documents = [
      ...two,
      chapter('3.xhtml', 'Chapter 3. The Storm', 3),
      chapter('4.xhtml', 'Chapter 4. The Calm', 4),
      chapter('5.xhtml', 'Chapter 5. The End', 5),
    ];
    const nav = `<ol>${link('2.xhtml', 'Chapter 2. The Quay')}${link('1.xhtml', 'Chapter 1. The Tide')}${link('4.xhtml', 'A Wrong Name')}${link('5.xhtml#nowhere', 'Chapter 5. The End')}${link('gone.xhtml', 'Chapter 6')}</ol>`;
    const { source, book } = await given({ documents, nav });
    assert.deepEqual(new Set(issues(source)), new Set(['nav_order', 'nav_title', 'nav_target', 'nav_missing']));
    assert.equal(book.structure.body.chapters.length, 5);
    assert.ok(book.warnings.some((warning) => warning.stage === 'read' && warning.message.includes('Chapter 3. The Storm')));
  });

  it('that the text contradicts is not believed', async () => {
    const nav = `<ol>${link('1.xhtml', 'Marmalade')}${link('2.xhtml', 'Wheelbarrows')}</ol>`;
    const { source, book } = await given({ documents: two, nav });
    assert.deepEqual(issues(source), ['nav_not_believed']);
    assert.deepEqual(outline(book), ['chapter 1 The Tide', 'chapter 2 The Quay']);
  });

  it('may be absent: headings divide the book', async () => {
    const { source, book } = await given({ documents: two });
    assert.deepEqual(issues(source), ['epub_navigation']);
    assert.deepEqual(outline(book), ['chapter 1 The Tide', 'chapter 2 The Quay']);
  });
});

describe('front and back matter', () => {
  it('are told by types, landmarks and names; covers and pages of contents are no chapters', async () => {
    const documents: GivenDocument[] = [
      { name: 'cover.xhtml', body: '<div epub:type="cover"><img src="c.jpg" alt="Cover"/></div>' },
      { name: 'title.xhtml', body: '<section epub:type="titlepage"><h1>The Harbour</h1><p>Ann</p></section>' },
      { name: 'nav2.xhtml', body: `<h2>Contents</h2><p>Chapter 1. The Tide</p><p>Chapter 2. The Quay</p>` },
      { name: 'ded.xhtml', body: '<section epub:type="dedication"><p>To the pilots of the harbour and all who wait there.</p></section>' },
      ...two,
      { name: 'notes.xhtml', body: '<section epub:type="endnotes"><h2>Remarks</h2><p>Nothing to remark upon here.</p></section>' },
      { name: 'answers.xhtml', body: '<h2>Answers</h2><p>They are all no.</p>', linear: 'no' },
    ];
    const nav = twoListed
      .replace('<ol>', `<ol>${link('cover.xhtml', 'Cover')}${link('title.xhtml', 'Title Page')}${link('nav2.xhtml', 'Contents')}`)
      .replace('</ol>', `${link('notes.xhtml', 'Remarks')}</ol>`);
    const { book } = await given({ documents, nav });
    assert.deepEqual(outline(book), ['chapter 1 The Tide', 'chapter 2 The Quay']);
    assert.deepEqual(
      book.structure.frontMatter.sections.map((section) => section.role),
      ['titlePage', 'contents', 'dedication'],
    );
    assert.deepEqual(
      book.structure.backMatter.sections.map((section) => [section.role, section.title]),
      [
        ['notes', 'Remarks'],
        ['other', 'Answers'],
      ],
    );
  });

  it('of Project Gutenberg: header and licence go, in files, anchors and nesting of their own making', async () => {
    const header = `<section class="pg-boilerplate pgheader" id="pg-header"><h2 id="pg-header-heading">The Project Gutenberg eBook of The Harbour</h2><div>This ebook is for the use of anyone anywhere.</div><div>Title: The Harbour</div><div id="pg-start-separator"><span>*** START OF THE PROJECT GUTENBERG EBOOK THE HARBOUR ***</span></div></section>`;
    const footer = `<section class="pg-boilerplate pgfooter" id="pg-footer"><div id="pg-end-separator"><span>*** END OF THE PROJECT GUTENBERG EBOOK THE HARBOUR ***</span></div><div>Updated editions will replace the previous one.</div><h2 id="pg-footer-heading">THE FULL PROJECT GUTENBERG LICENSE</h2><div>Please read this before you distribute or use this work.</div></section>`;
    const documents = [
      {
        name: 'h-0.htm.xhtml',
        body: `${header}<h1 id="pgepubid00000">THE HARBOUR</h1><p>By Ann Author</p><h2 id="pgepubid00001">CONTENTS</h2><p>I. The Tide</p><p>II. The Quay</p><hr class="chap"/><div class="chapter"><h2 id="pgepubid00002"><a id="I"></a>I<br/>THE TIDE</h2>${paragraphs(1)}<p>The ship<a id="FNanchor_1" href="#Footnote_1" class="fnanchor">[1]</a> came <span class="pagenum" id="Page_7">[Pg 7]</span>in.</p></div>`,
      },
      {
        name: 'h-1.htm.xhtml',
        body: `<div class="chapter"><h2 id="pgepubid00003">II<br/>THE QUAY</h2>${paragraphs(2)}<div class="footnote"><p><a id="Footnote_1" href="h-0.htm.xhtml#FNanchor_1"><span class="label">[1]</span></a> A brig.</p></div></div>${footer}`,
      },
    ].map((document) => ({ ...document, body: document.body.replace('#Footnote_1', 'h-1.htm.xhtml#Footnote_1') }));
    const nav =
      point(
        'h-0.htm.xhtml#pgepubid00000',
        'THE HARBOUR',
        point('h-0.htm.xhtml#pgepubid00001', 'CONTENTS') +
          point('h-0.htm.xhtml#pgepubid00002', 'I THE TIDE') +
          point('h-1.htm.xhtml#pgepubid00003', 'II THE QUAY'),
      ) + point('h-1.htm.xhtml#pg-footer-heading', 'THE FULL PROJECT GUTENBERG LICENSE');
    const { book } = await given({ documents, ncx: nav });
    assert.deepEqual(outline(book), ['chapter 1 THE TIDE', 'chapter 2 THE QUAY']);
    assert.deepEqual(
      book.structure.frontMatter.sections.map((section) => section.role),
      ['titlePage', 'contents'],
    );
    const texts = [...blocksOf(book)].map((block) => block.text);
    assert.ok(!texts.some((text) => /project gutenberg|anyone anywhere|Updated editions/i.test(text)), texts.join('\n'));
    const ship = [...blocksOf(book)].find((block) => block.text.startsWith('The ship'));
    const note = [...blocksOf(book)].find((block) => block.type === 'note');
    assert.equal(ship?.text, 'The ship came in.');
    assert.deepEqual(ship?.links, [{ mark: '1', at: 8, note: note?.id }]);
    assert.deepEqual([note?.text, note?.mark], ['A brig.', '1']);
    assert.equal(
      book.removed.filter((entry) => entry.kind === 'pageMark').reduce((sum, entry) => sum + entry.letters, 0),
      2,
    );
  });
});

describe('what the markup says', () => {
  it('notes of EPUB 3 are linked, wherever they stand, and lose nothing', async () => {
    const body = `<h2>Chapter 1. The Tide</h2><p>The tide<a epub:type="noteref" href="notes.xhtml#n1">1</a> rose<a epub:type="noteref" href="#n2">*</a>.</p>${paragraphs(1)}<aside epub:type="footnote" id="n2"><p>* Twice a day.</p><p>As everywhere.</p></aside>`;
    const documents = [
      { name: '1.xhtml', body: body.replace('The tide<a', 'The tide<a id="r1"') },
      two[1]!,
      {
        name: 'notes.xhtml',
        body: '<section epub:type="endnotes"><h2>Notes</h2><ol><li id="n1" epub:type="endnote"><p>From the Moon. <a epub:type="backlink" href="1.xhtml#r1">↩</a></p></li></ol></section>',
      },
    ];
    const { book } = await given({ documents, nav: twoListed.replace('</ol>', `${link('notes.xhtml', 'Notes')}</ol>`) });
    const blocks = [...blocksOf(book)];
    const tide = blocks.find((block) => block.text.startsWith('The tide'));
    assert.equal(tide?.text, 'The tide rose.');
    assert.deepEqual(
      tide?.links?.map(({ mark, at, note }) => [mark, at, blocks.find((block) => block.id === note)?.text]),
      [
        ['1', 8, 'From the Moon.'],
        ['*', 13, 'Twice a day.'],
      ],
    );
    assert.equal(blocks.filter((block) => block.type === 'note').length, 3);
  });

  it('a mark that leads nowhere stays in the text', async () => {
    const documents = [
      {
        name: '1.xhtml',
        body: `<h2>Chapter 1. The Tide</h2><p>The tide<a epub:type="noteref" href="#gone">7</a> rose.</p>${paragraphs(1)}`,
      },
      two[1]!,
    ];
    const { source, book } = await given({ documents, nav: twoListed });
    assert.deepEqual(issues(source), ['epub_notes']);
    assert.ok([...blocksOf(book)].some((block) => block.text === 'The tide7 rose.'));
  });

  it('emphasis, quotations, stanzas, rules, lists and drawn letters are kept', async () => {
    const body = `<h2>Chapter 1. The Tide</h2><p><img src="t.png" alt="T"/>he <i>good</i> ship <em>Anna &amp; Co</em>.</p><blockquote><p>Said he.</p></blockquote>
      <div class="poem"><p>Full fathom <i>five</i><br/>thy father lies</p></div><hr/><ul><li>rope</li><li>tar</li></ul><hr class="chap"/>${paragraphs(1)}`;
    const { book } = await given({ documents: [{ name: '1.xhtml', body }, two[1]!], nav: twoListed });
    const [, ship, quote, verse, rule, rope] = book.structure.body.chapters[0]!.blocks;
    assert.equal(ship?.text, 'The good ship Anna & Co.');
    assert.deepEqual(ship?.emphasis, [
      [4, 8],
      [14, 23],
    ]);
    assert.deepEqual([quote?.type, verse?.type, rule?.type, rope?.type], ['quote', 'verse', 'break', 'listItem']);
    assert.equal(verse?.text, 'Full fathom five\nthy father lies');
    assert.deepEqual(verse?.emphasis, [[12, 16]]);
  });
});

describe('several volumes in a folder', () => {
  it('are the parts of one work, each with its own chapters, notes and files', async () => {
    const shelf = join(folder, 'shelf');
    await mkdir(shelf);
    const noted = (seed: number): GivenDocument => ({
      name: '1.xhtml',
      body: `<h2>Chapter 1. The Tide</h2><p>It rose<a epub:type="noteref" href="#n">1</a>.</p>${paragraphs(seed)}<aside epub:type="footnote" id="n"><p>1. Volume ${String(seed)}.</p></aside>`,
    });
    for (const volume of [10, 2]) {
      const files = epubFiles({ documents: [noted(volume), chapter('2.xhtml', 'Chapter 2. The Quay', volume + 1)], nav: twoListed });
      const opf = String(files['OEBPS/content.opf']).replace('The Harbour', `The Harbour, Volume ${String(volume)}`);
      await writeFile(join(shelf, `vol${String(volume)}.epub`), await zipped({ ...files, 'OEBPS/content.opf': opf }));
    }
    const source = await readSource(shelf);
    const book = structured(source);
    assert.deepEqual(
      outline(book).map((line) => line.replace(/^part \d+ ?/, 'part ')),
      [
        'part The Harbour, Volume 2',
        '  chapter 1 The Tide',
        '  chapter 2 The Quay',
        'part The Harbour, Volume 10',
        '  chapter 1 The Tide',
        '  chapter 2 The Quay',
      ],
    );
    assert.deepEqual(source.files.map((file) => file.name).slice(0, 3), [
      'vol2.epub/OEBPS/1.xhtml',
      'vol2.epub/OEBPS/2.xhtml',
      'vol10.epub/OEBPS/1.xhtml',
    ]);
    const blocks = [...blocksOf(book)];
    assert.deepEqual(
      blocks.flatMap((block) => (block.links ?? []).map(({ note }) => blocks.find((one) => one.id === note)?.text)),
      ['Volume 2.', 'Volume 10.'],
    );
  });
});

describe('what publishers get wrong', () => {
  it('is repaired and told: media types, encodings, manifests, a missing container, names in another case', async () => {
    const files = epubFiles({ documents: [{ ...two[0]!, mediaType: 'text/html' }, two[1]!], nav: twoListed });
    const { 'META-INF/container.xml': _container, mimetype: _mimetype, ...rest } = files;
    const latin = Buffer.from(`<html><body><h2>Chapter 2. The Quay</h2><p>Caf\u00e9</p>${paragraphs(2)}</body></html>`, 'latin1');
    const { 'OEBPS/2.xhtml': _second, ...others } = rest;
    const source = await read({ ...others, 'OEBPS/2.XHTML': latin });
    assert.deepEqual(issues(source).toSorted(), ['epub_container', 'epub_media_type', 'epub_mimetype']);
    assert.ok(structured(source).letters.kept > 500);
    assert.ok([...blocksOf(structured(source))].some((block) => block.text === 'Café'));
  });

  it('texts in UTF-16 and in Chinese encodings are read by their bytes', async () => {
    const files = epubFiles({ documents: two, nav: twoListed });
    const wide = `<?xml version="1.0" encoding="utf-8"?><html><body><h2>Chapter 1. The Tide</h2>${paragraphs(1)}<p>Fin — €</p></body></html>`;
    const source = await read({ ...files, 'OEBPS/1.xhtml': Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(wide, 'utf16le')]) });
    assert.equal(source.files[0]?.encoding, 'utf-16le');
    assert.ok(source.lines.some((line) => line.text === 'Fin — €'));
  });

  it('files that the reading order forgets come last; files that are missing are told', async () => {
    const files = epubFiles({
      documents: two,
      nav: twoListed,
      more: { 'OEBPS/lost.xhtml': `<html><body><p>${'A lost page. '.repeat(5)}</p></body></html>` },
    });
    const opf = String(files['OEBPS/content.opf'])
      .replace(
        '</manifest>',
        '<item id="lost" href="lost.xhtml" media-type="application/xhtml+xml"/><item id="gone" href="gone.xhtml" media-type="application/xhtml+xml"/></manifest>',
      )
      .replace('</spine>', '<itemref idref="gone"/><itemref idref="unknown"/></spine>');
    const source = await read({ ...files, 'OEBPS/content.opf': opf });
    assert.deepEqual(issues(source), ['epub_spine', 'epub_spine', 'epub_spine']);
    assert.match(structured(source).structure.backMatter.sections.at(-1)?.blocks[0]?.text ?? '', /^A lost page/);
  });

  it('tags without end, markup without form and a picture of a text end neither the book nor the reading', async () => {
    const body = `<h2>Chapter 1. The Tide</h2><p>One & two <b>three<p>four <div id=x class='y'>five ${'<svg>'.repeat(2000)} six ${paragraphs(1)}`;
    const { book } = await given({ documents: [{ name: '1.xhtml', body }, two[1]!], nav: twoListed });
    assert.ok([...blocksOf(book)].some((block) => block.text.startsWith('One & two three')));
  });
});

describe('is refused with a code', () => {
  const cases: readonly (readonly [why: string, code: string, files: () => GivenFiles])[] = [
    ['no package', 'epub.invalid', () => ({ mimetype: 'application/epub+zip', 'META-INF/container.xml': container })],
    ['no text', 'epub.invalid', () => epubFiles({ documents: [] })],
    ['a package that is none', 'epub.invalid', () => ({ ...epubFiles({ documents: two }), 'OEBPS/content.opf': 'plain words' })],
    ['elements without end', 'epub.invalid', () => ({ ...epubFiles({ documents: two }), 'OEBPS/content.opf': '<a>'.repeat(5000) })],
    [
      'entities in the package',
      'epub.entities',
      () => ({
        ...epubFiles({ documents: two }),
        'OEBPS/content.opf': `<?xml version="1.0"?><!DOCTYPE package [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><package>&b;</package>`,
      }),
    ],
    [
      'outside entities in a chapter',
      'epub.entities',
      () => ({
        ...epubFiles({ documents: two }),
        'OEBPS/1.xhtml': '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><html><body><p>&x;</p></body></html>',
      }),
    ],
    [
      'a lock',
      'archive.encrypted',
      () => ({
        ...epubFiles({ documents: two }),
        'META-INF/encryption.xml':
          '<encryption xmlns:enc="e"><enc:EncryptedData><enc:CipherData><enc:CipherReference URI="OEBPS/1.xhtml"/></enc:CipherData></enc:EncryptedData></encryption>',
      }),
    ],
  ];
  for (const [why, code, files] of cases) {
    it(why, async () => {
      await assert.rejects(read(files()), (error: unknown) => error instanceof StepError && error.code === code);
    });
  }

  it('but not for fonts that are only garbled, nor for archives inside of it', async () => {
    const inner = await zipped({ 'bomb.txt': 'x' });
    const source = await read({
      ...epubFiles({ documents: [...two, { name: 'inner.xhtml', body: '' }], nav: twoListed }),
      'META-INF/encryption.xml': '<encryption><CipherReference URI="OEBPS/font.otf"/></encryption>',
      'OEBPS/font.otf': 'font',
      'OEBPS/inner.xhtml': inner,
    });
    assert.deepEqual(issues(source), ['epub_media_type']);
  });
});
