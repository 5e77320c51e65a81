/**
 * Finds the notes of an EPUB by its links: a mark in the text that leads to a note, and the note that leads back. The
 * marks themselves are taken out of the text and kept as marks.
 */

import type { SourceIssue, SourceLine } from '../source.ts';
import type { TextPlace } from '../builder.ts';
import { isAfter, textBetween, type WatchedElement, type WatchedLink } from '../watch.ts';
import type { EpubDocument } from './documents.ts';
import { resolvePath } from './paths.ts';

export interface FoundNote {
  /** Names the note in all of the book. */
  readonly name: string;
  readonly mark: string;
  /** Its lines, [from, to). */
  readonly from: number;
  readonly to: number;
}

export interface FoundMark {
  readonly line: number;
  readonly from: number;
  readonly to: number;
  readonly mark: string;
  readonly name: string;
}

export interface FoundNotes {
  readonly notes: readonly FoundNote[];
  readonly marks: readonly FoundMark[];
  /** Links from notes back to their marks, and the mark that a note repeats: no text of the book. */
  readonly labels: readonly { readonly line: number; readonly from: number; readonly to: number }[];
}

const referenceTypes: readonly string[] = ['noteref', 'doc-noteref', 'fnanchor', 'footnote-ref', 'footnote-reference'];
const backTypes: readonly string[] = ['backlink', 'doc-backlink', 'referrer'];
const noteTypes: readonly string[] = ['footnote', 'endnote', 'rearnote', 'note', 'doc-footnote', 'doc-endnote', 'fnote'];
/** `1`, `[12]`, `*`, `(a)`, `†`. */
const markShape: RegExp = /^\s*[[({]?\s*(?:note\s*)?(\d{1,4}[a-z]?|[A-Za-z]|[ivxlc]{1,6}|[*†‡§¶#]{1,4})\s*[\])}]?[.:]?\s*$/i;
/** A note of more lines than this is a chapter that something links to. */
const maxNoteLines = 400;

interface Linked {
  readonly document: EpubDocument;
  readonly link: WatchedLink;
  readonly text: string;
  readonly target: EpubDocument;
  readonly fragment: string;
  readonly place: TextPlace;
}

export function findNotes(documents: readonly EpubDocument[], lines: readonly SourceLine[], issues: SourceIssue[]): FoundNotes {
  const byPath = new Map(documents.map((document) => [document.path, document]));
  const { links, lost } = resolved(documents, byPath, lines);
  if (lost > 0)
    issues.push({ type: 'epub_notes', message: `${String(lost)} marks lead to notes that are not there; they stay in the text` });
  const back = new Set(links.map(({ document, target, fragment }) => `${document.path} ${target.path}#${fragment}`));
  const references = links.filter((linked) => isReference(linked, back, lines));
  const starts = new Map<string, { readonly linked: Linked; readonly mark: string }>();
  for (const linked of references) {
    const name = `${String(linked.target.file)}#${linked.fragment}`;
    if (!starts.has(name)) starts.set(name, { linked, mark: markOf(linked.text) });
  }
  const notes = extents(starts, lines);
  const known = new Set(notes.map((note) => note.name));
  const marks = references.flatMap(({ link, text, target, fragment }): FoundMark[] => {
    const name = `${String(target.file)}#${fragment}`;
    return known.has(name) ? [{ line: link.from.line, from: link.from.at, to: link.to.at, mark: markOf(text), name }] : [];
  });
  return { notes, marks, labels: labelsOf(notes, documents, lines) };
}

function resolved(
  documents: readonly EpubDocument[],
  byPath: ReadonlyMap<string, EpubDocument>,
  lines: readonly SourceLine[],
): { readonly links: readonly Linked[]; readonly lost: number } {
  const links: Linked[] = [];
  let lost = 0;
  for (const document of documents) {
    for (const link of document.watched.links) {
      if (link.href === null || !link.href.includes('#')) continue;
      const text = textBetween(lines, link.from, link.to);
      if (text === null || text.trim() === '') continue;
      const found = resolvePath(document.path, link.href);
      const target = found === null ? undefined : byPath.get(found.path);
      const place = found?.fragment == null ? undefined : target?.watched.anchors.get(found.fragment);
      if (target !== undefined && place !== undefined && found?.fragment != null)
        links.push({ document, link, text, target, fragment: found.fragment, place });
      else if (link.types.some((type) => referenceTypes.includes(type))) lost += 1;
    }
  }
  return { links, lost };
}

/** Either it says so, or it is a mark after some words, and what it leads to leads back. */
function isReference(
  { document, link, text, target, place, fragment }: Linked,
  back: ReadonlySet<string>,
  lines: readonly SourceLine[],
): boolean {
  if (link.types.some((type) => backTypes.includes(type))) return false;
  if (link.types.some((type) => referenceTypes.includes(type))) return true;
  if (!markShape.test(text) || lines[link.from.line]?.level !== undefined || lines[place.line]?.level !== undefined) return false;
  if (!isAfter(place, link.from) && place.line <= link.from.line) return false;
  const before = lines[link.from.line]?.text.slice(0, link.from.at) ?? '';
  const own = link.id ?? idAround(document, link, fragment);
  return /[\p{L}\p{N}.,;:!?"'”’)\]—–-]\s*$/u.test(before) && own !== null && back.has(`${target.path} ${document.path}#${own}`);
}

/** The id of a `sup` or `span` around the link, which notes lead back to as often as to the link itself. */
function idAround({ watched }: EpubDocument, { from }: WatchedLink, fragment: string): string | null {
  for (const [id, place] of watched.anchors) if (id !== fragment && place.line === from.line && place.at === from.at) return id;
  return null;
}

function markOf(text: string): string {
  return (
    markShape.exec(text)?.[1] ??
    text
      .trim()
      .replace(/^[[({]|[\])}]$/g, '')
      .slice(0, 20)
  );
}

/** A note reaches to the end of its element, or to where the next note begins. */
function extents(
  starts: ReadonlyMap<string, { readonly linked: Linked; readonly mark: string }>,
  lines: readonly SourceLine[],
): FoundNote[] {
  const placed = [...starts]
    .map(([name, { linked, mark }]) => ({ name, mark, linked, from: linked.place.line }))
    .toSorted((one, other) => one.from - other.from);
  const notes: FoundNote[] = [];
  for (const [index, { name, mark, linked, from }] of placed.entries()) {
    const holder = holderOf(linked);
    const next = placed[index + 1]?.from ?? Number.MAX_SAFE_INTEGER;
    const to = Math.min(
      holder === null ? from + 1 : Math.max(from + 1, holder.to.line + (holder.to.at > 0 ? 1 : 0)),
      Math.max(next, from + 1),
      linked.target.to,
    );
    if (to > from && to - from <= maxNoteLines && lines[from]?.text !== '') notes.push({ name, mark, from, to });
  }
  return notes;
}

/** The element that is the note: the one linked to, else the nearest around the anchor that calls itself a note, else its paragraph. */
function holderOf({ target, place, fragment }: Linked): WatchedElement | null {
  let typed: WatchedElement | null = null;
  let nearest: WatchedElement | null = null;
  for (const element of target.watched.elements) {
    if (isAfter(element.from, place)) break;
    if (element.id === fragment) return element;
    if (!isAfter(element.to, place)) continue;
    if (element.types.some((type) => noteTypes.includes(type))) typed = element;
    if (element.name !== 'body' && element.name !== 'section') nearest = element;
  }
  return typed ?? nearest;
}

function labelsOf(
  notes: readonly FoundNote[],
  documents: readonly EpubDocument[],
  lines: readonly SourceLine[],
): { line: number; from: number; to: number }[] {
  const labels: { line: number; from: number; to: number }[] = [];
  for (const { mark, from } of notes) {
    const found = /^\s*[[({]?\s*([^\s\])}.:]{1,6})\s*[\])}]?[.:]?\s+/u.exec(lines[from]?.text ?? '');
    if (found !== null && found[1] === mark && found[0].length < (lines[from]?.text.length ?? 0))
      labels.push({ line: from, from: 0, to: found[0].length });
  }
  const inside = new Set(notes.flatMap((note) => Array.from({ length: note.to - note.from }, (_, index) => note.from + index)));
  for (const { watched } of documents) {
    for (const { types, from, to } of watched.links) {
      if (!inside.has(from.line) || from.line !== to.line || to.at <= from.at) continue;
      const text = lines[from.line]?.text.slice(from.at, to.at) ?? '';
      if (types.some((type) => backTypes.includes(type)) || /^(?:[\s↩↑⏎←^]|\u{fe0e})+$/u.test(text))
        labels.push({ line: from.line, from: from.at, to: to.at });
    }
  }
  return labels;
}
