/**
 * Lines as they were before machines spoiled them: characters decoded wrongly, ligatures, misread words and hyphens that
 * a rejoining left inside of words. What is sure is mended, the rest told as doubts.
 *
 * 1. Each change is listed with its place in the source, and the text before and after.
 * 2. Lines keep their spans, so that whatever comes after works on mended lines as on others.
 */

import type { Doubt, RemovedKind } from '../document.ts';
import type { SourceLine } from '../source/source.ts';
import { hardHyphens } from './hyphens.ts';
import { lexiconOf } from './lexicon.ts';
import type { Lexicon } from './lexicon.ts';
import { misreadingsIn } from './misread.ts';
import type { Misreading } from './misread.ts';
import { repairsOf, strange } from './mojibake.ts';

/** One change inside a line, in UTF-16 units of the source's text. */
export interface LineEdit {
  readonly from: number;
  readonly to: number;
  readonly after: string;
  readonly kind: RemovedKind;
  /** From 0 to 1; absent where there is no doubt. */
  readonly confidence?: number;
}

export interface MendedLines {
  readonly lines: readonly SourceLine[];
  /** By line, in the order of the text. */
  readonly edits: ReadonlyMap<number, readonly LineEdit[]>;
  readonly doubts: readonly Doubt[];
  readonly lexicon: Lexicon;
}

/** Less sure than this is told and left. */
const sure = 0.9;
/** Less sure than this is not worth a look. */
const doubtful = 0.6;
/** So many sure finds of one kind show a book that is full of them, and the doubtful ones are likely too. */
const manyFinds = 12;
/** Of one kind in one book; whoever has more needs another edition. */
const mostDoubts = 500;

const suspicious: RegExp = new RegExp(`${strange.source}|[\ufb00-\ufb06\ufffd]`);
const ligature = /[\ufb00-\ufb06]/g;
const ligatures: readonly string[] = ['ff', 'fi', 'fl', 'ffi', 'ffl', 'st', 'st'];

/** Lines of which `without` is true are left alone: they are not part of the book. */
export function mendLines(given: readonly SourceLine[], without: (line: number) => boolean): MendedLines {
  const mender = openMender(given);
  /** Lines with characters that a program could not read. */
  const replaced = new Set<number>();
  for (let line = 0; line < given.length; line += 1) {
    const { text } = given[line]!;
    if (!suspicious.test(text) || without(line)) continue;
    for (const { from, to, after } of repairsOf(text)) mender.edit(line, { from, to, after, kind: 'mojibake' });
    if (text.includes('\ufffd')) replaced.add(line);
    for (const found of text.matchAll(ligature))
      mender.edit(line, { from: found.index, to: found.index + 1, after: ligatures[found[0].charCodeAt(0) - 0xfb00]!, kind: 'ligature' });
  }
  const lexicon = lexiconOf(mender.lines(), without);
  const misread = [...misreadWords(mender.lines(), lexicon)];
  const isFull =
    misread.filter(({ misreading }) => misreading.confidence >= sure && !misreading.word.includes('\ufffd')).length >= manyFinds;
  const enough = isFull ? doubtful : sure;
  for (const { line, from, to, misreading } of misread) {
    const { after, confidence } = misreading;
    const kind = misreading.word[misreading.from] === '\ufffd' ? 'mojibake' : 'misreading';
    const printed = after === "'" ? '’' : after;
    const edit: LineEdit = { from: from + misreading.from, to: from + misreading.to, after: printed, kind, confidence };
    if (confidence >= enough) mender.edit(line, edit);
    else mender.doubt(line, { ...edit, from, to, after: misreading.meant });
  }
  for (const { line, from, to, confidence } of hardHyphens(mender.lines(), lexicon, without)) {
    if (confidence >= sure) mender.edit(line, { from, to, after: '', kind: 'hyphen', confidence });
    else mender.doubt(line, { from, to, after: '', kind: 'hyphen', confidence });
  }
  if (replaced.size > 0) {
    for (const line of replaced) {
      for (const found of mender.lines()[line]!.text.matchAll(/(?<=n)\ufffd(?=t(?!\p{L}))|(?<=\p{L})\ufffd(?=ll(?!\p{L}))/gu))
        mender.edit(line, { from: found.index, to: found.index + 1, after: '’', kind: 'mojibake', confidence: 0.9 });
      for (const found of mender.lines()[line]!.text.matchAll(/\ufffd+/g))
        mender.doubt(line, { from: found.index, to: found.index + found[0].length, after: null, kind: 'mojibake', confidence: 0 });
    }
  }
  return { ...mender.close(), lexicon };
}

interface MisreadWord {
  readonly line: number;
  readonly from: number;
  readonly to: number;
  readonly misreading: Misreading;
}

function* misreadWords(lines: readonly SourceLine[], lexicon: Lexicon): Generator<MisreadWord> {
  const found = new Map(
    misreadingsIn(lexicon)
      .filter(({ confidence }) => confidence >= doubtful)
      .map((misreading) => [misreading.word, misreading]),
  );
  const once = [...found.values()].filter(({ count }) => count === 1).map(({ place }) => place);
  const often = [...found.values()].filter(({ count }) => count > 1).map(({ word }) => word);
  for (const { line, from, to } of [...once, ...lexicon.places(new Set(often))]) {
    const { text } = lines[line]!;
    const misreading = found.get(text.slice(from, to).toLowerCase().replaceAll('’', "'"));
    if (misreading === undefined || isAbbreviation(text, from, to)) continue;
    yield { line, from, to, misreading };
  }
}

/** `cf.`, `H.M.S.`: short, with a full stop right behind, or capitals. */
function isAbbreviation(text: string, from: number, to: number): boolean {
  const word = text.slice(from, to);
  if (word.length <= 3 && (text[to] === '.' || text[from - 1] === '.')) return true;
  return word.length <= 4 && word === word.toUpperCase() && !/\d/.test(word);
}

interface Mender {
  readonly edit: (line: number, edit: LineEdit) => void;
  /** `after` is null where nothing better is known. */
  readonly doubt: (line: number, edit: Omit<LineEdit, 'after'> & { readonly after: string | null }) => void;
  /** As mended so far. */
  readonly lines: () => readonly SourceLine[];
  readonly close: () => Omit<MendedLines, 'lexicon'>;
}

/** Takes edits of lines as mended so far; those of one line are put in order and said of the source's own text. */
function openMender(given: readonly SourceLine[]): Mender {
  let lines: SourceLine[] | null = null;
  const edits = new Map<number, LineEdit[]>();
  const doubts: Doubt[] = [];
  let queued: { readonly line: number; readonly edit: LineEdit }[] = [];
  const apply = (): void => {
    for (const [line, group] of Map.groupBy(queued, ({ line: at }) => at)) {
      const earlier = edits.get(line) ?? [];
      const own = group.map(({ edit }) => toSource(edit, (lines ?? given)[line]!.text, earlier)).filter((edit) => edit !== null);
      const all = [...earlier, ...own].toSorted((one, other) => one.from - other.from);
      lines ??= [...given];
      lines[line] = { ...given[line]!, text: applied(given[line]!.text, all) };
      edits.set(line, all);
    }
    queued = [];
  };
  return {
    edit: (line, edit) => queued.push({ line, edit }),
    doubt: (line, edit) => {
      if (doubts.length >= mostDoubts) return;
      const source = toSource({ ...edit, after: edit.after ?? '' }, (lines ?? given)[line]!.text, edits.get(line) ?? []);
      if (source === null) return;
      const { text, start, file } = given[line]!;
      doubts.push({
        kind: edit.kind,
        start: start + pointsOf(text, source.from),
        end: start + pointsOf(text, source.to),
        ...(file === 0 ? {} : { file }),
        before: text.slice(source.from, source.to),
        suggestion: edit.after,
        confidence: edit.confidence ?? 0,
      });
    },
    lines: () => {
      apply();
      return lines ?? given;
    },
    close: () => {
      apply();
      return { lines: lines ?? given, edits, doubts };
    },
  };
}

/** An edit of the mended text said of the source's; null where it touches what was mended already. Cases follow the source. */
function toSource(edit: LineEdit, mended: string, earlier: readonly LineEdit[]): LineEdit | null {
  let shift = 0;
  for (const { from, to, after } of earlier) {
    if (from + shift >= edit.to) break;
    if (from + shift + after.length > edit.from) return null;
    shift += after.length - (to - from);
  }
  return { ...edit, after: edit.kind === 'misreading' ? inCase(edit, mended) : edit.after, from: edit.from - shift, to: edit.to - shift };
}

/** The misread letters' case. A capital I is a small l that was misread, for they look the same. */
function inCase({ from, to, after }: LineEdit, text: string): string {
  const before = text.slice(from, to);
  if (before === before.toLowerCase()) return after;
  const isUpper = (at: number): boolean => /\p{Lu}/u.test(text[at] ?? '');
  if (isUpper(from - 1) || isUpper(to)) return after.toUpperCase();
  if (/\p{L}/u.test(text[from - 1] ?? ' ') || (before === 'I' && after === 'l')) return after;
  return after[0]!.toUpperCase() + after.slice(1);
}

function applied(text: string, edits: readonly LineEdit[]): string {
  let mended = '';
  let copied = 0;
  for (const { from, to, after } of edits) {
    mended += text.slice(copied, from) + after;
    copied = to;
  }
  return mended + text.slice(copied);
}

/** Code points before a UTF-16 unit of a line. */
export function pointsOf(text: string, unit: number): number {
  let pairs = 0;
  for (let at = 0; at + 1 < unit; at += 1) {
    const code = text.charCodeAt(at);
    if (code >= 0xd800 && code <= 0xdbff) pairs += 1;
  }
  return unit - pairs;
}

/** The unit of the source's line where a unit of the mended line comes from: behind a change where it lies in one. */
export function sourceUnit(mended: number, edits: readonly LineEdit[]): number {
  let shift = 0;
  for (const { from, to, after } of edits) {
    if (mended <= from + shift) break;
    if (mended < from + shift + after.length) return to;
    shift += after.length - (to - from);
  }
  return mended - shift;
}
