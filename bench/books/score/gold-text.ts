/** The words of the gold editions: XHTML in tar archives, one text for each unit of the gold structure. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

export interface GoldUnit {
  readonly title: string;
  readonly matter: string;
  /** Where its first words stand in the raw text, in code points. */
  readonly offset: number;
  /** Without headings, pictures and marks of notes; paragraphs on lines of their own. */
  readonly text: string;
}

interface GoldFile {
  readonly id: string;
  readonly flat: readonly {
    readonly index: number;
    readonly href: string;
    readonly title: string;
    readonly full?: string;
    readonly matter: string;
  }[];
  readonly alignment?: {
    readonly body_end?: number;
    readonly units: readonly { readonly index: number; readonly offset: number | null }[];
  };
}

export interface GoldText {
  /** In the order of the raw text, only those whose place in it is known. */
  readonly units: readonly GoldUnit[];
  /** Where the work ends in the raw text. */
  readonly end: number;
}

/** Null for a book without a gold edition. */
export async function readGoldText(corpus: string, id: string): Promise<GoldText | null> {
  const packed = await readFile(join(corpus, 'gold_src', `${id}.tar.gz`)).catch(() => null);
  if (packed === null) return null;
  const gold = JSON.parse(await readFile(join(corpus, 'gold', `${id}.json`), 'utf8')) as GoldFile;
  const files = filesOfTar(gunzipSync(packed));
  const offsets = new Map((gold.alignment?.units ?? []).map(({ index, offset }) => [index, offset]));
  const texts = textsOf(
    gold.flat.map((unit) => unit.href),
    files,
  );
  const units = gold.flat
    .flatMap((unit, at): GoldUnit[] => {
      const offset = offsets.get(unit.index);
      return offset == null ? [] : [{ title: unit.full ?? unit.title, matter: unit.matter, offset, text: texts[at]! }];
    })
    .toSorted((one, other) => one.offset - other.offset);
  return { units, end: gold.alignment?.body_end ?? Number.MAX_SAFE_INTEGER };
}

/** The text of each place: from it to the next place of the same file, or to the file's end. */
function textsOf(places: readonly string[], files: ReadonlyMap<string, string>): string[] {
  const starts = places.map((href) => {
    const [file, fragment] = href.split('#') as [string, string?];
    const markup = files.get(file) ?? '';
    const tag = fragment === undefined ? markup.search(/<body\b/) : markup.search(new RegExp(`<[^<>]*\\bid="${fragment}"`));
    return { file, at: Math.max(0, tag) };
  });
  return starts.map(({ file, at }) => {
    const ends = starts.filter((other) => other.file === file && other.at > at).map((other) => other.at);
    return plainText((files.get(file) ?? '').slice(at, ends.length === 0 ? undefined : Math.min(...ends)));
  });
}

const left = /<(h[1-6]|hgroup|figure|figcaption|head)\b[^>]*>[\s\S]*?<\/\1>/g;
const bridgehead = /<p\b[^>]*epub:type="[^"]*\b(?:bridgehead|title|subtitle)\b[^>]*>[\s\S]*?<\/p>/g;
const noteMark = /<a\b[^>]*epub:type="noteref"[^>]*>[\s\S]*?<\/a>/g;
const entities: { readonly [name: string]: string } = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

function plainText(markup: string): string {
  return markup
    .replace(left, '')
    .replace(bridgehead, '')
    .replace(noteMark, '')
    .replace(/<\/(?:p|li|td|tr|blockquote|section)>|<br\s*\/?>/g, '\n')
    .replace(/<[^>]*>?/g, '')
    .replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (whole, decimal?: string, hex?: string, name?: string) =>
      name === undefined ? String.fromCodePoint(decimal === undefined ? parseInt(hex!, 16) : Number(decimal)) : (entities[name] ?? whole),
    )
    .replace(/[ \t\u2060\ufeff]+/g, ' ')
    .replace(/ ?\n\s*/g, '\n')
    .trim();
}

/** Regular files of a tar archive by their path below `src/epub/`. */
function filesOfTar(archive: Uint8Array): ReadonlyMap<string, string> {
  const block = 512;
  const files = new Map<string, string>();
  const field = (at: number, length: number): string => {
    const bytes = archive.subarray(at, at + length);
    const end = bytes.indexOf(0);
    return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
  };
  for (let at = 0; at + block <= archive.length;) {
    const name = field(at, 100);
    if (name === '') break;
    const size = parseInt(field(at + 124, 12).trim() || '0', 8);
    const kind = field(at + 156, 1);
    const prefix = field(at + 345, 155);
    if (kind === '0' || kind === '')
      files.set(
        (prefix === '' ? name : `${prefix}/${name}`).replace(/^.*src\/epub\//, ''),
        new TextDecoder().decode(archive.subarray(at + block, at + block + size)),
      );
    at += block + Math.ceil(size / block) * block;
  }
  return files;
}
