/** Where the entries of the navigation lead, in the order of the text. */

import type { SourceIssue, SourceLine } from '../source.ts';
import type { EpubDocument } from './documents.ts';
import { findTitle, type TitleMatch } from './matching.ts';
import type { NavEntry } from './navigation.ts';

export interface PlacedEntry {
  readonly title: string;
  readonly depth: number;
  readonly children: number;
  readonly line: number;
  readonly document: EpubDocument;
  /** Its title in the text; null where it does not stand there. */
  readonly match: TitleMatch | null;
}

interface Book {
  readonly documents: readonly EpubDocument[];
  readonly lines: readonly SourceLine[];
  readonly issues: SourceIssue[];
}

/** Entries that lead nowhere are issues; those that only group others stand where the first of them does. */
export function placedEntries(entries: readonly NavEntry[], book: Book): PlacedEntry[] {
  const byPath = new Map(book.documents.map((document) => [document.path.toLowerCase(), document]));
  const found = entries.map((entry) => placeOf(entry, byPath, book));
  const placed: PlacedEntry[] = [];
  for (const [index, entry] of entries.entries()) {
    const place = found[index] ?? firstBelow(entries, found, index);
    if (place === null) {
      if (entry.target !== null)
        book.issues.push({
          type: 'nav_target',
          message: `the contents lead for “${entry.title}” to ${entry.target.path}, which is no text of the book`,
        });
      continue;
    }
    placed.push({
      title: entry.title,
      depth: entry.depth,
      children: entry.children,
      ...place,
      match: findTitle(entry.title, book.lines, place.line, place.document.to),
    });
  }
  const moved = apart(placed, book);
  const unordered = moved.filter((entry, index) => index > 0 && entry.line < moved[index - 1]!.line);
  if (unordered.length > 0)
    book.issues.push({
      type: 'nav_order',
      message: `the contents have ${String(unordered.length)} entries in another order than the text; “${unordered[0]!.title}” is the first`,
    });
  return moved.toSorted((one, other) => one.line - other.line);
}

interface Place {
  readonly line: number;
  readonly document: EpubDocument;
}

function placeOf(entry: NavEntry, byPath: ReadonlyMap<string, EpubDocument>, { issues }: Book): Place | null {
  const document = entry.target === null ? undefined : byPath.get(entry.target.path.toLowerCase());
  if (document === undefined || entry.target === null) return null;
  const { fragment } = entry.target;
  if (fragment === null) return { line: document.from, document };
  const anchor = document.watched.anchors.get(fragment);
  if (anchor === undefined)
    issues.push({
      type: 'nav_target',
      message: `the contents lead for “${entry.title}” to a place that is not in ${document.path} (#${fragment})`,
    });
  return { line: anchor === undefined ? document.from : Math.min(anchor.line, document.to), document };
}

function firstBelow(entries: readonly NavEntry[], found: readonly (Place | null)[], index: number): Place | null {
  for (let below = index + 1; below < entries.length && entries[below]!.depth > entries[index]!.depth; below += 1) {
    const place = found[below];
    if (place != null) return place;
  }
  return null;
}

/** Entries that lead to one place are told apart by where their titles stand. */
function apart(placed: readonly PlacedEntry[], { lines }: Book): PlacedEntry[] {
  const moved: PlacedEntry[] = [];
  for (const entry of placed) {
    const last = moved.at(-1);
    if (
      last === undefined ||
      last.line > entry.line ||
      last.document !== entry.document ||
      (last.match?.end ?? last.line + 1) <= entry.line
    ) {
      moved.push(entry);
      continue;
    }
    const after = last.match === null ? null : findTitle(entry.title, lines, last.match.end, entry.document.to);
    moved.push(after === null ? entry : { ...entry, line: after.line, match: after });
  }
  return moved;
}
