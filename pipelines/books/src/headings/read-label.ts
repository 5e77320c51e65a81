/**
 * Reads one printed row as the opening of a heading: an optional word for the unit (chapter, book, 第…回), a number, and
 * what follows it. Whether the row is a heading at all is decided over the whole book in `headings.ts`.
 */

import { parseNumber } from '../numerals/numerals.ts';
import { chineseLabel } from './chinese-label.ts';
import { keywordLevel, unitWord } from './keywords.ts';
import type { Label, NumberScheme } from './label.ts';

const firstWord = /^(?:the\s+|THE\s+|The\s+)?([\p{L}]{2,20})\.?[\s ]+(?=\S)/u;
const numberFirst = /^[([]?(?:([IVXLCDM]+|[ivxlc]+)|(\d{1,3}))[)\]]?([.:,—–-]*)(\s*)(.*)$/s;
const separators = /^[\s.:,;)\]—–-]+/;

/** A number alone between dashes and the like: `—3—`, `-IV-`, `[ 2 ]`. */
const frame = /^[—–\-~¶•·[(<]+\s*([IVXLC]+|\d{1,3})\s*[—–\-~•·\])>.]*$/u;

/** Small letters open a label in `iv.` and in modern settings (`chapter one`). */
const lowerLabel = /^(?:[ivxlc]+[.)\]]|(?:chapter|part|book)\s+[\p{L}\d]+(?:[- ][\p{L}]+)?[.:]?$)/u;

/** Rows longer than this are prose, unless they open with a unit's word and number; those longer than the second are in any case. */
const longestRow = 160;
const longestWorded = 500;

/** The row's label, or null when it opens with no number. */
export function parseLabel(row: string): Label | null {
  const text = stripMarkup(row);
  if (text.length === 0 || text.length > longestWorded) return null;
  if (text.length > longestRow) return startsUpper(text) ? keywordLabel(text) : null;
  const code = text.charCodeAt(0);
  if (code >= 0x3000) return chineseLabel(text);
  if (code === 0xa7) return sectionLabel(text);
  const framed = text.length <= 16 ? frame.exec(text)?.[1] : undefined;
  if (framed !== undefined) return numberLabel(framed);
  if (isDigit(code) || code === 0x28 || code === 0x5b) return numeralLabel(text) ?? numberLabel(text);
  if (!startsUpper(text) && !lowerLabel.test(text)) return null;
  return keywordLabel(text) ?? numeralLabel(text) ?? numberLabel(text) ?? ordinalLabel(text) ?? wordsLabel(text);
}

/** The text without the marks that stand for italics, bold and frames. */
export function stripMarkup(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isMark(text.charCodeAt(from))) from += 1;
  while (to > from && isMark(text.charCodeAt(to - 1))) to -= 1;
  const inner = from === 0 && to === text.length ? text : text.slice(from, to);
  const plain = inner.includes('_') ? inner.replaceAll('_', '') : inner;
  return plain.includes('=') ? plain.replace(/=([^=]+)=/g, '$1').replace(/=(?=\s|$)|(?<=^|\s)=/g, '') : plain;
}

/** White space, `_`, `=`, `*`, `|`, `~`, `#`. */
function isMark(code: number): boolean {
  return (
    code <= 0x20 ||
    code === 0x5f ||
    code === 0x3d ||
    code === 0x2a ||
    code === 0x7c ||
    code === 0x7e ||
    code === 0x23 ||
    code === 0xa0 ||
    code === 0x3000
  );
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function startsUpper(text: string): boolean {
  const first = text[0]!;
  return first !== first.toLowerCase() || /^\p{Lu}/u.test(text);
}

/** `§ 7`, `§ 7. The Quay`. */
function sectionLabel(text: string): Label | null {
  const found = /^§+\s*(\d{1,4}|[IVXLC]+)(?![\p{L}\d])/u.exec(text);
  const number = found === null ? null : parseNumber(found[1]!);
  return number === null ? null : titled('§', { text: found![1]!, length: 0, ...number }, text.slice(found![0].length));
}

function keywordLabel(text: string): Label | null {
  const found = firstWord.exec(text);
  if (found === null) return null;
  const word = found[1]!.toLowerCase();
  const keyword = unitWord(word);
  const rest = text.slice(found[0].length);
  const known = keywordLevel(keyword) !== null;
  if (!known && !/^(?:[#№(]|No\.\s*)?[\dIVXLCDM]/.test(rest)) return null;
  const number = leadingNumber(rest);
  if (number === null) return null;
  // A word that is unknown as a unit counts only before a numeral, not before a number word ("Twenty one", "Chapter" vs "These three").
  if (!known && (number.scheme === 'words' || number.value === null || parseNumber(word) !== null)) return null;
  return titled(keyword, number, rest.slice(number.length));
}

interface LeadingNumber {
  readonly text: string;
  readonly length: number;
  readonly value: number | null;
  readonly scheme: NumberScheme;
}

/** A number at the start of `text`: digits, roman numerals, `Twenty-one`, `the First`, `THE LAST`. */
function leadingNumber(text: string): LeadingNumber | null {
  const digits = /^[#№]?\s?(?:No\.\s*)?(\d{1,4}|[IVXLCDM]+|[ivxlcdm]+)(?![\p{L}\d'’])/u.exec(text);
  if (digits !== null) {
    const parsed = parseNumber(digits[1]!);
    if (parsed === null) return null;
    return { text: digits[1]!, length: digits[0].length, value: parsed.value, scheme: parsed.scheme };
  }
  const article = /^(?:the|der|die|das|la|le)\s+/i.exec(text)?.[0] ?? '';
  const words = /^[\p{L}]+(?:[- ][\p{L}]+){0,3}/u.exec(text.slice(article.length))?.[0];
  if (words === undefined) return null;
  for (let candidate = words; candidate !== ''; candidate = candidate.replace(/[- ]?[\p{L}]+$/u, '')) {
    const parsed = parseNumber(candidate);
    if (parsed !== null && parsed.scheme === 'words')
      return { text: candidate, length: article.length + candidate.length, value: parsed.value, scheme: 'words' };
    if (/^(?:the )?last$/i.test(candidate) && article !== '')
      return { text: (article + candidate).trim(), length: article.length + candidate.length, value: null, scheme: 'words' };
  }
  return null;
}

function titled(keyword: string | null, number: LeadingNumber, rest: string): Label | null {
  const separator = separators.exec(rest)?.[0] ?? '';
  const title = rest.slice(separator.length).trim();
  if (title !== '' && separator === '') return null;
  if (separator.startsWith(',') && !isCaps(title) && title.split(/\s+/).length > 6) return null;
  const apart =
    title === '' ||
    /[.:;)\]—–-]/.test(separator) ||
    /\s{2}/.test(separator) ||
    isCaps(title) ||
    (startsUpper(title) && !/[.?!]\s+\p{L}/u.test(title) && title.length < 80);
  return { keyword, number: number.text, value: number.value, scheme: number.scheme, title, apart };
}

function numberLabel(text: string): Label | null {
  const found = numberFirst.exec(text);
  if (found === null) return null;
  const [, roman, arabic, punctuation = '', space = '', rest = ''] = found;
  const printed = roman ?? arabic!;
  const title = rest.replace(separators, '').trim();
  // `I have` and `10 men` are prose: without punctuation the title must be set apart by space or capitals.
  if (title !== '' && punctuation === '' && space.length < 2 && !(isCaps(title) && title.length > 2 && space !== '')) return null;
  if (title !== '' && space === '' && !/[—–-]/.test(punctuation)) return null;
  if (roman !== undefined && roman.toLowerCase() === roman && (punctuation === '' || title !== '')) return null;
  const number = parseNumber(printed);
  if (number === null || number.value > 400) return null;
  return { keyword: null, number: printed, value: number.value, scheme: number.scheme, title, apart: true };
}

/** `One night` is prose, `First night` may be a heading. */
const cardinal =
  /^(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\p{L}+(?:teen|ty)|\p{L}+ty[- ](?:one|two|three|four|five|six|seven|eight|nine)|eine?|zwei|drei|une?|deux|trois)$/iu;

const numberThenWord = /^(?:the\s+|la\s+|el\s+)?([\p{L}]+(?:[- ][\p{L}]+)?|\d{1,3}(?:st|nd|rd|th|er|e|ème|\.))\s+([\p{L}]+)(?![\p{L}'’])/iu;
const numeralThenWord = /^(?:(\d{1,3})\.?|([IVXLC]+)(\.?))\s+(\p{L}+)(?=[.:]|$)/u;

/** `I. Kapitel`, `12. Kapitel: Die Reise`, `IV LUKU.`; without a stop `I act` is prose. */
function numeralLabel(text: string): Label | null {
  const found = numeralThenWord.exec(text);
  if (found === null) return null;
  const [all, arabic, roman, stop, word] = found;
  const keyword = unitWord(word!);
  const parsed = keywordLevel(keyword) === null || (stop === '' && !isCaps(all)) ? null : parseNumber(arabic ?? roman!);
  return parsed === null ? null : titled(keyword, { text: arabic ?? roman!, length: all.length, ...parsed }, text.slice(all.length));
}

/** `THE FIRST BOOK`, `Second Part`, `Erstes Kapitel`, `Premier chapitre`. */
function ordinalLabel(text: string): Label | null {
  const found = numberThenWord.exec(text);
  if (found === null) return null;
  const keyword = unitWord(found[2]!);
  if (keywordLevel(keyword) === null) return null;
  if (/^(?:last|letzte[rs]?|derniere?|dernière|laatste|ultimo|último)$/i.test(found[1]!))
    return titled(keyword, { text: found[1]!, length: found[0].length, value: null, scheme: 'words' }, text.slice(found[0].length));
  if (cardinal.test(found[1]!)) return null;
  const parsed = parseNumber(found[1]!.replace(/(?:st|nd|rd|th|er|e|ème|\.)$/i, (ending) => (/^\d/.test(found[1]!) ? '' : ending)));
  if (parsed === null) return null;
  return titled(
    keyword,
    { text: found[1]!, length: found[0].length, value: parsed.value, scheme: parsed.scheme },
    text.slice(found[0].length),
  );
}

/** A number in words, alone or set off from a title by a stop or a dash: `TWENTY-ONE`, `FIVE. The Quay`. */
function wordsLabel(text: string): Label | null {
  const found = /^([\p{L}]+(?:[- ][\p{L}]+)?)(?:[.:]?$|(?:[.:]|\s*(?:[—–]|--))\s*(?=[\p{Lu}\d“"‘]))/u.exec(text);
  const words = found?.[1];
  if (words === undefined) return null;
  const parsed = parseNumber(words);
  if (parsed === null || parsed.scheme !== 'words') return null;
  return { keyword: null, number: words, value: parsed.value, scheme: 'words', title: text.slice(found![0].length).trim(), apart: true };
}

/** Whether a text has letters and no lower-case ones, small words and one stray letter aside. */
export function isCaps(text: string): boolean {
  let upper = 0;
  let lower = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code >= 0x61 && code <= 0x7a) lower += 1;
    else if (code >= 0x41 && code <= 0x5a) upper += 1;
    else if (code > 0x7f) {
      const character = text[index]!;
      if (character !== character.toUpperCase()) lower += 1;
      else if (character !== character.toLowerCase()) upper += 1;
    }
  }
  return upper > 0 && lower * 8 <= upper;
}
