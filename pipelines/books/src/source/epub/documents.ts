/** The documents of an EPUB as lines, in reading order: what is outside of that order comes last, so that nothing is lost. */

import { createHash } from 'node:crypto';
import { StepError } from '@scriptorium/core';
import { countLetters } from '../../document.ts';
import { decodeBytes } from '../encoding.ts';
import { htmlLines } from '../html.ts';
import { looksBinary } from '../sniff.ts';
import type { SourceFile, SourceIssue, SourceLine } from '../source.ts';
import { lineEndOf } from '../text.ts';
import type { NoticedPicture } from '../pictures.ts';
import type { Watched } from '../watch.ts';
import type { Archive } from './archive.ts';
import type { Package } from './package.ts';
import { refuseEntities } from './xml.ts';

export interface EpubDocument {
  readonly path: string;
  /** Index into the source's files. */
  readonly file: number;
  /** `linear`: in the reading order; `aside`: outside of it; `unread`: the reading order does not name it. */
  readonly order: 'linear' | 'aside' | 'unread';
  readonly isNavigation: boolean;
  /** Its lines, [from, to). */
  readonly from: number;
  readonly to: number;
  readonly watched: Watched;
  readonly pictures: readonly NoticedPicture[];
  /** Drawings in its markup. */
  readonly drawings: number;
  readonly codePoints: number;
  readonly title: string | null;
}

export interface Reading {
  readonly files: SourceFile[];
  readonly lines: SourceLine[];
  readonly issues: SourceIssue[];
}

/** Of all text of one book. */
const maxTextBytes = 512 * 1024 * 1024;

export function readDocuments(archive: Archive, found: Package, label: string, into: Reading): EpubDocument[] {
  const ordered = [
    ...found.documents.filter((document) => document.linear).map((document) => ({ ...document, order: 'linear' as const })),
    ...found.documents.filter((document) => !document.linear).map((document) => ({ ...document, order: 'aside' as const })),
    ...found.unread.map((path) => ({ path, isNavigation: false, order: 'unread' as const })),
  ];
  const documents: EpubDocument[] = [];
  let total = 0;
  for (const { path, order, isNavigation } of ordered) {
    const bytes = archive.read(path);
    total += bytes.length;
    if (total > maxTextBytes)
      throw new StepError('archive.bomb', `${label}: it holds more than ${String(maxTextBytes)} bytes of text`, {
        fix: 'Give its volumes one by one.',
      });
    if (looksBinary(bytes)) {
      into.issues.push({ type: 'epub_media_type', message: `${path} is called a text, but holds other data; it was left out` });
      continue;
    }
    const document = readDocument(bytes, path, label, into);
    if (order === 'unread') {
      if (!hasText(into.lines, document)) continue;
      into.issues.push({ type: 'epub_spine', message: `${path} has text, but the reading order leaves it out; it was put at the end` });
    }
    documents.push({ ...document, order, isNavigation });
  }
  return documents;
}

function readDocument(
  bytes: Uint8Array,
  path: string,
  label: string,
  { files, lines }: Reading,
): Omit<EpubDocument, 'order' | 'isNavigation'> {
  const decoded = decodeBytes(bytes);
  refuseEntities(decoded.text, `${label}/${path}`);
  const file = files.length;
  const from = lines.length;
  const { codePoints, title, watched, pictures } = htmlLines(decoded.text, file, lines, true);
  const to = lines.length;
  // Paragraphs of different files are different paragraphs.
  lines.push({ text: '', start: codePoints, end: codePoints, file });
  files.push({
    name: `${label}/${path}`,
    encoding: decoded.encoding,
    declared: decoded.declared,
    bom: decoded.bom,
    lineEnd: lineEndOf(decoded.text),
    codePoints,
    hash: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
  });
  return { path, file, from, to, watched: watched!, pictures: pictures.noticed, drawings: pictures.drawings, codePoints, title };
}

function hasText(lines: readonly SourceLine[], { from, to }: { readonly from: number; readonly to: number }): boolean {
  for (let line = from; line < to; line += 1) if (countLetters(lines[line]!.text) > 0) return true;
  return false;
}
