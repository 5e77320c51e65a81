/** The numbers in the titles of a contents table, or of chapter files. */

import { parseLabel } from '../headings/read-label.ts';
import type { NumberedUnit } from './sequence.ts';

/** Ornaments that scrapers leave before titles. */
const ornament: RegExp = /^[\s　◎○●◆■□△▲※☆★·•*#]+(?=\S)/u;
/** `卷一`, `卷之十二`, `卷第三`: a number that counts volumes, of which each may hold many titles. */
const volumeMark: RegExp = /^卷\s*[之第]?\s*([〇零一二三四五六七八九十百千廿卅卌]+)(.*)$/su;

/**
 * Titles that share a volume mark stand in one volume: their mark is their part and not their number. A mark that no two
 * titles share counts the volumes, of which each is one unit.
 */
export function unitsOfTitles(titles: readonly string[]): NumberedUnit[] {
  const marks = titles.map((title) => volumeMark.exec(normal(title)));
  const shared = marks.some((mark, index) => mark !== null && mark[1] === marks[index + 1]?.[1]);
  const bare = titles.filter((title) => parseLabel(normal(title))?.keyword === null);
  // A number without a word that no other title has is part of the title.
  const counts = (title: string): boolean => bare.length !== 1 || title !== bare[0] || titles.length === 1;
  return titles.map((title, index) => {
    const mark = marks[index];
    if (mark === null || mark === undefined) return { title, value: counts(title) ? titleNumber(title) : null };
    if (!shared) return { title, value: titleNumber(`第${mark[1] ?? ''}卷`), volume: true };
    return { title, value: titleNumber(mark[2] ?? ''), part: mark[1] ?? '' };
  });
}

/** The value of the number that the title opens with, null where it has none. */
export function titleNumber(title: string): number | null {
  return parseLabel(normal(title))?.value ?? null;
}

/** Zero has look-alikes among the circles. */
function normal(title: string): string {
  return title
    .trim()
    .replace(ornament, '')
    .replace(/^[第卷之]{1,3}[〇○◯Ｏ零一二三四五六七八九十百千]+/u, (number) => number.replaceAll(/[○◯Ｏ]/gu, '〇'));
}
