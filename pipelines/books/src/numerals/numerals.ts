/**
 * Numbers as books print them, in front of chapters: digits, roman numerals, words of many languages, Chinese numerals
 * in their four ways. A text is a number as a whole or not at all.
 */

import { chineseValue, printChinese } from './chinese.ts';
import { ordinalValue } from './ordinals.ts';
import { romanValue, printRoman } from './roman.ts';
import { englishValue, frenchValue, germanValue, printEnglish } from './words.ts';

export interface PrintedNumber {
  readonly value: number;
  readonly scheme: 'arabic' | 'roman' | 'words' | 'chinese';
}

/**
 * Reads a cardinal or an ordinal: `12`, `１２`, `12th`, `XII`, `xiiii`, `twenty-first`, `the First`, `einundzwanzigstes`,
 * `vingt et unième`, `二十一`, `廿一`, `貳拾壹`, `二一`. White space and one closing full stop or colon do not matter.
 *
 * @returns null for everything else, and for numbers above 99,999.
 */
export function parseNumber(text: string): PrintedNumber | null {
  const trimmed = text.trim().replace(/[.:]$/, '').trim();
  if (trimmed.length === 0 || trimmed.length > 60) return null;
  const digits = arabicValue(trimmed);
  if (digits !== null) return { value: digits, scheme: 'arabic' };
  const code = trimmed.charCodeAt(0);
  if (code >= 0x3000) {
    const chinese = chineseValue(trimmed);
    return chinese === null ? null : { value: chinese, scheme: 'chinese' };
  }
  const roman = romanValue(trimmed);
  if (roman !== null) return { value: roman, scheme: 'roman' };
  const lower = trimmed.normalize('NFC').toLowerCase();
  const words = englishValue(lower) ?? germanValue(lower) ?? frenchValue(lower) ?? ordinalValue(lower);
  return words === null ? null : { value: words, scheme: 'words' };
}

/** The number as the scheme prints it; what {@link parseNumber} reads back. `value` from 1 to 3,999. */
export function printNumber({ value, scheme }: PrintedNumber): string {
  if (scheme === 'arabic') return String(value);
  if (scheme === 'roman') return printRoman(value);
  return scheme === 'words' ? printEnglish(value) : printChinese(value);
}

/** Digits, also full-width ones, with an ordinal's ending. */
function arabicValue(text: string): number | null {
  const match = /^([0-9０-９]{1,5})(?:st|nd|rd|th|er|re|ère|e|ème|\.)?$/i.exec(text);
  if (match?.[1] === undefined) return null;
  return Number(match[1].replace(/[０-９]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0)));
}
