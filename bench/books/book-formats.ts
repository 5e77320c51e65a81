/**
 * How fast EPUBs are read and written, beside a plain reader from npm that hands out chapters and nothing more, how fast
 * the structure of texts is found, beside a regular expression that cuts at "CHAPTER", and what a book of 50 MB takes:
 * all in one run, so that the figures can stand beside one another.
 *
 *   node bench/books/book-formats.ts [--books <corpus>] [--megabytes 50]
 *
 * EPUBs are made of the corpus's English books first. MB are those of the text, not of the archive.
 */

import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { initEpubFile } from '@lingo-reader/epub-parser';
import { epubStream, type Publication } from '@scriptorium/books/epub';
import { alignBook, cleanBook, measureTopology, publicationOf, readSource, restructureToc, type Book } from '@scriptorium/books/structure';

const { values } = parseArgs({ options: { books: { type: 'string' }, megabytes: { type: 'string', default: '50' } } });
const corpus = values.books ?? fileURLToPath(new URL('../../../shared/corpus', import.meta.url));
const plainHeading: RegExp = /^\s*(?:chapter|part|book)\s+(?:[ivxlcdm]+|\d+)\b.*$/gim;
const folder = await mkdtemp(join(tmpdir(), 'formats-'));

try {
  const { paths, bytes } = await writeBooks();
  await readBooks(paths, bytes);
  await divideBooks(bytes);
  await largeBook(Number(values.megabytes) * 1e6);
} finally {
  await rm(folder, { recursive: true });
}

async function writeBooks(): Promise<{ readonly paths: readonly string[]; readonly bytes: number }> {
  const publications: Publication[] = [];
  let bytes = 0;
  for (const path of await texts()) {
    bytes += (await stat(path)).size;
    publications.push(publicationOf(await structured(path)));
  }
  const paths: string[] = [];
  await timed(`written: ${publications.length} books`, bytes, async () => {
    for (const [index, publication] of publications.entries()) {
      paths.push(join(folder, `${index}.epub`));
      await writeFile(paths.at(-1)!, epubStream(publication));
    }
  });
  return { paths, bytes };
}

async function texts(): Promise<readonly string[]> {
  const names = (await readdir(join(corpus, 'raw'))).filter((one) => one.endsWith('.txt')).slice(0, 20);
  return names.map((name) => join(corpus, 'raw', name));
}

async function structured(path: string): Promise<Book> {
  const source = await readSource(path);
  return restructureToc(alignBook(cleanBook(source, measureTopology(path, source), {})));
}

/** The texts that the EPUBs were made of. */
async function divideBooks(bytes: number): Promise<void> {
  const paths = await texts();
  for (const round of ['first', 'second']) {
    await timed(`divided, ${round} time: this project, read, measured, cleaned, aligned, contents`, bytes, async () => {
      for (const path of paths) await structured(path);
    });
    await timed(`divided, ${round} time: a regular expression, read and cut`, bytes, async () => {
      for (const path of paths) (await readFile(path, 'utf8')).split(plainHeading);
    });
  }
}

async function readBooks(paths: readonly string[], bytes: number): Promise<void> {
  for (const round of ['first', 'second']) {
    await timed(`read, ${round} time: this project, to lines with their places`, bytes, async () => {
      for (const path of paths) await readSource(path);
    });
    await timed(`read, ${round} time: @lingo-reader/epub-parser, to chapters of HTML`, bytes, async () => {
      for (const [index, path] of paths.entries()) {
        const epub = await initEpubFile(path, join(folder, `${round}-${index}`));
        for (const { id } of epub.getSpine()) await epub.loadChapter(id);
        epub.destroy();
      }
    });
  }
}

async function largeBook(bytes: number): Promise<void> {
  const text = await readFile(
    join(
      corpus,
      'raw',
      (await readdir(join(corpus, 'raw'))).find((name) => name.endsWith('.txt'))!,
    ),
    'utf8',
  );
  const paragraphs = text.split(/\r?\n\r?\n/).map((paragraph) => paragraph.replace(/\s+/g, ' ').trim());
  const chapters = Math.ceil(bytes / text.length) * 20;
  const share = Math.ceil(paragraphs.length / 20);
  const publication: Publication = {
    id: 'urn:large',
    title: 'Large',
    authors: [],
    language: 'en',
    body: Array.from({ length: chapters }, (_, index) => ({
      title: `Chapter ${index + 1}`,
      kind: 'chapter',
      blocks: paragraphs
        .slice((index % 20) * share, ((index % 20) + 1) * share)
        .map((paragraph) => ({ type: 'paragraph', text: paragraph })),
    })),
  };
  const path = join(folder, 'large.epub');
  const before = process.memoryUsage.rss();
  await timed(`a book of ${String(bytes / 1e6)} MB, written`, bytes, () => writeFile(path, epubStream(publication)));
  const written = process.memoryUsage.rss();
  await timed(`a book of ${String(bytes / 1e6)} MB, read`, bytes, async () => void (await readSource(path)));
  const mega = (value: number): string => `${(value / 1e6).toFixed(0)} MB`;
  console.log(
    `memory: ${mega(before)} before, ${mega(written)} when it was written, ${mega(process.resourceUsage().maxRSS * 1024)} at most`,
  );
}

async function timed(what: string, bytes: number, work: () => Promise<void>): Promise<void> {
  const cpu = process.cpuUsage();
  const since = performance.now();
  await work();
  const wall = performance.now() - since;
  const { user, system } = process.cpuUsage(cpu);
  const busy = (user + system) / 1000;
  console.log(
    `${what.padEnd(84)}${wall.toFixed(0).padStart(7)} ms ${(bytes / 1000 / wall).toFixed(1).padStart(7)} MB/s  ${(bytes / 1000 / busy).toFixed(1).padStart(7)} MB a second of a core`,
  );
}
