/**
 * The pictures of a book, read from where they lie: inside of its EPUB, beside its HTML, or in the address itself. Nothing
 * is fetched, nothing leaves the folder of the book, and a picture that cannot be carried never fails its book.
 */

import { createHash } from 'node:crypto';
import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { openArchive, type Archive } from './epub/archive.ts';
import { resolvePath } from './epub/paths.ts';
import { pictureType, type PictureType } from './picture-type.ts';
import type { Source, SourcePicture } from './source.ts';
import { attributesOf } from './watch.ts';

/** An illustrated edition has some hundred pictures of some hundred kilobytes. */
export const pictureLimits: {
  readonly pictures: number;
  /** Of one. */
  readonly bytes: number;
  /** Of all of a book. */
  readonly totalBytes: number;
} = { pictures: 2_000, bytes: 2 ** 24, totalBytes: 2 ** 28 };

type Address = Pick<SourcePicture, 'archive' | 'path'>;

export type ReadPicture =
  | { readonly address: Address; readonly bytes: Uint8Array; readonly type: PictureType; readonly hash: string }
  | { readonly address: Address; readonly refused: string };

/** The same for every place that shows one picture. */
export function addressKey({ archive = '', path }: Address): string {
  return `${archive}\n${path}`;
}

/** Each picture of a source once, one after the other. `path` is that of the book, as for `readSource`. */
export async function* readPictures(path: string, { pictures = [], cover }: Source): AsyncGenerator<ReadPicture> {
  const addresses = new Map([...(cover === undefined ? [] : [cover]), ...pictures].map((one) => [addressKey(one), one]));
  if (addresses.size === 0) return;
  const isFolder = (await stat(path)).isDirectory();
  const folder = isFolder ? path : dirname(path);
  let opened: { readonly name: string; readonly archive: Archive } | undefined;
  let count = 0;
  let total = 0;
  for (const { archive: name, path: inside } of addresses.values()) {
    const address = { ...(name === undefined ? {} : { archive: name }), path: inside };
    if (name !== undefined && opened?.name !== name)
      opened = { name, archive: await openArchive(await readFile(isFolder ? join(path, name) : path), name) };
    const found = await bytesOf(inside, name === undefined ? null : (opened?.archive ?? null), folder);
    const judged = typeof found === 'string' ? { refused: found } : judge(found);
    if ('refused' in judged) yield { address, refused: judged.refused };
    else if (count === pictureLimits.pictures) yield { address, refused: `comes after ${String(count)} others, and a book has no more` };
    else if (total + judged.bytes.length > pictureLimits.totalBytes)
      yield { address, refused: `would be more than ${String(pictureLimits.totalBytes)} bytes with the others` };
    else {
      count += 1;
      total += judged.bytes.length;
      yield { address, ...judged };
    }
  }
}

/** What a page shows of its folder, by name and hash: who changed a picture has changed the book. */
export async function shownHashes(folder: string, page: string, bytes: Uint8Array): Promise<string[]> {
  const paths = new Set<string>();
  for (const [tag] of Buffer.from(bytes)
    .toString()
    .matchAll(/<(?:\w+:)?(?:img|image|object|embed)\b[^>]*>/gi)) {
    const attributes = attributesOf(tag);
    const href = ['src', 'data', 'xlink:href', 'href'].map((name) => attributes.get(name)).find((value) => value !== undefined);
    const path = resolvePath(page, href ?? '')?.path;
    if (path !== undefined && path !== page) paths.add(path);
  }
  const hashes: string[] = [];
  for (const path of [...paths].slice(0, pictureLimits.pictures)) {
    const bytes = await fromFolder(path, folder);
    if (typeof bytes !== 'string') hashes.push(`${path}:${createHash('sha256').update(bytes).digest('hex')}`);
  }
  return hashes;
}

function judge(
  bytes: Uint8Array,
): { readonly bytes: Uint8Array; readonly type: PictureType; readonly hash: string } | { readonly refused: string } {
  if (bytes.length > pictureLimits.bytes) return tooLarge(bytes.length);
  const type = pictureType(bytes);
  return 'refused' in type ? type : { bytes, type, hash: createHash('sha256').update(bytes).digest('hex') };
}

function tooLarge(bytes: number): { readonly refused: string } {
  return { refused: `has ${String(bytes)} bytes; at most ${String(pictureLimits.bytes)} are carried` };
}

/** Its bytes, or why there are none. */
async function bytesOf(path: string, archive: Archive | null, folder: string): Promise<Uint8Array | string> {
  if (/^data:/i.test(path)) return dataOf(path);
  if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(path)) return 'lies outside of the book, and nothing is fetched';
  if (archive !== null) return fromArchive(path, archive);
  return fromFolder(path, folder);
}

function dataOf(address: string): Uint8Array | string {
  const found = /^data:[^,]*;base64,/i.exec(address);
  if (found === null) return 'is written into the text in a way that is not read';
  return Buffer.from(address.slice(found[0].length), 'base64');
}

function fromArchive(path: string, archive: Archive): Uint8Array | string {
  const key = path.toLowerCase();
  const name = archive.has(path) ? path : archive.names.find((one) => one.toLowerCase() === key);
  if (name === undefined) return 'is not there';
  try {
    return archive.read(name);
  } catch (error) {
    return `cannot be read (${error instanceof Error ? error.message : String(error)})`;
  }
}

/** A link may lead anywhere, so that what counts is where the file really lies. */
async function fromFolder(path: string, folder: string): Promise<Uint8Array | string> {
  try {
    const real = await realpath(join(folder, path));
    if (!real.startsWith(`${await realpath(folder)}${sep}`)) return 'lies outside of the folder of the book';
    const { size } = await stat(real);
    return size > pictureLimits.bytes ? tooLarge(size).refused : await readFile(real);
  } catch {
    return 'is not there';
  }
}
