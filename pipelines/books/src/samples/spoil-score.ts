/** Counts what cleaning found and mended of the defects that were put into a text, and what it changed beside. */

import { blocksOf, type Book } from '../document.ts';
import { squeezed, type SpoiledPlace, type SpoiledText } from './spoil.ts';

export interface SpoilScore {
  readonly injected: number;
  /** Reads again as it did before. */
  readonly mended: number;
  /** Mended, or told as a doubt. */
  readonly found: number;
  /** Changes where nothing was put in. */
  readonly wrong: number;
  /** What was not mended. */
  readonly missed: readonly SpoiledPlace[];
  /** Changes of {@link wrong}. */
  readonly strays: Book['removed'];
}

export function scoreSpoiled(spoiled: SpoiledText, book: Book): SpoilScore {
  const text = squeezed([...blocksOf(book)].map((block) => block.text).join(' '));
  const doubts = book.doubts ?? [];
  const missed: SpoiledPlace[] = [];
  let mended = 0;
  let found = 0;
  for (const place of spoiled.places) {
    const near = (place.start / spoiled.text.length) * text.length;
    const isMended = text.slice(Math.max(0, near - searched), near + searched).includes(place.clean);
    if (isMended) mended += 1;
    else missed.push(place);
    if (isMended || doubts.some((doubt) => doubt.start < place.end && doubt.end > place.start)) found += 1;
  }
  const strays = changesOf(book).filter((change) => !touches(spoiled, change));
  return { injected: spoiled.places.length, mended, found, wrong: strays.length, missed, strays };
}

/** A place moves by what is taken out before it: characters to either side in which it is looked for. */
const searched = 30_000;

/** What was changed or taken out of the text. */
export function changesOf(book: Book): Book['removed'] {
  return book.removed.filter(({ kind }) => kind !== 'boilerplate' && kind !== 'licence');
}

function touches({ places }: SpoiledText, { start, end }: { readonly start: number; readonly end: number }): boolean {
  return places.some((place) => place.start <= end && place.end >= start);
}
