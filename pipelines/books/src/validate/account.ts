/** What was done to a book, in numbers that a report can show. */

import { blocksOf, type Book, type Doubt, type RemovedKind } from '../document.ts';
import type { Place, PlaceFinder } from '../source/place.ts';

export interface BookAccount {
  readonly title: string | null;
  readonly author: string | null;
  readonly language: string | null;
  readonly workNumber: string | null;
  readonly kind: string;
  readonly files: readonly { readonly name: string; readonly encoding: string }[];
  readonly letters: { readonly source: number; readonly kept: number; readonly removed: number };
  /** Places with a picture, the cover not among them; absent in what older versions wrote. */
  readonly pictures?: { readonly shown: number; readonly cover: boolean };
  /** Of spans that are in no block, and of spans that were rewritten, by kind; the most letters first. */
  readonly removed: readonly { readonly kind: RemovedKind; readonly spans: number; readonly letters: number }[];
  /** Places of the text that may be wrong and were left. */
  readonly doubts: {
    readonly count: number;
    /** The surest first; at most {@link mostDoubts}. */
    readonly surest: readonly (Pick<Doubt, 'kind' | 'before' | 'suggestion' | 'confidence'> & { readonly place: Place | null })[];
  };
}

/** Files of a book that are named; a scraped novel has hundreds. */
const mostFiles = 20;

/** Doubts of a book that are named; all of them are in its document. */
const mostDoubts = 40;

export function accountOf(book: Book, find: PlaceFinder): BookAccount {
  const { title, author, language, workNumber, source } = book.meta;
  const kinds = Map.groupBy(book.removed, ({ kind }) => kind);
  return {
    title,
    author,
    language,
    workNumber: workNumber ?? null,
    kind: source.kind,
    files: source.files.slice(0, mostFiles).map(({ name, encoding }) => ({ name, encoding })),
    letters: { source: book.letters.source, kept: book.letters.kept, removed: book.letters.removed },
    pictures: { shown: picturesIn(book), cover: book.meta.cover !== undefined },
    removed: [...kinds]
      .map(([kind, spans]) => ({ kind, spans: spans.length, letters: spans.reduce((sum, { letters }) => sum + letters, 0) }))
      .toSorted((one, other) => other.letters - one.letters),
    doubts: doubtsOf(book.doubts ?? [], find),
  };
}

function picturesIn(book: Book): number {
  let shown = 0;
  for (const { picture } of blocksOf(book)) if (picture !== undefined) shown += 1;
  return shown;
}

function doubtsOf(doubts: readonly Doubt[], find: PlaceFinder): BookAccount['doubts'] {
  const surest = doubts.toSorted((one, other) => other.confidence - one.confidence).slice(0, mostDoubts);
  return {
    count: doubts.length,
    surest: surest.map(({ kind, before, suggestion, confidence, start, end, file }) => ({
      kind,
      before,
      suggestion,
      confidence,
      place: find({ start, end, ...(file === undefined ? {} : { file }) }),
    })),
  };
}
