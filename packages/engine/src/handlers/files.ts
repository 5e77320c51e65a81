/**
 * Files as the beginning and the end of a batch: `core/files` lists a folder, `core/read` reads a text, `core/write` writes
 * an output. What happens in between may be any step, a program in another language included.
 *
 * 1. A listing is in the order of names, whatever the file system's is, and holds the hash of each file: a step that is
 *    given one is called again by a later run where the bytes have changed.
 * 2. Links to files are followed, links to folders are not: a listing ends.
 */

import { createHash } from 'node:crypto';
import { open, readdir, stat } from 'node:fs/promises';
import { join, matchesGlob, parse, resolve } from 'node:path';
import { artifactSchema, defineHandler, StepError } from '@scriptorium/core';
import type { ArtifactRef, Context, Handler, Json } from '@scriptorium/core';
import { messageOf } from '../journal/storage-error.ts';
import { lineageSchema } from '../outputs/artifacts.ts';

/** What fits into one result with room for long paths; more are listed folder by folder. */
const MAX_FILES = 200_000;
/** Files that are read at the same time. */
const READ_AT_ONCE = 8;
const READ_BYTES = 256 * 1024;
const DEFAULT_TEXT_BYTES = 1024 * 1024;
const MAX_TEXT_BYTES = 64 * 1024 * 1024;

interface Listing {
  readonly folder: string;
  readonly match?: string | readonly string[];
}

interface ListedFile {
  /** The path below the folder, with `/` between its segments. */
  readonly name: string;
  /** The last segment of `name` without its extension. */
  readonly stem: string;
  /** Absolute. */
  readonly path: string;
  readonly bytes: number;
  /** `sha256:<hex>` of the bytes. */
  readonly hash: string;
}

interface Reading {
  readonly path?: string;
  readonly artifact?: ArtifactRef;
  readonly encoding?: string;
  readonly maxBytes?: number;
}

interface Writing {
  readonly name: string;
  readonly text?: string;
  readonly json?: Json;
  readonly from?: readonly (ArtifactRef | string)[];
}

const pattern = { type: 'string', minLength: 1, maxLength: 1000 };

const files: Handler = defineHandler<Listing, { readonly files: ListedFile[] }>({
  name: 'core/files',
  version: '1.0.0',
  doc: 'Lists the files of a folder by name, each with the hash of its bytes. Hidden ones only where the pattern names them.',
  effects: 'read',
  input: {
    type: 'object',
    required: ['folder'],
    additionalProperties: false,
    properties: {
      folder: { type: 'string', minLength: 1 },
      match: {
        anyOf: [pattern, { type: 'array', minItems: 1, maxItems: 100, items: pattern }],
        default: '*',
        description: 'Which files: `*.txt`, with those of folders below `**/*.txt`, or a list of such patterns.',
      },
    },
  },
  output: {
    type: 'object',
    required: ['files'],
    additionalProperties: false,
    properties: {
      files: {
        type: 'array',
        items: {
          type: 'object',
          required: ['name', 'stem', 'path', 'bytes', 'hash'],
          additionalProperties: false,
          properties: {
            name: { type: 'string', description: 'The path below the folder.' },
            stem: { type: 'string', description: 'The name without folders and extension.' },
            path: { type: 'string' },
            bytes: { type: 'integer' },
            hash: { type: 'string' },
          },
        },
      },
    },
  },
  errors: { 'files.too_many': `More than ${MAX_FILES} files are listed.` },
  run: async ({ folder, match = '*' }, { log, signal }) => {
    const root = resolve(folder);
    const names = await matching(root, typeof match === 'string' ? [match] : match, signal);
    const found: ListedFile[] = [];
    const rest = names.values();
    const readSome = async (): Promise<void> => {
      const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
      for (const name of rest) {
        const file = await fileOf(root, name, buffer, signal);
        if (file !== null) found.push(file);
        else log('warn', `${join(root, name)} was left out: it is no file, is gone, or has a name that is no text`);
      }
    };
    await Promise.all(Array.from({ length: READ_AT_ONCE }, readSome));
    if (found.length === 0) log('warn', `no file of ${root} matches ${[match].flat().join(', ')}`);
    return { files: found.toSorted(byName) };
  },
});

const read: Handler = defineHandler<Reading>({
  name: 'core/read',
  version: '1.0.0',
  doc: 'Reads a text file, or a file that an earlier step has written. The value of one whose name ends in .json comes as `json`.',
  effects: 'read',
  input: {
    type: 'object',
    additionalProperties: false,
    properties: {
      path: { type: 'string', minLength: 1 },
      artifact: artifactSchema,
      encoding: { type: 'string', default: 'utf-8', description: 'Its name in the Encoding Standard: utf-8, windows-1252, gb18030.' },
      maxBytes: { type: 'integer', minimum: 1, maximum: MAX_TEXT_BYTES, default: DEFAULT_TEXT_BYTES },
    },
    oneOf: [{ required: ['path'] }, { required: ['artifact'] }],
  },
  output: {
    type: 'object',
    required: ['text', 'json'],
    additionalProperties: false,
    properties: { text: { type: 'string' }, json: {} },
  },
  errors: {
    'read.too_large': 'The file has more bytes than `maxBytes`.',
    'read.not_text': 'The bytes are no text in the encoding, or a file with the ending .json holds no JSON.',
  },
  run: async (input, context) => {
    const path = input.path ?? context.artifacts.locate(input.artifact as ArtifactRef);
    const bytes = await bytesOf(path, input, context);
    const text = decoded(path, bytes, input.encoding ?? 'utf-8');
    return { text, json: /\.json$/i.test(path) ? parsed(path, text) : null };
  },
});

const write: Handler = defineHandler<Writing, ArtifactRef>({
  name: 'core/write',
  version: '1.0.0',
  doc: 'Writes a file among the outputs of its stage, and says which it is.',
  effects: 'none',
  pure: true,
  input: {
    type: 'object',
    required: ['name'],
    additionalProperties: false,
    properties: {
      name: { type: 'string', minLength: 1, description: 'A relative path below the stage, such as `chapters/1.txt`.' },
      text: { type: 'string' },
      json: { description: 'Written as JSON, in place of a text.' },
      from: lineageSchema,
    },
    oneOf: [{ required: ['text'] }, { required: ['json'] }],
  },
  output: artifactSchema,
  run: ({ name, text, json = null, from = [] }, { outputs }) => outputs.write(name, text ?? `${JSON.stringify(json, null, 2)}\n`, { from }),
});

export const fileHandlers: readonly Handler[] = [files, read, write];

/** The names below `root` that a pattern matches; a folder is only looked into where a pattern may match what it holds. */
async function matching(root: string, patterns: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
  const names: string[] = [];
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    signal.throwIfAborted();
    for (const entry of await entriesOf(join(root, folder))) {
      const name = `${folder}${entry.name}`;
      if (entry.isDirectory()) {
        if (patterns.some((pattern) => mayHold(pattern, name))) folders.push(`${name}/`);
      } else if (patterns.some((pattern) => matches(name, pattern))) names.push(name);
    }
    if (names.length > MAX_FILES)
      throw new StepError('files.too_many', `${root} has more than ${MAX_FILES} files that match`, {
        fix: 'Let `match` name fewer, or list folder by folder, in a flow that an `each` over the folders calls.',
      });
  }
  return names;
}

async function entriesOf(folder: string): Promise<readonly { readonly name: string; readonly isDirectory: () => boolean }[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw new StepError('io', `the folder ${folder} cannot be listed: ${messageOf(error)}`, {
      cause: error,
      fix: 'Name a folder that exists and may be read.',
    });
  }
}

/** A segment that begins with a dot is matched by a pattern that says the dot. */
function matches(name: string, pattern: string): boolean {
  return matchesGlob(name, pattern) && (!isHidden(name) || isHidden(pattern));
}

function mayHold(pattern: string, folder: string): boolean {
  if (isHidden(folder) && !isHidden(pattern)) return false;
  if (/\*\*|[{(]/.test(pattern)) return true;
  const depth = folder.split('/').length;
  const segments = pattern.split('/');
  return segments.length > depth && matchesGlob(folder, segments.slice(0, depth).join('/'));
}

function isHidden(path: string): boolean {
  return /(?:^|\/)\./.test(path);
}

/** Null for what is no file, is gone, or has a name that is no text. `buffer` is what it is read through. */
async function fileOf(root: string, name: string, buffer: Uint8Array, signal: AbortSignal): Promise<ListedFile | null> {
  const path = join(root, name);
  try {
    // What is no file may not even be opened: a pipe would wait for a writer.
    if (!(await stat(path)).isFile()) return null;
    const { bytes, hash } = await contentOf(path, buffer, signal);
    return { name, stem: parse(name).name, path, bytes, hash };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    signal.throwIfAborted();
    const fix = 'Let it be read, or let `match` leave it out.';
    throw new StepError('io', `${path} cannot be read: ${messageOf(error)}`, { cause: error, fix });
  }
}

async function contentOf(path: string, buffer: Uint8Array, signal: AbortSignal): Promise<Pick<ListedFile, 'bytes' | 'hash'>> {
  await using file = await open(path);
  const digest = createHash('sha256');
  for (let bytes = 0; ;) {
    const { bytesRead } = await file.read(buffer);
    digest.update(buffer.subarray(0, bytesRead));
    bytes += bytesRead;
    signal.throwIfAborted();
    if (bytesRead < buffer.length) return { bytes, hash: `sha256:${digest.digest('hex')}` };
  }
}

function byName({ name: one }: ListedFile, { name: other }: ListedFile): number {
  return one < other ? -1 : 1;
}

async function bytesOf(
  path: string,
  { artifact, maxBytes = DEFAULT_TEXT_BYTES }: Reading,
  { artifacts, signal }: Context,
): Promise<Uint8Array> {
  const large = (bytes: number): StepError =>
    new StepError('read.too_large', `${path} has ${bytes} bytes, and ${maxBytes} are read at most`, {
      fix: 'Raise `maxBytes`, or hand the path on to a step that reads the file by itself.',
    });
  if (artifact !== undefined) {
    if (artifact.bytes > maxBytes) throw large(artifact.bytes);
    return artifacts.read(artifact);
  }
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    if (size > maxBytes) throw large(size);
    return await file.readFile({ signal });
  } catch (error) {
    if (error instanceof StepError) throw error;
    signal.throwIfAborted();
    throw new StepError('io', `${path} cannot be read: ${messageOf(error)}`, {
      cause: error,
      fix: 'Name a file that exists and may be read.',
    });
  }
}

function decoded(path: string, bytes: Uint8Array, encoding: string): string {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    const why = error instanceof RangeError ? `there is no encoding ${JSON.stringify(encoding)}` : `${path} is no text in ${encoding}`;
    throw new StepError('read.not_text', why, { cause: error, fix: 'Say the `encoding` that it has, such as windows-1252.' });
  }
}

function parsed(path: string, text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new StepError('read.not_text', `${path} holds no JSON: ${messageOf(error)}`, {
      cause: error,
      fix: 'Mend the file, or name it otherwise.',
    });
  }
}
