/**
 * Printed lines to one running text: lines joined, emphasis marks and note marks taken out, dashes, quotes and ligatures
 * made what they stand for. Letters are never dropped here but for those that the result accounts for.
 */

import type { HyphenJudge } from './hyphens.ts';

export interface CleanText {
  readonly text: string;
  /** Ranges set in italics, in UTF-16 units of `text`. */
  readonly emphasis: readonly (readonly [number, number])[];
  /** Note marks taken out, with where they stood. */
  readonly marks: readonly { readonly mark: string; readonly at: number }[];
  /** What of the joined rows is not in the text, in their order. */
  readonly changes: readonly TextChange[];
  /** Where each row begins in the joined rows. */
  readonly rowStarts: readonly number[];
}

export interface TextChange {
  readonly kind: 'pageMark' | 'noteMark' | 'hyphen' | 'markup';
  /** UTF-16 units of the joined rows; what a line's end took away lies between two of them. */
  readonly at: number;
  readonly before: string;
  /** How sure it is that a broken word is one word. */
  readonly confidence?: number;
}

/** Quotation marks and dashes as presses have them (`“ ” ‘ ’ —`), or as the source has them (`" ' --`). */
export type Typography = 'printed' | 'source';

export interface TextRules {
  readonly typography: Typography;
  /** How the book writes page numbers into the text, as a sticky pattern; null when it does not. */
  readonly pageMarks: RegExp | null;
  /** How it marks notes, and which it has; null when it has none. */
  readonly noteMarks: { readonly pattern: RegExp; readonly known: ReadonlySet<string> } | null;
  /** Whether `=` sets words in bold. */
  readonly bold: boolean;
  /** Decides whether a word broken at a line's end keeps its hyphen. */
  readonly joins: HyphenJudge;
}

const special = /[_"'`=\-.[{(*†‡§¶⁰¹²³⁴-⁹\u00ad\u017f\u200b\ufeff]/;
/** The UTF-16 units that {@link rewrite} looks at. */
const marked: Uint8Array = new Uint8Array(0x10000);
for (const code of [0x22, 0x27, 0x2d, 0x3d, 0x5b, 0x5f, 0x60, 0x7b, 0xad, 0x17f, 0x200b, 0xfeff]) marked[code] = 1;
/** Straight quotation marks, hyphens and accents that stand for quotation marks. */
const typographic: ReadonlySet<number> = new Set([0x22, 0x27, 0x2d, 0x60]);
/** What marks of notes and pages begin with. */
const marksBegin: ReadonlySet<number> = new Set(Array.from('[{(*†‡§¶⁰¹²³⁴⁵⁶⁷⁸⁹', (sign) => sign.charCodeAt(0)));
for (const code of marksBegin) marked[code] = 1;
/** Words that open with an apostrophe rather than a quotation mark. */
const elided =
  /^['’](?:tis|twas|twere|twill|twould|em|un|im|er|ere|cause|bout|round|neath|mid|til|ll|re|ve|s|d|n|a|e|ad|ave|ow|ope|way|fore|gainst|pon|most|stead|tain|tisn|twixt|cept|spect|scuse|nother|nuff|ud|\d\ds?)(?![\p{L}])/iu;

/** One text of several lines; with `keepLines` the line breaks stay as `\n`. */
export function cleanText(rows: readonly string[], rules: TextRules, keepLines: boolean): CleanText {
  const { text, rowStarts, changes } = keepLines ? keptRows(rows) : joinRows(rows, rules);
  if (!special.test(text)) return { text, emphasis: [], marks: [], changes, rowStarts };
  const rewritten = rewrite(text, rules);
  return { ...rewritten, changes: changes.length === 0 ? rewritten.changes : [...changes, ...rewritten.changes], rowStarts };
}

type JoinedRows = Pick<CleanText, 'text' | 'changes' | 'rowStarts'>;

function keptRows(rows: readonly string[]): JoinedRows {
  let at = 0;
  const rowStarts = rows.map((row) => {
    at += row.length + 1;
    return at - row.length - 1;
  });
  return { text: rows.join('\n'), rowStarts, changes: [] };
}

/** Typists put two spaces after a sentence. */
export function singleSpaced(text: string): string {
  return text.includes('  ') ? text.replace(/ {2,}/g, ' ') : text;
}

/** A heading's words as the text around it has its own: printed dashes and quotes, no marks of emphasis or notes. */
export function cleanTitle(title: string): string {
  const unmarked = title.replace(/\s*\[(?:\d{1,3}|[A-Z*])\]\.?$/, '');
  return cleanText(
    [unmarked],
    { pageMarks: null, noteMarks: null, bold: false, typography: 'printed', joins: () => null },
    false,
  ).text.trim();
}

const oneRow: readonly number[] = [0];
const none: TextChange[] = [];

/** Lines to one: a hyphen at a line's end joins, a dash joins without space. */
function joinRows(rows: readonly string[], rules: Pick<TextRules, 'joins'>): JoinedRows {
  const first = singleSpaced(rows[0] ?? '');
  if (rows.length === 1) return { text: first, rowStarts: oneRow, changes: none };
  // Parts are put together at the end: looking at the end of a growing text would copy it for every row.
  const parts = [first];
  const rowStarts = [0];
  let { length } = first;
  let before = first;
  let changes: TextChange[] = none;
  for (let index = 1; index < rows.length; index += 1) {
    const row = singleSpaced(rows[index]!);
    const last = before.charCodeAt(before.length - 1);
    let between = '';
    if (last === 0x2d && length > 1) {
      const join = joinHyphen(before, row, rules);
      if (join === ' ') between = ' ';
      else if (join !== null) {
        parts[parts.length - 1] = before.slice(0, -1);
        length -= 1;
        if (changes.length === 0) changes = [];
        changes.push({ kind: 'hyphen', at: length, before: '-\n', confidence: join });
      }
    } else if (last === 0xad) {
      parts[parts.length - 1] = before.slice(0, -1);
      length -= 1;
    } else if (!(last === 0x2014 || row.startsWith('--') || row.startsWith('—') || isWide(last))) between = ' ';
    rowStarts.push(length + between.length);
    before = between + row;
    length += before.length;
    parts.push(before);
  }
  return { text: parts.join(''), rowStarts, changes };
}

/** A space where the hyphen stands for itself, null where it stays and joins, else how sure it is that it goes. */
function joinHyphen(text: string, row: string, rules: Pick<TextRules, 'joins'>): number | ' ' | null {
  const before = text.charCodeAt(text.length - 2);
  if (before === 0x2d) return null;
  const first = /[\p{L}'’]+(?=-$)/u.exec(text.slice(-40))?.[0];
  const second = /^[\p{L}'’]+/u.exec(row)?.[0];
  if (first === undefined) return ' ';
  return second === undefined || second[0] !== second[0]!.toLowerCase() ? null : rules.joins(first, second);
}

/** Chinese, Japanese and full-width characters take no space between lines. */
function isWide(code: number): boolean {
  return (code >= 0x2e80 && code <= 0x9fff) || (code >= 0xff00 && code <= 0xffef) || code === 0x3000;
}

function rewrite(text: string, rules: TextRules): Omit<CleanText, 'rowStarts'> {
  const emphasis: [number, number][] = [];
  const marks: { mark: string; at: number }[] = [];
  let out = '';
  let copied = 0;
  let opened = -1;
  const changes: TextChange[] = [];
  const flush = (to: number): void => {
    if (to > copied) out += text.slice(copied, to);
  };
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (marked[code] === 0 || (code <= 0x60 && typographic.has(code) && rules.typography === 'source')) continue;
    let replacement: string | null = null;
    let length = 1;
    if (code === 0x5f || (code === 0x3d && rules.bold)) {
      flush(at);
      copied = at + 1;
      if (opened < 0) opened = out.length;
      else {
        if (out.length > opened) emphasis.push([opened, out.length]);
        opened = -1;
      }
      continue;
    } else if (code === 0x2d && text.charCodeAt(at + 1) === 0x2d) {
      while (text.charCodeAt(at + length) === 0x2d) length += 1;
      replacement = length === 2 || length === 3 ? '—' : '——';
    } else if (code === 0x22) replacement = opensQuote(text, at) ? '“' : '”';
    else if (code === 0x27) replacement = singleQuote(text, at);
    else if (code === 0x60) {
      length = text.charCodeAt(at + 1) === 0x60 ? 2 : 1;
      replacement = length === 2 ? '“' : '‘';
    } else if (code === 0xad || code === 0x200b || code === 0xfeff) replacement = '';
    else if (code === 0x17f) replacement = 's';
    else if (marksBegin.has(code)) {
      const page = matchAt(rules.pageMarks, text, at);
      const note = page === null ? noteMarkAt(rules.noteMarks, text, at) : null;
      const mark = page ?? note;
      if (mark === null) continue;
      const isSpaced = at > 0 && text.charCodeAt(at - 1) === 0x20;
      flush(note !== null && isSpaced ? at - 1 : at);
      if (note !== null) {
        marks.push({ mark: note[1]!, at: out.length });
      }
      changes.push({ kind: page === null ? 'noteMark' : 'pageMark', at, before: mark[0] });
      at += mark[0].length - 1;
      if (page !== null && (at < mark[0].length || isSpaced) && text.charCodeAt(at + 1) === 0x20) at += 1;
      copied = at + 1;
      continue;
    }
    if (replacement === null) continue;
    flush(at);
    out += replacement;
    at += length - 1;
    copied = at + 1;
  }
  flush(text.length);
  return { text: out, emphasis, marks, changes };
}

function noteMarkAt(marks: TextRules['noteMarks'], text: string, at: number): RegExpExecArray | null {
  const mark = marks === null ? null : matchAt(marks.pattern, text, at);
  return mark !== null && marks!.known.has(mark[1]!) ? mark : null;
}

function matchAt(pattern: RegExp | null, text: string, at: number): RegExpExecArray | null {
  if (pattern === null) return null;
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** A straight quote opens at the start, after space, dash, bracket or another opening quote. */
function opensQuote(text: string, at: number): boolean {
  if (at === 0) return true;
  const before = text.charCodeAt(at - 1);
  if (before === 0x5f) return at === 1 || opensAfter(text.charCodeAt(at - 2));
  return opensAfter(before) && at + 1 < text.length && text.charCodeAt(at + 1) !== 0x20;
}

function opensAfter(before: number): boolean {
  return (
    before <= 0x20 ||
    before === 0x2d ||
    before === 0x2014 ||
    before === 0x28 ||
    before === 0x5b ||
    before === 0x2018 ||
    before === 0x27 ||
    before === 0x60
  );
}

function singleQuote(text: string, at: number): string {
  const before = at === 0 ? 0x20 : text.charCodeAt(at - 1);
  const opens =
    before <= 0x20 ||
    before === 0x22 ||
    before === 0x28 ||
    before === 0x5b ||
    before === 0x2d ||
    before === 0x2014 ||
    before === 0x201c ||
    (before === 0x5f && (at === 1 || text.charCodeAt(at - 2) <= 0x20));
  if (!opens) return '’';
  const after = text.charCodeAt(at + 1);
  if (Number.isNaN(after) || after <= 0x20) return '’';
  return elided.test(text.slice(at, at + 12)) ? '’' : '‘';
}
