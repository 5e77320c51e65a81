/** What is measured on every finished book of a corpus: one column of the table each. */

import type { Book } from '@scriptorium/books/structure';
import { f1, matchBoundaries, unitStarts } from './boundaries.ts';
import { scoreContents, scoreList } from './contents.ts';
import { bodyOffsets, type GoldBook } from './gold.ts';
import { scoreMatter } from './matter.ts';
import { regexStarts } from './regex.ts';
import { residueOf } from './residue.ts';

export interface ScoredBook {
  readonly book: Book;
  /** The decoded source; '' of a folder. */
  readonly text: string;
  readonly gold: GoldBook | null;
}

export interface Measure {
  /** Head of the column. */
  readonly name: string;
  /** What the figure is, and what is good, in a line. */
  readonly says: string;
  /** Null where the book's gold says nothing of it. */
  readonly of: (scored: ScoredBook) => number | null;
  /** Shares are shown with four digits and as a mean over books, counts as they are and as a sum. */
  readonly kind: 'share' | 'count';
  /** The mean must be this at least, and each book; the sum of a count this at most. What is only compared with has none. */
  readonly goal?: { readonly all: number; readonly each?: number };
}

const withGold =
  (score: (book: Book, gold: GoldBook, text: string) => number) =>
  ({ book, text, gold }: ScoredBook): number | null =>
    gold === null || gold.contents !== null ? null : score(book, gold, text);

const share = ({ right, of }: { readonly right: number; readonly of: number }): number => (of === 0 ? 1 : right / of);

export const measures: readonly Measure[] = [
  {
    name: 'bounds',
    says: 'F1 of chapter boundaries, within 600 letters of the first word',
    of: withGold((book, gold, text) => f1(matchBoundaries(text, unitStarts(book), bodyOffsets(gold)))),
    kind: 'share',
    goal: { all: 0.95, each: 0.7 },
  },
  {
    name: 'regex',
    says: 'the same for a plain regular expression',
    of: withGold((_, gold, text) => f1(matchBoundaries(text, regexStarts(text), bodyOffsets(gold)))),
    kind: 'share',
  },
  {
    name: 'toc',
    says: 'F1 of contents entries: parent, number, normalised title',
    of: withGold((book, gold) => f1(scoreContents(book, gold).entries)),
    kind: 'share',
    goal: { all: 0.93 },
  },
  {
    name: 'level',
    says: 'entries at the true level, of those with the true number and title',
    of: withGold((book, gold) => share(scoreContents(book, gold).levels)),
    kind: 'share',
    goal: { all: 0.95 },
  },
  {
    name: 'matter',
    says: 'units in the true one of front matter, body and back matter',
    of: withGold((book, gold) => share(scoreMatter(book, gold))),
    kind: 'share',
    goal: { all: 0.97 },
  },
  {
    name: 'list',
    says: 'F1 of the publisher’s chapter titles in their order (Chinese books)',
    of: ({ book, gold }) => (gold?.contents == null ? null : f1(scoreList(book, gold.contents))),
    kind: 'share',
    goal: { all: 0.98 },
  },
  {
    name: 'lost',
    says: 'letters that are neither in the book nor accounted for',
    of: ({ book }) => book.letters.source - book.letters.kept - book.letters.removed,
    kind: 'count',
    goal: { all: 0 },
  },
  { name: 'rest', says: 'blocks that still speak of the distributor', of: ({ book }) => residueOf(book), kind: 'count', goal: { all: 0 } },
];
