/**
 * Gives the pictures of a book their blocks, once its units are known: with their captions where they have some, else
 * where they stood. They come last, so that no picture can make a heading or hide one.
 */

import type { Block, Book, LoosePicture } from '../document.ts';
import { mapLists } from '../clean/markup.ts';

type List = readonly Block[];

/** A block, its list and its place there. */
interface Standing {
  readonly file: number;
  readonly start: number;
  readonly list: List;
  readonly index: number;
}

export function placePictures(book: Book): Book {
  const { pictures = [], ...without } = book;
  if (pictures.length === 0) return without;
  const standing = standingsOf(without);
  const captions = new Map<Block, LoosePicture>();
  const insertions = new Map<List, { readonly index: number; readonly block: Block }[]>();
  for (const [number, loose] of pictures.entries()) {
    const { file = 0, start } = loose.source;
    const at = firstFrom(standing, file, start);
    const here = standing[at];
    const caption = here !== undefined && here.file === file && here.start === start ? here.list[here.index]! : null;
    if (loose.captioned && caption !== null && caption.type !== 'heading' && !captions.has(caption)) {
      captions.set(caption, loose);
      continue;
    }
    const place = placeOf(loose, standing[at - 1], here);
    if (place === null) continue;
    const block: Block = {
      id: `picture-${String(number + 1)}`,
      type: 'illustration',
      text: '',
      picture: loose.picture,
      source: loose.source,
    };
    const known = insertions.get(place.list);
    if (known === undefined) insertions.set(place.list, [{ index: place.index, block }]);
    else known.push({ index: place.index, block });
  }
  return mapLists(without, (blocks) => {
    const added = insertions.get(blocks) ?? [];
    const pictured = (block: Block): Block => {
      const loose = captions.get(block);
      return loose === undefined ? block : { ...block, type: 'illustration', picture: loose.picture };
    };
    return [...blocks.keys(), blocks.length].flatMap((index) => [
      ...added.filter((one) => one.index === index).map((one) => one.block),
      ...blocks.slice(index, index + 1).map(pictured),
    ]);
  });
}

/** In the order of the source. */
function standingsOf(book: Book): Standing[] {
  const standing: Standing[] = [];
  mapLists(book, (list) => {
    for (const [index, { source }] of list.entries()) standing.push({ file: source.file ?? 0, start: source.start, list, index });
    return list;
  });
  return standing.toSorted((one, other) => one.file - other.file || one.start - other.start);
}

/** The first block that stands at a place of the source or behind it. */
function firstFrom(standing: readonly Standing[], file: number, start: number): number {
  let from = 0;
  let to = standing.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    const one = standing[middle]!;
    if (one.file < file || (one.file === file && one.start < start)) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** Behind what stands before it, unless it leads what follows; a file that begins with it belongs to it too. */
function placeOf(
  { leads, source }: LoosePicture,
  before: Standing | undefined,
  behind: Standing | undefined,
): { readonly list: List; readonly index: number } | null {
  const { file = 0 } = source;
  const opens = before?.file !== file && behind?.file === file;
  if (behind !== undefined && (before === undefined || leads || opens)) {
    // A heading stays the first of its unit.
    let { index } = behind;
    while (behind.list[index]?.type === 'heading') index += 1;
    return { list: behind.list, index };
  }
  return before === undefined ? null : { list: before.list, index: before.index + 1 };
}
