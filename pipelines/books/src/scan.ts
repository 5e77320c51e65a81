/**
 * Stage 0: which books lie in a folder. A file is a book, and so is a folder of files: chapters in HTML, volumes of one
 * work in the other formats. See docs/books.md for the cases that leave room for doubt.
 */

import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, parse, resolve } from 'node:path';
import { defineHandler, StepError, type Handler, type Schema } from '@scriptorium/core';
import { keyOfFileName } from './source/filename.ts';
import { shownHashes } from './source/picture-files.ts';
import { bookFilesOf } from './source/read.ts';
import { sniff, type BookKind } from './source/sniff.ts';

/**
 * `folder`: the files of a folder below are one work, files side by side are works of their own. `joined`: so are those
 * side by side whose names have one work number and different volume letters. `apart`: every file is a book.
 */
export type Volumes = 'folder' | 'joined' | 'apart';

export interface ScannedBook {
  /** The file's or folder's name without extension, in NFC, made safe as a file name. */
  readonly id: string;
  readonly path: string;
  /** Files of the folder `path` that make the book, where they are not all of its kind. */
  readonly files?: readonly string[];
  readonly kind: BookKind;
  readonly bytes: number;
  /** `sha256:<hex>` over the bytes; of a folder: over the names and hashes of its files; with the pictures that HTML shows. */
  readonly hash: string;
}

export interface Ignored {
  readonly path: string;
  readonly reason: string;
}

export interface Scan {
  readonly books: readonly ScannedBook[];
  readonly ignored: readonly Ignored[];
}

const output: Schema = {
  type: 'object',
  required: ['books', 'ignored'],
  properties: {
    books: {
      type: 'array',
      items: {
        type: 'object',
        required: ['id', 'path', 'kind', 'bytes', 'hash'],
        properties: {
          id: { type: 'string' },
          path: { type: 'string' },
          files: { type: 'array', items: { type: 'string' } },
          kind: { enum: ['text', 'html', 'json', 'epub'] },
          bytes: { type: 'integer' },
          hash: { type: 'string' },
        },
        additionalProperties: false,
      },
    },
    ignored: {
      type: 'array',
      items: {
        type: 'object',
        required: ['path', 'reason'],
        properties: { path: { type: 'string' }, reason: { type: 'string' } },
        additionalProperties: false,
      },
    },
  },
  additionalProperties: false,
};

export const scanHandler: Handler = defineHandler<{ readonly folder: string; readonly volumes?: Volumes }>({
  name: 'book/scan',
  version: '2.0.0',
  doc: 'Lists the books of a folder: each text, HTML, JSON or EPUB file, and each folder that holds such files.',
  input: {
    type: 'object',
    required: ['folder'],
    properties: { folder: { type: 'string', minLength: 1 }, volumes: { enum: ['folder', 'joined', 'apart'] } },
    additionalProperties: false,
  },
  output,
  effects: 'read',
  run: async ({ folder, volumes }, context) => {
    const { books, ignored } = await scanFolder(folder, volumes);
    for (const { path, reason } of ignored) context.log('warn', `ignored ${path}: ${reason}`);
    if (books.length === 0) context.log('warn', `there is no book in ${folder}`);
    return {
      books: books.map(({ files, ...book }) => (files === undefined ? book : { ...book, files: [...files] })),
      ignored: ignored.map((one) => ({ ...one })),
    };
  },
});

/** Books in the order of their ids. @throws StepError `fatal` for a missing folder and for two books of one id. */
export async function scanFolder(folder: string, volumes: Volumes = 'folder'): Promise<Scan> {
  const books: ScannedBook[] = [];
  const ignored: Ignored[] = [];
  const root = resolve(folder);
  const entries = await list(root);
  const groups =
    volumes === 'apart'
      ? []
      : await groupsIn(
          root,
          entries.filter((entry) => !entry.isDirectory).map((entry) => basename(entry.path)),
          volumes,
        );
  const grouped = new Set(groups.flatMap((group) => group.names.map((name) => join(root, name))));
  for (const { id, names } of groups) add(await scanFiles(root, names, id), books, ignored);
  for (const entry of entries) {
    if (grouped.has(entry.path)) continue;
    if (entry.isDirectory) for (const found of await scanBookFolder(entry.path, volumes)) add(found, books, ignored);
    else if (!(basename(entry.path) === 'info.json' && groups.length > 0)) add(await scanFile(entry.path), books, ignored);
  }
  books.sort((one, other) => (one.id < other.id ? -1 : 1));
  for (const [index, book] of books.entries()) {
    const other = books[index + 1];
    if (book.id === other?.id) {
      throw new StepError('fatal', `two books have the id "${book.id}": ${book.path} and ${other.path}`, {
        fix: 'Rename one of them: the id is the name without its extension.',
      });
    }
  }
  return { books, ignored };
}

function add(found: ScannedBook | Ignored, books: ScannedBook[], ignored: Ignored[]): void {
  if ('reason' in found) ignored.push(found);
  else books.push(found);
}

interface Group {
  readonly id: string;
  readonly names: readonly string[];
}

/** Files side by side that are one book: the chapters of an HTML book, and volumes where they are to be joined. */
async function groupsIn(folder: string, names: readonly string[], volumes: Volumes): Promise<Group[]> {
  const groups: Group[] = [];
  const pages = names.filter((name) => /\.(html?|xhtml)$/i.test(name)).sort(natural.compare);
  const alone = !names.some((name) => bookLike.test(name) && !pages.includes(name));
  const numbered = alone && new Set(pages.map((name) => name.replace(/\d+/g, '#'))).size === 1 && pages.length >= leastChapters;
  if (pages.length > 1 && (names.includes('info.json') || numbered) && !(await areBooks(folder, pages)))
    groups.push({ id: idOf(basename(folder)), names: pages });
  if (volumes !== 'joined') return groups;
  const keyed = names.flatMap((name) => {
    const { workNumber, volume } = keyOfFileName(name);
    return workNumber === undefined || volume === undefined ? [] : [{ name, volume, key: `${workNumber} ${extname(name).toLowerCase()}` }];
  });
  for (const group of Map.groupBy(keyed, (one) => one.key).values()) {
    const sorted = group.toSorted((one, other) => (one.volume < other.volume ? -1 : 1));
    if (new Set(sorted.map((one) => one.volume)).size !== sorted.length || sorted.length < 2) continue;
    const [first] = sorted;
    groups.push({ id: idOf(parse(first!.name).name.replace(/^([A-Z]{0,3}[-_]?\d+)[a-z]/i, '$1')), names: sorted.map((one) => one.name) });
  }
  return groups;
}

/** Fewer pages than this, named alike, may as well be books. */
const leastChapters = 3;
const natural: Intl.Collator = new Intl.Collator('en', { numeric: true });

/** Pages that say for themselves that they are books: they have the marker of a distributor, or a title in their metadata. */
async function areBooks(folder: string, names: readonly string[]): Promise<boolean> {
  let books = 0;
  for (const name of names) {
    const head = (await readFile(join(folder, name))).subarray(0, 65_536).toString('latin1');
    if (/\*\*\*\s*START OF (?:THE|THIS) PROJECT GUTENBERG|<meta[^>]+name\s*=\s*["']?(?:dc|dcterms)\.title\b/i.test(head)) books += 1;
  }
  return books * 2 > names.length;
}

async function list(folder: string): Promise<readonly { readonly path: string; readonly isDirectory: boolean }[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const visible = entries.filter((entry) => !entry.name.startsWith('.'));
    return await Promise.all(
      visible.map(async (entry) => ({ path: join(folder, entry.name), isDirectory: (await stat(join(folder, entry.name))).isDirectory() })),
    );
  } catch (error) {
    throw new StepError('fatal', `cannot list the folder ${folder}: ${error instanceof Error ? error.message : String(error)}`, {
      fix: 'Name a folder that exists and holds one file or folder for each book.',
      cause: error,
    });
  }
}

async function scanFile(path: string, parent: string = ''): Promise<ScannedBook | Ignored> {
  const bytes = await readFile(path);
  const kind = sniff(bytes, extname(path));
  if (kind === null) return { path, reason: 'not a text, HTML, JSON or EPUB file' };
  if (kind === 'json' && !/"(chapters|sections)"\s*:/.test(bytes.toString('latin1'))) return { path, reason: 'JSON without chapters' };
  const shown = kind === 'html' ? await shownHashes(dirname(path), basename(path), bytes) : [];
  return { id: idOf(`${parent}${parse(path).name}`), path, kind, bytes: bytes.length, hash: hashOf([bytes, ...shown]) };
}

async function scanBookFolder(path: string, volumes: Volumes): Promise<(ScannedBook | Ignored)[]> {
  const names = await bookFilesOf(path);
  if (names.length === 0) return [{ path, reason: noBooks }];
  const beside = (await readdir(path, { withFileTypes: true })).filter(
    (entry) => !entry.name.startsWith('.') && entry.name !== 'info.json' && !names.includes(entry.name),
  );
  const isBook = await Promise.all(
    beside.map(async (entry) => (entry.isDirectory() ? holdsBooks(join(path, entry.name)) : bookLike.test(entry.name))),
  );
  const others = beside
    .filter((_, index) => isBook[index])
    .map((entry) => ({ path: join(path, entry.name), reason: `beside the ${String(names.length)} files of the book ${basename(path)}` }));
  const apart = names.length > 1 && (volumes === 'apart' || (/\.x?html?$/i.test(names[0]!) && (await areBooks(path, names))));
  const books = apart
    ? await Promise.all(names.map((name) => scanFile(join(path, name), `${parse(path).base}_`)))
    : [await scanFiles(path, names, null)];
  return [...books, ...others];
}

/** A folder of pictures and styles belongs to the pages beside it. */
async function holdsBooks(folder: string): Promise<boolean> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.some((entry) => entry.isDirectory() || bookLike.test(entry.name)) || entries.length === 0;
}

const noBooks = 'a folder without text, HTML, JSON or EPUB files';
const bookLike: RegExp = /\.(html?|xhtml|json|txt|text|asc|epub)$/i;

/** Files of a folder as one book: all that make it one, with the folder's id, or those that were picked, with an id of their own. */
async function scanFiles(folder: string, names: readonly string[], id: string | null): Promise<ScannedBook | Ignored> {
  const first = names[0]!;
  const kind = sniff((await readFile(join(folder, first))).subarray(0, 2048), extname(first));
  if (kind === null) return { path: folder, reason: noBooks };
  const info =
    id === null || names.every((name) => /\.x?html?$/i.test(name)) ? await readFile(join(folder, 'info.json')).catch(() => null) : null;
  let bytes = info?.length ?? 0;
  const parts: (string | Uint8Array)[] = info === null ? [] : [`info.json:${hashOf([info])}\n`];
  for (const name of names) {
    const data = await readFile(join(folder, name));
    bytes += data.length;
    parts.push(`${name}:${hashOf([data])}\n`);
    if (kind === 'html') parts.push(...(await shownHashes(folder, name, data)));
  }
  return {
    id: id ?? idOf(parse(folder).base),
    path: folder,
    ...(id === null ? {} : { files: names }),
    kind,
    bytes,
    hash: hashOf(parts),
  };
}

/** Room is left below the 255 bytes that file systems allow for what a stage appends. */
const maxIdBytes = 200;

/** What no file system takes in a name, and dots and spaces at its ends, become `_`; longer names are cut. */
function idOf(name: string): string {
  const safe = name
    .normalize('NFC')
    .replace(/[\u0000-\u001f\u007f<>:"/\\|?*]/g, '_')
    .replace(/^\.+|[. ]+$/g, '_');
  const points = [...safe];
  while (Buffer.byteLength(points.join('')) > maxIdBytes) points.pop();
  return points.join('');
}

function hashOf(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return `sha256:${hash.digest('hex')}`;
}
