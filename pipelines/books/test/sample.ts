/** Small books for the tests of the deterministic stages. */

import assert from 'node:assert/strict';
import {
  alignBook,
  blocksOf,
  cleanBook,
  countLetters,
  measureTopology,
  restructureToc,
  walkChapters,
  type Book,
  type Source,
  type Topology,
} from '../src/structure.ts';
import { textLines } from '../src/source/text.ts';
import type { SourceLine, SourceSection } from '../src/source/source.ts';

const words =
  'the grey harbour lay quiet under a low sky and nobody on the quay had yet said a word about the ship that was to come in with the tide'.split(
    ' ',
  );

/** Prose of `paragraphs` paragraphs, wrapped at about 70 columns; another `seed` gives other sentences. */
export function prose(seed: number, paragraphs: number = 8): string {
  return Array.from({ length: paragraphs }, (_, index) => wrap(sentences(seed * 31 + index * 7, 6))).join('\n\n');
}

function sentences(seed: number, count: number): string {
  return Array.from({ length: count }, (_, sentence) => {
    const chosen = Array.from({ length: 12 }, (_, word) => words[(seed * 13 + sentence * 5 + word * (1 + (seed % 7))) % words.length]!);
    return `${chosen[0]![0]!.toUpperCase()}${chosen.join(' ').slice(1)}.`;
  }).join(' ');
}

export function wrap(text: string, width: number = 70): string {
  const lines: string[] = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1)!;
    if (last.length + word.length + 1 > width) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines.join('\n');
}

/** Paragraphs set apart as books do: headings by `gap` blank lines. */
export function book(...parts: readonly string[]): string {
  return `${parts.join('\n\n\n\n')}\n`;
}

export function textSource(text: string, meta: Source['meta'] = {}): Source {
  const lines: SourceLine[] = [];
  const codePoints = textLines(text, 0, lines);
  return { kind: 'text', files: [fileOf('sample.txt', codePoints)], lines, sections: null, meta };
}

/** A source in sections, as HTML folders and the toolkit's JSON give it. */
export function sectionSource(sections: readonly { readonly title: string; readonly text: string }[]): Source {
  const lines: SourceLine[] = [];
  const spans: SourceSection[] = [];
  const files = sections.map(({ title, text }, file) => {
    const from = lines.length;
    const codePoints = textLines(text, file, lines);
    spans.push({ title, file, from, to: lines.length });
    return fileOf(`${file}.html`, codePoints);
  });
  return { kind: 'html', files, lines, sections: spans, meta: {} };
}

function fileOf(name: string, codePoints: number): Source['files'][number] {
  return { name, encoding: 'utf-8', declared: null, bom: false, lineEnd: 'lf', codePoints, hash: `sha256:${'0'.repeat(64)}` };
}

export function shapeOf(text: string): Topology {
  return measureTopology('sample', textSource(text));
}

export function cleaned(text: string): Book {
  const source = textSource(text);
  return cleanBook(source, measureTopology('sample', source), {});
}

export function structured(source: Source | string): Book {
  const given = typeof source === 'string' ? textSource(source) : source;
  return restructureToc(alignBook(cleanBook(given, measureTopology('sample', given), {})));
}

/** The body as lines such as `  chapter 2 The Tide`, indented by depth. */
export function outline(given: Book): string[] {
  return [...walkChapters(given.structure.body.chapters)].map(
    ({ chapter, depth }) =>
      `${'  '.repeat(depth - 1)}${[chapter.kind, chapter.ordinal ?? '', chapter.title].filter((part) => part !== '').join(' ')}`,
  );
}

/** All blocks' texts of a cleaned book's body. */
export function bodyTexts(given: Book): string[] {
  return [...walkChapters(given.structure.body.chapters)].flatMap(({ chapter }) => chapter.blocks.map((block) => block.text));
}

/** Checks the account against the source alone: with what is listed taken out or changed, it has the letters of every block. */
export function replay(book: Book, source: string): void {
  const cut = cutter(source);
  const changes = book.removed.toSorted((one, other) => one.start - other.start);
  let next = 0;
  for (const block of [...blocksOf(book)].toSorted((one, other) => one.source.start - other.source.start)) {
    let text = '';
    let at = block.source.start;
    while (next < changes.length && changes[next]!.start < at) next += 1;
    for (; next < changes.length && changes[next]!.end <= block.source.end; next += 1) {
      const { start, end, before, after } = changes[next]!;
      if (start < at) continue;
      if (before !== undefined) sameLetters(cut(start, end), before, block.id);
      text += cut(at, start) + (after ?? '');
      at = end;
    }
    text += cut(at, block.source.end);
    sameLetters(block.text, text, block.id);
  }
}

/** Cuts by code points, of which an array is as large as many books. */
function cutter(source: string): (start: number, end: number) => string {
  if (!/[\ud800-\udbff]/.test(source)) return (start, end) => source.slice(start, end);
  const points = [...source];
  return (start, end) => points.slice(start, end).join('');
}

/** Walks both texts at once and makes strings of them only where they seem to differ. */
function sameLetters(actual: string, expected: string, message: string): void {
  let here = 0;
  let there = 0;
  for (;;) {
    while (here < actual.length && !mayBeLetter[actual.charCodeAt(here)]) here += 1;
    while (there < expected.length && !mayBeLetter[expected.charCodeAt(there)]) there += 1;
    if (here === actual.length && there === expected.length) return;
    if (actual[here] !== expected[there]) break;
    here += 1;
    there += 1;
  }
  assert.equal(lettersIn(actual), lettersIn(expected), message);
}

/** By UTF-16 unit; halves of pairs may be letters. */
const mayBeLetter: Uint8Array = new Uint8Array(0x10000).map((_, code) => (/[\p{L}\p{Cs}]/u.test(String.fromCharCode(code)) ? 1 : 0));

/** A long s is an s. */
function lettersIn(text: string): string {
  return text.replace(/[^\p{L}]/gu, '').replaceAll('ſ', 's');
}

export function lettersOf(source: Source): number {
  return source.lines.reduce((sum, line) => sum + countLetters(line.text), 0);
}
