/** Writes what the markup says onto the lines, and takes out of their text what is none: page marks and marks of notes. */

import { countLetters } from '../../document.ts';
import type { LineMarkup, SourceCut, SourceLine } from '../source.ts';
import type { TextPlace } from '../builder.ts';
import type { WatchedElement } from '../watch.ts';
import type { EpubDocument } from './documents.ts';
import type { FoundNotes } from './notes.ts';

interface Draft {
  readonly cuts: { readonly from: number; readonly to: number; readonly kind: SourceCut['kind'] }[];
  readonly emphasis: [number, number][];
  readonly notes: { at: number; mark: string; name: string }[];
  within?: LineMarkup['within'];
  note?: LineMarkup['note'];
}

/** A number, as a page mark has it: `12`, `[Pg 12]`, `p. xii`. */
const pageText: RegExp = /^[\s[({*|]*(?:(?:pg|page|p|s|seite)\b\.?)?\s*(?:\d{1,5}|[ivxlcdm]{1,9})?[\s\])}*|.,]*$/i;
/** Emphasis over more lines than this is a fault of the markup. */
const maxEmphasisLines = 60;

export function applyMarkup(
  documents: readonly EpubDocument[],
  lines: SourceLine[],
  { notes, marks, labels }: FoundNotes,
  cuts: SourceCut[],
): void {
  const drafts = new Map<number, Draft>();
  const draft = (line: number): Draft => {
    const known = drafts.get(line);
    if (known !== undefined) return known;
    const made: Draft = { cuts: [], emphasis: [], notes: [] };
    drafts.set(line, made);
    return made;
  };
  for (const { watched } of documents) {
    for (const element of watched.elements) addWithin(element, draft);
    for (const element of watched.pageMarks) {
      const stretch = stretchOf(element.from, element.to, lines);
      if (stretch !== null && pageText.test(lines[stretch.line]!.text.slice(stretch.from, stretch.to)))
        draft(stretch.line).cuts.push({ from: stretch.from, to: stretch.to, kind: 'pageMark' });
    }
    for (const { from, to } of watched.emphasis) {
      if (to.line - from.line > maxEmphasisLines) continue;
      for (let line = from.line; line <= to.line; line += 1) {
        const start = line === from.line ? from.at : 0;
        const end = line === to.line ? to.at : (lines[line]?.text.length ?? 0);
        if (end > start) draft(line).emphasis.push([start, end]);
      }
    }
  }
  for (const note of notes) for (let line = note.from; line < note.to; line += 1) draft(line).note = { name: note.name, mark: note.mark };
  for (const { line, from, to, mark, name } of marks) {
    draft(line).cuts.push({ from, to, kind: 'markup' });
    draft(line).notes.push({ at: from, mark, name });
  }
  for (const { line, from, to } of labels) draft(line).cuts.push({ from, to, kind: 'markup' });
  for (const [line, made] of drafts) {
    const old = lines[line];
    if (old !== undefined && old.text !== '') lines[line] = applied(old, made, cuts);
  }
}

const verseTypes: RegExp = /^(?:z3998:)?(?:verse|poem|poetry|poetry-container|song|hymn|stanza|lyrics)$/;

function addWithin({ name, types, from, to }: WatchedElement, draft: (line: number) => Draft): void {
  const within = types.some((type) => verseTypes.test(type))
    ? 'verse'
    : name === 'blockquote'
      ? 'quote'
      : name === 'li'
        ? 'listItem'
        : name === 'figure' || name === 'figcaption'
          ? 'illustration'
          : null;
  if (within === null) return;
  const end = to.at > 0 ? to.line + 1 : to.line;
  for (let line = from.line; line < end; line += 1) {
    const made = draft(line);
    if (made.within !== 'verse' || within === 'verse') made.within = within;
  }
}

/** A stretch within one line; an element of its own line is all of that line. */
function stretchOf(
  from: TextPlace,
  to: TextPlace,
  lines: readonly SourceLine[],
): { readonly line: number; readonly from: number; readonly to: number } | null {
  if (from.line === to.line) return to.at > from.at ? { line: from.line, from: from.at, to: to.at } : null;
  for (let line = from.line + 1; line < to.line; line += 1) if (lines[line]?.text !== '') return null;
  return to.at === 0 && lines[from.line] !== undefined ? { line: from.line, from: from.at, to: lines[from.line]!.text.length } : null;
}

function applied(line: SourceLine, draft: Draft, cuts: SourceCut[]): SourceLine {
  const gone = merged(line.text, draft.cuts);
  for (const { from, to, kind } of gone)
    cuts.push({ kind, start: line.start, end: line.end, file: line.file, letters: countLetters(line.text.slice(from, to)) });
  const shift = (at: number): number => at - gone.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(at, to) - from), 0);
  let text = '';
  let at = 0;
  for (const { from, to } of gone) {
    text += line.text.slice(at, from);
    at = to;
  }
  text += line.text.slice(at);
  const lead = text.length - text.trimStart().length;
  text = text.trim();
  const clamp = (place: number): number => Math.max(0, Math.min(shift(place) - lead, text.length));
  const emphasis = joined(draft.emphasis.map(([from, to]): readonly [number, number] => [clamp(from), clamp(to)]));
  const markup: LineMarkup = {
    ...(draft.within === undefined ? {} : { within: draft.within }),
    ...(draft.note === undefined ? {} : { note: draft.note }),
    ...(emphasis.length === 0 ? {} : { emphasis }),
    ...(draft.notes.length === 0 ? {} : { notes: draft.notes.map((note) => ({ ...note, at: clamp(note.at) })) }),
  };
  return { ...line, text, ...(Object.keys(markup).length === 0 ? {} : { markup }) };
}

/** Ranges that touch, where a mark stood between them, are one; those without extent are none. */
function joined(ranges: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  const result: (readonly [number, number])[] = [];
  for (const [from, to] of ranges.filter(([from, to]) => to > from).toSorted(([one], [other]) => one - other)) {
    const last = result.at(-1);
    if (last !== undefined && from <= last[1]) result[result.length - 1] = [last[0], Math.max(last[1], to)];
    else result.push([from, to]);
  }
  return result;
}

/** In their order, without overlaps; of two spaces around what goes one goes too. */
function merged(text: string, cuts: Draft['cuts']): Draft['cuts'] {
  const result: { from: number; to: number; kind: SourceCut['kind'] }[] = [];
  for (const cut of cuts.toSorted((one, other) => one.from - other.from)) {
    const last = result.at(-1);
    const from = Math.max(cut.from, last?.to ?? 0);
    if (cut.to <= from) continue;
    const spaced = (from === 0 || text[from - 1] === ' ') && text[cut.to] === ' ';
    result.push({ from, to: cut.to + (spaced ? 1 : 0), kind: cut.kind });
  }
  return result;
}
