/**
 * How surely the catalog finds a work. What is right is decided by the strictest of comparisons, letters of the main
 * title and surname, which the lookup must reach from titles that were written otherwise; and for works that the catalog
 * does not have, nothing is right.
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { answerFrom, authorKey, titleKey, type Catalog, type CatalogRow } from '@scriptorium/books/checks';

export interface Work {
  readonly title: string;
  readonly author: string;
  readonly language?: string;
  readonly workNumber?: string;
  /** Name of its file. */
  readonly name?: string;
}

/** Of lookups: `wrong` gave another work, `invented` gave one where there is none. */
export interface LookupScore {
  readonly right: number;
  readonly wrong: number;
  readonly missed: number;
  readonly invented: number;
  /** Nothing was to be found, and nothing was. */
  readonly none: number;
  readonly examples: readonly string[];
}

/** `without` asks as if the catalog did not have the works that the query is about. */
export function scoreLookup(
  catalog: Catalog,
  asked: readonly { readonly query: Partial<Work>; readonly truth: Work }[],
  worksOf: (truth: Work) => readonly CatalogRow[],
): LookupScore {
  const score = { right: 0, wrong: 0, missed: 0, invented: 0, none: 0, examples: [] as string[] };
  for (const { query, truth } of asked) {
    const { name = '', ...meta } = query;
    const found = answerFrom(catalog, meta, name).match?.row ?? null;
    const works = worksOf(truth);
    const isRight = found !== null && works.some((row) => row.number === found.number);
    const outcome =
      found === null ? (works.length === 0 ? 'none' : 'missed') : isRight ? 'right' : works.length === 0 ? 'invented' : 'wrong';
    score[outcome] += 1;
    if (outcome !== 'right' && outcome !== 'none')
      score.examples.push(
        `${outcome}: ${query.title ?? name} / ${query.author ?? ''} → ${found === null ? '' : `${found.title} / ${found.authors}`}`,
      );
  }
  return score;
}

/** The rows of the same work: by number, and by the letters of main title and first surname. */
export function workFinder(rows: readonly CatalogRow[]): (truth: Work) => readonly CatalogRow[] {
  const byKey = Map.groupBy(rows, (row) => keyOf(row.title, row.authors));
  const byNumber = new Map(rows.map((row) => [row.number, row]));
  return ({ title, author, workNumber = '' }) => {
    const own = byNumber.get(workNumber);
    return [...(own === undefined ? [] : [own]), ...(byKey.get(keyOf(title, author)) ?? [])];
  };
}

function keyOf(title: string, author: string): string {
  return `${titleKey(title).replaceAll(' ', '')}|${authorKey(author)}`;
}

/** Every row of a catalog. */
export function readRows(path: string): CatalogRow[] {
  const database = new DatabaseSync(path, { readOnly: true });
  const rows = database.prepare('SELECT number, title, authors, language, subjects, bookshelves, volume FROM works').all();
  database.close();
  return rows as unknown as CatalogRow[];
}

/** The books of a corpus as its manifest, which others made, names them. */
export async function corpusWorks(corpus: string): Promise<Work[]> {
  const { books } = JSON.parse(await readFile(join(corpus, 'manifest.json'), 'utf8')) as {
    readonly books: readonly { readonly id: string; readonly title: string; readonly author: string; readonly language: string }[];
  };
  return books.map(({ id, title, author, language }) => {
    const number = /^pg0*(\d+)_/.exec(id)?.[1];
    return { title, author, language: language.slice(0, 2), ...(number === undefined ? {} : { workNumber: number }) };
  });
}

export interface Perturbation {
  readonly name: string;
  /** `at` chooses where, from 0 to 1. */
  readonly apply: (work: Work, at: number) => Partial<Work>;
}

/** What titles and authors suffer on their way into file names, headers and spreadsheets. */
export const perturbations: readonly Perturbation[] = [
  { name: 'no number', apply: ({ title, author }) => ({ title, author }) },
  { name: 'capitals, no article', apply: ({ title, author }) => ({ title: title.replace(/^(The|A|An) /, '').toUpperCase(), author }) },
  { name: 'article last', apply: ({ title, author }) => ({ title: title.replace(/^(The|A|An) (.*)$/, '$2, $1'), author }) },
  { name: 'a letter wrong', apply: ({ title, author }, at) => ({ title: swapped(title, at), author }) },
  { name: 'a letter missing', apply: ({ title, author }, at) => ({ title: dropped(title, at), author }) },
  { name: 'a word missing', apply: ({ title, author }, at) => ({ title: withoutWord(title, at), author }) },
  { name: 'with a subtitle', apply: ({ title, author }) => ({ title: `${title}: A New Edition with Notes`, author }) },
  { name: 'author inverted', apply: ({ title, author }) => ({ title, author: inverted(author) }) },
  { name: 'author by initials', apply: ({ title, author }) => ({ title, author: initialled(author) }) },
  { name: 'author misspelt', apply: ({ title, author }, at) => ({ title, author: swapped(author, 0.7 + at * 0.3) }) },
  { name: 'by file name', apply: ({ title, author }) => ({ name: `${author} - ${title.replace(/[/:?*"<>|\r\n]/g, ' ')}.txt` }) },
];

function place(text: string, at: number): number {
  const spots = [...text.matchAll(/\p{L}/gu)].map((match) => match.index);
  return spots[Math.min(spots.length - 1, Math.floor(at * spots.length))] ?? 0;
}

function swapped(text: string, at: number): string {
  const index = place(text, at);
  return text.slice(0, index) + (text[index] === 'e' ? 'o' : 'e') + text.slice(index + 1);
}

function dropped(text: string, at: number): string {
  const index = place(text, at);
  return text.slice(0, index) + text.slice(index + 1);
}

function withoutWord(title: string, at: number): string {
  const words = title.split(' ');
  if (words.length < 4) return title;
  return words.toSpliced(Math.floor(at * words.length), 1).join(' ');
}

function inverted(author: string): string {
  const words = author.split(' ');
  return words.length < 2 || author.includes(',') ? author : `${words.at(-1)}, ${words.slice(0, -1).join(' ')}`;
}

function initialled(author: string): string {
  const words = author.split(' ');
  return words.length < 2 || author.includes(',')
    ? author
    : `${words
        .slice(0, -1)
        .map((word) => `${word[0]}.`)
        .join(' ')} ${words.at(-1)}`;
}
