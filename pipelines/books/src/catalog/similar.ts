/** How much a title and an author of a file are those of a work in the catalog. */

import { distance } from 'fastest-levenshtein';
import { parseNumber } from '../numerals/numerals.ts';
import { authorKey, lastArticle, plain, sameAuthor, titleKey } from './key.ts';

export interface Named {
  readonly title: string;
  /** Of the first author, or of several with `;` between them; empty where unknown. */
  readonly author: string;
}

/** From this score on, a work is taken for the one that was looked for; measured by `npm run bench -- sanity`. */
export const leastScore = 0.82;

/** What one main title is worth, whatever the subtitles. */
export const sameTitle = 0.985;
/** Without a known author the title alone has to tell, and then all but exactly. */
const titleAlone = { least: sameTitle, score: 0.9 };
/** A title of fewer letters has too many neighbours to be taken for another one. */
const shortTitle = 5;
/** Words of at least this likeness are the same one with a slip in it. */
const sameWord = 0.75;

/**
 * From 0 to 1: the likeness of the titles times the weight of the authors. 0 where both titles have numbers and not the
 * same ones, and where two known authors have different names.
 */
export function scoreOf(wanted: Named, work: Named): number {
  const numbers = numbersLikeness(wanted.title, work.title);
  if (numbers === 0) return 0;
  const title = titleLikeness(wanted.title, work.title) * numbers;
  const author = authorLikeness(wanted.author, work.author);
  if (author === null) return title >= titleAlone.least ? titleAlone.score * title : 0;
  return author === 0 ? 0 : title * (0.5 + 0.5 * author);
}

/**
 * 0 where the numbers contradict each other. A volume is no whole, however like the rest of the titles is; a whole that
 * is asked for may have been catalogued in volumes.
 */
function numbersLikeness(wanted: string, work: string): number {
  const [one, other] = [numbersIn(wanted), numbersIn(work)];
  if (one.size === 0) return other.size === 0 ? 1 : 0.9;
  if (other.size === 0) return 0.8;
  return one.isSubsetOf(other) || other.isSubsetOf(one) ? 1 : 0;
}

const ordinals: readonly string[] = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth'];

/** Digits, ordinals, roman numerals in capitals, and what follows `Volume`, `Part` and the like. */
function numbersIn(title: string): Set<number> {
  const numbers = new Set<number>();
  for (const digits of title.match(/\d+/g) ?? []) numbers.add(Number(digits));
  for (const word of plain(title).split(' ')) if (ordinals.includes(word)) numbers.add(ordinals.indexOf(word) + 1);
  const counted = title.matchAll(/\b(?:volume|vol|part|book|series|band|teil|tome)\b\.?\s+([ivxlc]+|[a-z]+)\b/gi);
  for (const [, number = ''] of [...counted, ...title.matchAll(/\b([IVX]{2,5})\b/g)]) {
    const value = parseNumber(number)?.value;
    if (value !== undefined) numbers.add(value);
  }
  return numbers;
}

/** The better of main title and whole title, letter by letter or word by word. */
export function titleLikeness(one: string, other: string): number {
  const [main, otherMain] = [titleKey(one), titleKey(other)];
  if (main === '' || otherMain === '') return 0;
  const [whole, otherWhole] = [wholeTitle(one), wholeTitle(other)];
  // Of two works of one main title, the one whose subtitle agrees too.
  if (main === otherMain) return sameTitle + (1 - sameTitle) * likeness(whole, otherWhole);
  if (Math.min(letters(main), letters(otherMain)) < shortTitle) return 0;
  if (opens(whole, otherMain) || opens(otherWhole, main)) return 0.95;
  return Math.max(likeness(main, otherMain), likeness(whole, otherWhole), byWords(main, otherMain), byWords(whole, otherWhole));
}

/** Null where one of them is unknown; less than 1 where only a later author of the work, or a surname with a slip, agrees. */
export function authorLikeness(one: string, other: string): number | null {
  const [wanted, known] = [namesIn(one), namesIn(other)];
  if (wanted.length === 0 || known.length === 0) return null;
  let best = 0;
  for (const [index, name] of wanted.entries())
    for (const [place, against] of known.entries()) best = Math.max(best, nameLikeness(name, against) - (index + place > 0 ? 0.1 : 0));
  return best;
}

interface Name {
  readonly surname: string;
  /** First letters of the names before it. */
  readonly initials: string;
}

const rank: RegExp =
  /\b(?:baroness|baron|sir|dame|lord|lady|count|countess|comte|rev|dr|mrs?|miss|captain|capt|saint|st|professor|prof)\b\.?\s*/gi;
const nobody: RegExp = /^(?:anonymous|anon|various|unknown|none|佚名|无名氏|無名氏|不详|不詳)$/;

function namesIn(authors: string): readonly Name[] {
  return authors
    .replace(/\[[^\]]*\]|\([^)]*\)/g, '')
    .split(/;|\r?\n|\s+(?:and|und|et)\s+|\s+&\s+/)
    .map((author) =>
      author
        .replace(rank, '')
        .replace(/,?\s*\b(?:jr|sr|esq)\b\.?/gi, '')
        .replace(/,?\s*(?:\d{3,4}\??(?:\s*BCE)?\s*-.*|-\d{3,4}.*)$/, ''),
    )
    .map((author) => ({ surname: authorKey(author), initials: initialsOf(author) }))
    .filter(({ surname }) => surname !== '' && !nobody.test(surname));
}

function initialsOf(author: string): string {
  const comma = author.indexOf(',');
  const given = comma >= 0 ? plain(author.slice(comma + 1)).split(' ') : plain(author).split(' ').slice(0, -1);
  return given.map((name) => name.slice(0, 1)).join('');
}

function nameLikeness(one: Name, other: Name): number {
  const known = one.initials !== '' && other.initials !== '';
  const agree = known && one.initials[0] === other.initials[0];
  const surnames = sameAuthor(one.surname, other.surname) ? 1 : surnameLikeness(one.surname, other.surname, agree);
  return surnames * (known && !agree ? 0.7 : 1);
}

/** Particles (`du`, `van`) may be missing; in a short name one slip weighs much, so that the first name must agree. */
function surnameLikeness(one: string, other: string, agree: boolean): number {
  const [last, otherLast] = [one.split(' ').at(-1) ?? '', other.split(' ').at(-1) ?? ''];
  const best = Math.max(likeness(one, other), likeness(last, otherLast));
  if (best >= sameWord) return best;
  return agree && Math.min(last.length, otherLast.length) >= 3 && distance(last, otherLast) === 1 ? 0.7 : 0;
}

function wholeTitle(title: string): string {
  return plain(title.replace(lastArticle, '')).replace(/^(?:the|a|an) (?=\S)/, '');
}

/** Two words at least: one alone opens too many titles. */
function opens(whole: string, main: string): boolean {
  return main.includes(' ') && letters(main) >= 8 && whole.startsWith(`${main} `);
}

function likeness(one: string, other: string): number {
  return 1 - distance(one, other) / Math.max(one.length, other.length, 1);
}

const smallWords: ReadonlySet<string> = new Set(['the', 'a', 'an', 'of', 'and', 'or', 'in', 'on', 'to', 'der', 'die', 'das', 'le', 'la']);

/** Letters in words that both have, of all letters; the order of the words does not matter. */
function byWords(one: string, other: string): number {
  const words = one.split(' ').filter((word) => !smallWords.has(word));
  const left = other.split(' ').filter((word) => !smallWords.has(word));
  // Of fewer words than this the letters tell more.
  if (Math.min(words.length, left.length) < 2) return 0;
  const all = letters(words.join('')) + letters(left.join(''));
  let shared = 0;
  for (const word of words) {
    const at = left.findIndex((against) => against === word || (word.length >= 4 && likeness(word, against) >= sameWord));
    if (at < 0) continue;
    shared += likeness(word, left[at] ?? '') * (word.length + (left[at] ?? '').length);
    left.splice(at, 1);
  }
  return all === 0 ? 0 : shared / all;
}

function letters(text: string): number {
  return text.replaceAll(' ', '').length;
}

/** The pieces by which similar titles are found: three letters of each padded word, two of scripts that write no spaces. */
export function gramsOf(title: string): string[] {
  const grams = new Set<string>();
  for (const word of wholeTitle(title).split(' ')) {
    if (/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(word)) {
      const points = [...word];
      for (const [index, point] of points.entries()) grams.add(point + (points[index + 1] ?? ''));
    } else if (!smallWords.has(word)) {
      const padded = `0${word}0`;
      for (let at = 0; at + 3 <= padded.length; at += 1) grams.add(padded.slice(at, at + 3));
    }
  }
  return [...grams];
}
