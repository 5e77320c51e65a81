/** Reads an EPUB of either version: its text in reading order, divided by its navigation as far as the text agrees. */

import { drawingsIssue, placedPictures } from '../pictures.ts';
import type { Source, SourceCut, SourceIssue, SourcePicture, SourceSection } from '../source.ts';
import { openArchive } from './archive.ts';
import { divideEpub } from './division.ts';
import { readDocuments, type Reading } from './documents.ts';
import { applyMarkup } from './markup.ts';
import { readNavigation } from './navigation.ts';
import { findNotes } from './notes.ts';
import { readPackage } from './package.ts';
import { resolvePath } from './paths.ts';

export { archiveErrors } from './archive.ts';

export const epubErrors: { readonly [code: string]: string } = {
  'epub.invalid': 'The EPUB lacks what makes it one: a package document, a reading order, any text.',
  'epub.entities': 'A file of the EPUB declares entities, which could expand without end.',
};

export interface EpubReading extends Reading {
  readonly cuts: SourceCut[];
  readonly pictures: SourcePicture[];
}

/** Issues of one type beyond this are counted and not told. */
const maxIssuesOfType = 20;

/** Appends the book to what is read; its sections are null where its own headings must divide it. @throws StepError */
export async function epubBook(
  bytes: Uint8Array,
  label: string,
  into: EpubReading,
): Promise<Pick<Source, 'meta' | 'cover'> & { readonly sections: SourceSection[] | null }> {
  const issues: SourceIssue[] = [];
  const reading: Reading = { files: into.files, lines: into.lines, issues };
  const archive = await openArchive(bytes, label);
  const found = readPackage(archive, label, issues);
  const navigation = readNavigation(archive, found, label, issues);
  const documents = readDocuments(archive, found, label, reading);
  applyMarkup(documents, into.lines, findNotes(documents, into.lines, issues), into.cuts);
  for (const { path, pictures, ...document } of documents)
    into.pictures.push(
      ...placedPictures(pictures, into.lines, {
        ...document,
        locate: (href) => ({ archive: label, path: resolvePath(path, href)?.path ?? href }),
      }),
    );
  issues.push(...drawingsIssue(documents.reduce((sum, { drawings }) => sum + drawings, 0)));
  const sections = divideEpub(navigation, { documents, lines: into.lines, title: found.meta.title ?? null, issues });
  into.issues.push(...counted(issues));
  return { meta: found.meta, sections, ...(found.cover === null ? {} : { cover: { archive: label, path: found.cover } }) };
}

function counted(issues: readonly SourceIssue[]): SourceIssue[] {
  return [...Map.groupBy(issues, (issue) => issue.type).values()].flatMap((group) =>
    group.length <= maxIssuesOfType
      ? group
      : [
          ...group.slice(0, maxIssuesOfType),
          { type: group[0]!.type, message: `and ${String(group.length - maxIssuesOfType)} more like these` },
        ],
  );
}
