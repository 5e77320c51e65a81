/**
 * How true a book's text is to a gold edition: letters only, case folded, unit by unit of the gold structure, whatever
 * units the book itself was divided into. Headings, pictures and notes are compared by other scores.
 */

import { walkChapters, type Block, type Book } from '@scriptorium/books/structure';
import { editDistance } from './distance.ts';
import type { GoldText } from './gold-text.ts';

/** BOOKS.md: at most one per cent in the median and three at the ninetieth percentile. */
export const textGoals = { median: 0.01, p90: 0.03 };

export interface UnitScore {
  readonly title: string;
  readonly matter: string;
  readonly letters: number;
  readonly edits: number;
  /** Edits for each letter of the gold text. */
  readonly rate: number;
  /** Both texts, for whoever wants to see the differences. */
  readonly texts: readonly [string, string];
}

/** Code points by which a block may begin before the first words of its unit: a quotation mark, a drop cap's markup. */
const lead = 60;
/** Units that differ by more than this share of their letters are other texts. */
const otherText = 0.3;
const mostEdits = 4000;
/** What stands between a heading and the first words of its unit, in characters. */
const longestEpigraph = 2500;
/** Shorter units say little: one word of a dedication is ten per cent. */
const leastLetters = 200;

export function scoreText(book: Book, gold: GoldText): UnitScore[] {
  const texts: string[][] = gold.units.map(() => []);
  const printed = textBlocks(book).filter((block) => (block.source.file ?? 0) === 0 && block.source.start < gold.end);
  let next = 0;
  /** Since the last heading: an epigraph stands before the first words of its unit, but after its heading. */
  let waiting: string[] = [];
  let headed = 0;
  for (const block of printed) {
    if (block.source.start + lead >= (gold.units[next]?.offset ?? Number.MAX_SAFE_INTEGER)) {
      const before = next;
      while (block.source.start + lead >= (gold.units[next]?.offset ?? Number.MAX_SAFE_INTEGER)) next += 1;
      if (headed < (gold.units[before - 1]?.offset ?? 0) || lengthOf(waiting) > longestEpigraph)
        texts[before - 1]?.push(...waiting.splice(0));
    }
    if (block.type === 'heading') {
      texts[next - 1]?.push(...waiting);
      waiting = [];
      headed = block.source.start;
    } else if (block.type !== 'illustration' && block.type !== 'note') waiting.push(block.text);
  }
  texts[next - 1]?.push(...waiting);
  return gold.units.flatMap(({ title, matter, text }, index) => {
    const expected = lettersOf(text);
    if (expected.length < leastLetters) return [];
    const found = texts[index]!.join('\n');
    const edits = editDistance(expected, lettersOf(found), Math.min(mostEdits, Math.ceil(expected.length * otherText)));
    return [{ title, matter, letters: expected.length, edits, rate: edits / expected.length, texts: [text, found] as const }];
  });
}

/** Of everything but lists of contents, in the order of the source. */
function textBlocks(book: Book): Block[] {
  const { frontMatter, body, backMatter } = book.structure;
  const sections = [...frontMatter.sections, ...backMatter.sections].filter(({ role }) => role !== 'contents' && role !== 'illustrations');
  return [...sections, ...[...walkChapters(body.chapters)].map(({ chapter }) => chapter)]
    .flatMap(({ blocks }) => blocks)
    .toSorted((one, other) => one.source.start - other.source.start);
}

function lengthOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + text.length, 0);
}

function lettersOf(text: string): string {
  return text
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}]/gu, '');
}
