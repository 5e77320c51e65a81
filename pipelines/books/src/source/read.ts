/**
 * Reads one book as it was published: a text file, an HTML file, the toolkit's JSON, an EPUB, or a folder of one of
 * these kinds, whose files are the chapters (HTML) or volumes (the others) of one work. What comes out is lines of plain
 * text that know where they stand in the input.
 *
 * Blank lines separate paragraphs in all kinds: between the block elements of HTML and the nodes of JSON one blank
 * line is put, of no extent. `<br>` and line breaks inside JSON text end a line without a blank one.
 */

import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, extname, join, parse } from 'node:path';
import { createHash } from 'node:crypto';
import { StepError } from '@scriptorium/core';
import { decodeBytes } from './encoding.ts';
import { archiveErrors, epubBook, epubErrors, type EpubReading } from './epub/epub.ts';
import { resolvePath } from './epub/paths.ts';
import { keyOfFileName } from './filename.ts';
import { headerOf } from './header.ts';
import { htmlLines, type HtmlPart } from './html.ts';
import { infoOf, type FolderInfo } from './info.ts';
import { jsonLines } from './json.ts';
import { drawingsIssue, placedPictures } from './pictures.ts';
import { looksBinary, sniff, type BookKind } from './sniff.ts';
import type { Source, SourceFile, SourceLine, SourceMeta, SourcePicture, SourceSection } from './source.ts';
import { lineEndOf, textLines } from './text.ts';

/** The codes that {@link readSource} raises beside `io`, for the `errors` of handlers that call it. */
export const sourceErrors: { readonly [code: string]: string } = {
  unreadable: 'The input is no text, HTML, JSON or EPUB book: binary data, broken JSON, an empty folder.',
  ...epubErrors,
  ...archiveErrors,
};

/**
 * `names` are the files of the folder `path` that make the book, all of one kind; without them `path` is the book.
 *
 * @throws StepError `io` when the path cannot be read, else a code of {@link sourceErrors} when what it holds is no book.
 */
export async function readSource(path: string, names?: readonly string[]): Promise<Source> {
  const found = await readPaths(path, names);
  return found.kind === 'epub' ? readVolumes(path, found) : readFiles(path, found);
}

/** The volumes of one work; each is a part of it, where there are several. */
async function readVolumes(path: string, found: Found): Promise<Source> {
  const reading: EpubReading = { files: [], lines: [], issues: [], cuts: [], pictures: [] };
  const sections: SourceSection[] = [];
  const several = found.files.length > 1;
  let meta: SourceMeta = {};
  let cover: Source['cover'];
  for (const { name, bytes } of found.files) {
    const from = reading.lines.length;
    const file = reading.files.length;
    const volume = await epubBook(bytes, name, reading);
    meta = { ...volume.meta, ...meta };
    cover ??= volume.cover;
    if (several) sections.push({ title: volume.meta.title ?? parse(name).name, file, from, to: from, level: 0, headed: 0 });
    if (volume.sections !== null) sections.push(...volume.sections);
    else if (several) sections.push({ title: '', file, from, to: reading.lines.length });
  }
  return {
    kind: 'epub',
    ...reading,
    sections: sections.length > 0 ? sections : null,
    meta: { ...keyOfFileName(basename(path)), ...meta },
    ...(cover === undefined ? {} : { cover }),
  };
}

async function readFiles(path: string, found: Found): Promise<Source> {
  const files: SourceFile[] = [];
  const lines: SourceLine[] = [];
  const sections: SourceSection[] = [];
  const pictures: SourcePicture[] = [];
  let drawings = 0;
  let meta: SourceMeta = {};
  for (const [index, { name, bytes }] of found.files.entries()) {
    if (looksBinary(bytes))
      throw new StepError('unreadable', `${name}: binary data, not a text`, {
        fix: "Give plain text, HTML, EPUB or the toolkit's JSON; other formats must be converted first.",
      });
    const decoded = decodeBytes(bytes);
    const from = lines.length;
    const { codePoints, title, ...part } = readPart(found.kind, decoded.text, name, index, lines, sections);
    if (part.pictures !== undefined) {
      const locate = (href: string): Pick<SourcePicture, 'path'> => ({ path: resolvePath(name, href)?.path ?? href });
      pictures.push(...placedPictures(part.pictures.noticed, lines, { file: index, from, to: lines.length, codePoints, locate }));
      drawings += part.pictures.drawings;
    }
    meta = { ...part.meta, ...meta };
    files.push({
      name,
      encoding: decoded.encoding,
      declared: decoded.declared,
      bom: decoded.bom,
      lineEnd: lineEndOf(decoded.text),
      codePoints,
      hash: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    });
    if (found.kind === 'html' && found.folder)
      sections.push({ title: found.info?.titles.get(name) ?? title ?? '', file: index, from, to: lines.length });
  }
  const divided = sections.length > 0 || (found.kind === 'json' && found.files.length > 0);
  return {
    kind: found.kind,
    files,
    lines,
    sections: divided ? sections : null,
    meta: { ...keyOfFileName(basename(path)), ...meta, ...found.info?.meta },
    ...(drawings === 0 ? {} : { issues: drawingsIssue(drawings) }),
    ...(pictures.length === 0 ? {} : { pictures }),
  };
}

interface Found {
  readonly kind: BookKind;
  readonly folder: boolean;
  readonly files: readonly { readonly name: string; readonly bytes: Uint8Array }[];
  readonly info: FolderInfo | null;
}

async function readPaths(path: string, names: readonly string[] | undefined): Promise<Found> {
  try {
    if ((await stat(path)).isDirectory()) return await readFolder(path, names);
    const bytes = await readFile(path);
    const kind = sniff(bytes, extname(path));
    if (kind === null)
      throw new StepError('unreadable', `${basename(path)}: not a text, HTML, JSON or EPUB book`, {
        fix: "Give plain text, HTML, EPUB or the toolkit's JSON.",
      });
    return { kind, folder: false, files: [{ name: basename(path), bytes }], info: null };
  } catch (error) {
    if (error instanceof StepError) throw error;
    throw new StepError('io', `cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`, {
      fix: 'Check that the path exists and may be read.',
      cause: error,
    });
  }
}

/** Files of a folder that make the book, in natural order: those of the kind that most of them have. */
export async function bookFilesOf(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.') && entry.name !== 'info.json')
    .map((entry) => entry.name);
  const groups = [/\.(html?|xhtml)$/i, /\.json$/i, /\.(txt|text|asc)$/i, /\.epub$/i].map((ending) =>
    names.filter((name) => ending.test(name)),
  );
  const largest = groups.reduce((best, group) => (group.length > best.length ? group : best));
  return [...largest].sort(natural.compare);
}

const natural: Intl.Collator = new Intl.Collator('en', { numeric: true });

async function readFolder(path: string, given: readonly string[] | undefined): Promise<Found> {
  const names = given ?? (await bookFilesOf(path));
  const files: { name: string; bytes: Uint8Array }[] = [];
  for (const name of names) files.push({ name, bytes: await readFile(join(path, name)) });
  const first = files[0];
  const kind = first === undefined ? null : sniff(first.bytes, extname(first.name));
  if (kind === null)
    throw new StepError('unreadable', `${basename(path)}: a folder without text, HTML, JSON or EPUB files`, {
      fix: 'A book folder holds the files of one book.',
    });
  const infoBytes = await readFile(join(path, 'info.json')).catch(() => null);
  return { kind, folder: true, files, info: infoBytes === null ? null : infoOf(decodeBytes(infoBytes).text, names) };
}

function readPart(
  kind: BookKind,
  text: string,
  name: string,
  file: number,
  lines: SourceLine[],
  sections: SourceSection[],
): Pick<HtmlPart, 'meta' | 'codePoints'> & { readonly title?: string | undefined; readonly pictures?: HtmlPart['pictures'] } {
  if (kind === 'html') {
    const { codePoints, title, heading, meta, pictures } = htmlLines(text, file, lines);
    return { meta: { ...meta, ...(file === 0 ? headerOf(lines) : {}) }, codePoints, title: heading ?? title ?? undefined, pictures };
  }
  if (kind === 'json') return jsonLines(text, name, file, lines, sections);
  const codePoints = textLines(text, file, lines);
  return { meta: file === 0 ? headerOf(lines) : {}, codePoints };
}
