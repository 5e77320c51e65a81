/**
 * Printed lines to one running text: lines joined, emphasis marks and note marks taken out, dashes, quotes and ligatures
 * made what they stand for. Letters are never dropped here but for those that the result accounts for.
 */

import { countLetters } from '../document.ts';

export interface CleanText {
  readonly text: string;
  /** Ranges set in italics, in UTF-16 units of `text`. */
  readonly emphasis: readonly (readonly [number, number])[];
  /** Note marks taken out, with where they stood. */
  readonly marks: readonly { readonly mark: string; readonly at: number }[];
  /** Letters that went with page marks. */
  readonly pageLetters: number;
  /** Letters that went with note marks (`[A]`). */
  readonly markLetters: number;
  /** Letters before minus letters after, of what was spelled anew (ligatures). */
  readonly rewrittenLetters: number;
}

export interface TextRules {
  /** How the book writes page numbers into the text; null when it does not. */
  readonly pageMarks: RegExp | null;
  /** How it marks notes, and which it has; null when it has none. */
  readonly noteMarks: { readonly pattern: RegExp; readonly known: ReadonlySet<string> } | null;
  /** Whether `=` sets words in bold. */
  readonly bold: boolean;
  /** Decides whether a word broken at a line's end keeps its hyphen. */
  readonly keepsHyphen: (first: string, second: string) => boolean;
}

const special = /[_"'`=\-.[{\u00ad\u200b\ufb00-\ufb06\ufeff]/;
/** The UTF-16 units that {@link rewrite} looks at. */
const marked: Uint8Array = new Uint8Array(0x10000);
for (const code of [
  0x22, 0x27, 0x2d, 0x3d, 0x5b, 0x5f, 0x60, 0x7b, 0xad, 0x200b, 0xfeff, 0xfb00, 0xfb01, 0xfb02, 0xfb03, 0xfb04, 0xfb05, 0xfb06,
])
  marked[code] = 1;
const ligatures: readonly string[] = ['ff', 'fi', 'fl', 'ffi', 'ffl', 'st', 'st'];
/** Words that open with an apostrophe rather than a quotation mark. */
const elided =
  /^['’](?:tis|twas|twere|twill|twould|em|un|im|er|ere|cause|bout|round|neath|mid|til|ll|re|ve|s|d|n|a|e|ad|ave|ow|ope|way|fore|gainst|pon|most|stead|tain|tisn|twixt|cept|spect|scuse|nother|nuff|ud|\d\ds?)(?![\p{L}])/iu;

/** One text of several lines; with `keepLines` the line breaks stay as `\n`. */
export function cleanText(rows: readonly string[], rules: TextRules, keepLines: boolean): CleanText {
  const joined = keepLines ? rows.join('\n') : singleSpaced(joinRows(rows, rules));
  const paged =
    rules.pageMarks !== null && (joined.includes('[') || joined.includes('{'))
      ? joined.replace(rules.pageMarks, (_mark, before: string, after: string) => (before !== '' && after !== '' ? before : before + after))
      : joined;
  const pageLetters = paged.length === joined.length ? 0 : countLetters(joined) - countLetters(paged);
  if (!special.test(paged)) return { text: paged, emphasis: [], marks: [], pageLetters, markLetters: 0, rewrittenLetters: 0 };
  return { ...rewrite(paged, rules), pageLetters };
}

/** Typists put two spaces after a sentence. */
function singleSpaced(text: string): string {
  return text.includes('  ') ? text.replace(/ {2,}/g, ' ') : text;
}

/** A heading's words as the text around it has its own: printed dashes and quotes, no marks of emphasis or notes. */
export function cleanTitle(title: string): string {
  const unmarked = title.replace(/\s*\[(?:\d{1,3}|[A-Z*])\]\.?$/, '');
  return cleanText([unmarked], { pageMarks: null, noteMarks: null, bold: false, keepsHyphen: () => true }, false).text.trim();
}

/** Lines to one: a hyphen at a line's end joins, a dash joins without space. */
export function joinRows(rows: readonly string[], rules: Pick<TextRules, 'keepsHyphen'>): string {
  let text = rows[0] ?? '';
  for (let index = 1; index < rows.length; index += 1) {
    const row = rows[index]!;
    const last = text.charCodeAt(text.length - 1);
    if (last === 0x2d && text.length > 1) text = joinHyphen(text, row, rules);
    else if (last === 0xad) text = text.slice(0, -1) + row;
    else if (last === 0x2014 || row.startsWith('--') || row.startsWith('—') || isWide(last)) text += row;
    else text = `${text} ${row}`;
  }
  return text;
}

function joinHyphen(text: string, row: string, rules: Pick<TextRules, 'keepsHyphen'>): string {
  const before = text.charCodeAt(text.length - 2);
  if (before === 0x2d) return text + row;
  const first = /[\p{L}'’]+(?=-$)/u.exec(text.slice(-40))?.[0];
  const second = /^[\p{L}'’]+/u.exec(row)?.[0];
  if (first === undefined) return `${text} ${row}`;
  if (second === undefined || second[0] !== second[0]!.toLowerCase() || rules.keepsHyphen(first, second)) return text + row;
  return text.slice(0, -1) + row;
}

/** Chinese, Japanese and full-width characters take no space between lines. */
function isWide(code: number): boolean {
  return (code >= 0x2e80 && code <= 0x9fff) || (code >= 0xff00 && code <= 0xffef) || code === 0x3000;
}

function rewrite(text: string, rules: TextRules): Omit<CleanText, 'pageLetters'> {
  const emphasis: [number, number][] = [];
  const marks: { mark: string; at: number }[] = [];
  let out = '';
  let copied = 0;
  let opened = -1;
  let markLetters = 0;
  let rewrittenLetters = 0;
  const flush = (to: number): void => {
    if (to > copied) out += text.slice(copied, to);
  };
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (marked[code] === 0) continue;
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
    else if (code >= 0xfb00 && code <= 0xfb06) {
      replacement = ligatures[code - 0xfb00]!;
      rewrittenLetters += 1 - replacement.length;
    } else if ((code === 0x5b || code === 0x7b) && rules.noteMarks !== null) {
      const { pattern, known } = rules.noteMarks;
      pattern.lastIndex = at;
      const mark = pattern.exec(text);
      if (mark === null || !known.has(mark[1]!)) continue;
      flush(at);
      if (out.endsWith(' ')) out = out.slice(0, -1);
      marks.push({ mark: mark[1]!, at: out.length });
      markLetters += countLetters(mark[0]);
      at += mark[0].length - 1;
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
  return { text: out, emphasis, marks, markLetters, rewrittenLetters };
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
