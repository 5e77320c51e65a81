/** The gold structures of the corpus, as far as they are scored. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface GoldBook {
  readonly id: string;
  /** Offsets of the first words of units, in code points of the decoded text without BOM. */
  readonly body: readonly number[];
  /** The same with front and back matter. */
  readonly all: readonly number[];
  readonly titles: ReadonlyMap<number, string>;
  /** The publisher's list of chapters (Chinese books), null for aligned ones. */
  readonly contents: readonly string[] | null;
}

interface GoldFile {
  readonly id: string;
  readonly toc?: readonly unknown[];
  readonly flat: readonly { readonly index: number; readonly full?: string; readonly matter?: string; readonly title: string }[];
  readonly alignment?: { readonly units: readonly { readonly index: number; readonly offset: number | null }[] };
}

/** Every gold structure of a corpus, by book id. */
export async function readGold(corpus: string): Promise<ReadonlyMap<string, GoldBook>> {
  const folder = join(corpus, 'gold');
  const books = new Map<string, GoldBook>();
  for (const name of (await readdir(folder)).toSorted()) {
    if (!name.endsWith('.json') || name.includes('anomalies')) continue;
    const file = JSON.parse(await readFile(join(folder, name), 'utf8')) as GoldFile;
    books.set(file.id, toGold(file));
  }
  return books;
}

/** A unit that holds only other units begins where the first of them does: equal offsets are one boundary. */
function toGold(file: GoldFile): GoldBook {
  if (file.alignment === undefined) return { id: file.id, body: [], all: [], titles: new Map(), contents: (file.toc ?? []).map(String) };
  const placed = file.alignment.units.flatMap(({ index, offset }) => (offset === null ? [] : [{ offset, unit: file.flat[index]! }]));
  const offsets = (units: typeof placed): number[] => [...new Set(units.map(({ offset }) => offset))].sort((left, right) => left - right);
  return {
    id: file.id,
    body: offsets(placed.filter(({ unit }) => unit.matter === 'bodymatter')),
    all: offsets(placed),
    titles: new Map(placed.map(({ offset, unit }) => [offset, unit.full ?? unit.title])),
    contents: null,
  };
}
