/** Stage 0: which books lie in a folder. */

import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join, parse, resolve } from 'node:path';
import { defineHandler, StepError, type Handler, type Schema } from '@scriptorium/core';
import { bookFilesOf } from './source/read.ts';
import { sniff, type BookKind } from './source/sniff.ts';

export interface ScannedBook {
  /** The file's or folder's name without extension, in NFC, made safe as a file name. */
  readonly id: string;
  readonly path: string;
  readonly kind: BookKind;
  readonly bytes: number;
  /** `sha256:<hex>` over the bytes; of a folder: over the names and hashes of its files. */
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
          kind: { enum: ['text', 'html', 'json'] },
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

export const scanHandler: Handler = defineHandler<{ readonly folder: string }>({
  name: 'book/scan',
  version: '1.0.0',
  doc: 'Lists the books of a folder: each text, HTML or JSON file, and each folder that holds such files.',
  input: { type: 'object', required: ['folder'], properties: { folder: { type: 'string', minLength: 1 } }, additionalProperties: false },
  output,
  effects: 'read',
  run: async ({ folder }, context) => {
    const { books, ignored } = await scanFolder(folder);
    for (const { path, reason } of ignored) context.log('warn', `ignored ${path}: ${reason}`);
    if (books.length === 0) context.log('warn', `there is no book in ${folder}`);
    return { books: books.map((book) => ({ ...book })), ignored: ignored.map((one) => ({ ...one })) };
  },
});

/** Books in the order of their ids. @throws StepError `fatal` for a missing folder and for two books of one id. */
export async function scanFolder(folder: string): Promise<Scan> {
  const books: ScannedBook[] = [];
  const ignored: Ignored[] = [];
  for (const entry of await list(resolve(folder))) {
    const found = entry.isDirectory ? await scanBookFolder(entry.path) : await scanFile(entry.path);
    if ('reason' in found) ignored.push(found);
    else books.push(found);
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

async function scanFile(path: string): Promise<ScannedBook | Ignored> {
  const bytes = await readFile(path);
  const kind = sniff(bytes, extname(path));
  if (kind === null) return { path, reason: 'not a text, HTML or JSON file' };
  if (kind === 'json' && !/"(chapters|sections)"\s*:/.test(bytes.toString('latin1'))) return { path, reason: 'JSON without chapters' };
  return { id: idOf(parse(path).name), path, kind, bytes: bytes.length, hash: hashOf([bytes]) };
}

async function scanBookFolder(path: string): Promise<ScannedBook | Ignored> {
  const names = await bookFilesOf(path);
  const first = names[0];
  if (first === undefined) return { path, reason: 'a folder without text, HTML or JSON files' };
  const kind = sniff((await readFile(join(path, first))).subarray(0, 2048), extname(first));
  if (kind === null) return { path, reason: 'a folder without text, HTML or JSON files' };
  const info = await readFile(join(path, 'info.json')).catch(() => null);
  let bytes = info?.length ?? 0;
  const parts: (string | Uint8Array)[] = info === null ? [] : [`info.json:${hashOf([info])}\n`];
  for (const name of names) {
    const data = await readFile(join(path, name));
    bytes += data.length;
    parts.push(`${name}:${hashOf([data])}\n`);
  }
  return { id: idOf(parse(path).base), path, kind, bytes, hash: hashOf(parts) };
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
