/** `trace <file> <place>`: a chapter or paragraph of a finished book, back to file, line and column of the input. */

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { dirname, join, resolve } from 'node:path';
import { placeFinder, placesOfBook, traceInBook } from '@scriptorium/books';
import type { Book, Place, Traced } from '@scriptorium/books';
import type { ArtifactInfo, Host } from '@scriptorium/core';
import { putResult, withStore } from '../context.ts';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { writtenFile } from './trace.ts';

/** Ancestors that are looked through for the book and its input. */
const MAX_ANCESTORS = 200;
/** Changes and places that are listed. */
const MAX_LISTED = 12;
/** Letters of a block that are shown. */
const SHOWN_LETTERS = 300;

export async function tracePlace(context: Context, file: string, place: string): Promise<ExitCode> {
  const path = resolve(context.cwd, file);
  const { book, input } = await withStore(context, async ({ host }) => bookOf(context, host, path));
  const traced = traceInBook(book, place);
  if (traced === null) {
    const places = placesOfBook(book);
    throw new CommandError(
      exitCodes.notFound,
      `${book.id} has no ${place}`,
      `Name one of ${places.slice(0, MAX_LISTED).join(', ')}${places.length > MAX_LISTED ? ', …' : ''}, a chapter's number, or a paragraph in it: ${places[0] ?? 'chapter-1'}/1.`,
    );
  }
  const find = placeFinder(
    input,
    book.meta.source.files.map(({ name }) => name),
  );
  const start = find(traced.span);
  const end = find({ ...traced.span, start: Math.max(traced.span.start, traced.span.end - 1) });
  const changes = traced.changes.slice(0, MAX_LISTED).map((change) => ({ ...change, place: find(change) }));
  const { unit, block, span } = traced;
  const result = {
    book: book.id,
    unit: unit.id,
    heading: unit.heading,
    block: block?.id ?? null,
    text: (block ?? unit.blocks[0])?.text ?? '',
    input,
    span,
    start,
    end,
    changes,
    moreChanges: traced.changes.length - changes.length,
  };
  putResult(context, result, () => textOf(traced, input, start, end, changes));
  return exitCodes.ok;
}

/** The document that the file is, or was made from, and the input that the document was made from. */
async function bookOf(context: Context, host: Host, path: string): Promise<{ readonly book: Book; readonly input: string }> {
  const left: { readonly artifact: ArtifactInfo; readonly path: string }[] = [{ artifact: await writtenFile(context, host, path), path }];
  const seen = new Set<string>();
  let book: Book | null = null;
  for (let next = left.shift(); next !== undefined && seen.size < MAX_ANCESTORS; next = left.shift()) {
    if (seen.has(next.artifact.hash)) continue;
    seen.add(next.artifact.hash);
    book ??= documentIn(next.path);
    for (const source of next.artifact.from) {
      if (source.startsWith('file:')) {
        if (book !== null) return { book, input: pathIn(source) };
        continue;
      }
      const parent = await host.artifact(source);
      if (parent !== null) left.push({ artifact: parent, path: rootedAt(next, parent) });
    }
  }
  throw new CommandError(
    exitCodes.notFound,
    `${path} is no book, and was made from none`,
    'Name a file of a book: below toc, validate or an output stage.',
  );
}

/** Paths of artifacts are relative to the output root, which both share. */
function rootedAt(known: { readonly artifact: ArtifactInfo; readonly path: string }, parent: ArtifactInfo): string {
  if (known.path.endsWith(known.artifact.path)) return join(known.path.slice(0, -known.artifact.path.length), parent.path);
  return join(dirname(known.path), parent.path);
}

function pathIn(source: string): string {
  return source.startsWith('file://') ? fileURLToPath(source) : source.slice('file:'.length);
}

function documentIn(path: string): Book | null {
  if (!path.endsWith('.json') || !existsSync(path)) return null;
  const value = JSON.parse(readFileSync(path, 'utf8')) as Partial<Book>;
  return value.structure === undefined || value.meta === undefined || value.removed === undefined ? null : (value as Book);
}

function textOf(
  { unit, block, changes: all }: Traced,
  input: string,
  start: Place | null,
  end: Place | null,
  changes: readonly {
    readonly kind: string;
    readonly letters: number;
    readonly before?: string;
    readonly after?: string;
    readonly place: Place | null;
  }[],
): string {
  const text = (block ?? unit.blocks[0])?.text ?? '';
  const shown = [...text].slice(0, SHOWN_LETTERS).join('');
  const lines = [
    `${unit.id}${unit.heading === '' ? '' : ` · ${unit.heading}`}${block === null ? '' : ` · ${block.type} ${block.id}`}`,
    `  ${shown.replaceAll('\n', '\n  ')}${shown.length < text.length ? '…' : ''}`,
    `← ${at(start, input)}${end?.line == null || end.line === start?.line ? '' : ` to line ${end.line}`}`,
    ...(start === null || start.text === '' ? [] : [`  ${start.text}`]),
  ];
  const more = all.length - changes.length;
  const done = changes.map(({ kind, letters, before, after, place }) => {
    const what = before === undefined ? `${letters} letters` : `"${before}"${after === undefined ? ' taken out' : ` → "${after}"`}`;
    return `  ${kind}: ${what}${place?.line == null ? '' : ` (line ${place.line})`}`;
  });
  return `${[...lines, done.length === 0 ? 'nothing was taken out or changed here' : 'done here:', ...done, ...(more > 0 ? [`  … and ${more} more`] : [])].join('\n')}\n`;
}

function at(place: Place | null, input: string): string {
  if (place === null || place.line === null) return `${input}${place === null ? '' : ` · ${place.file}`}`;
  const path = input.endsWith(place.file) ? input : join(input, place.file);
  return `${path}:${place.line}:${place.column ?? 1}`;
}
