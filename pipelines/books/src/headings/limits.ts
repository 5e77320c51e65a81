/**
 * The numbers that heading detection weighs with, in one place, so that a bench can move each of them and see that no
 * book hangs on it (`npm run bench -- book-limits`). They were set on the corpus and on invented books.
 */

export interface Limits {
  /** Points that a run of numbers needs to be headings. */
  readonly believedRun: number;
  /** Points that lines of one gap need to be headings. */
  readonly believedLines: number;
  /** Letters of text below which lines no further apart than a list are no chapters, and below which only a word makes chapters. */
  readonly listLetters: number;
  readonly shortLetters: number;
  /** How many times as short as the text of the same numbers elsewhere a list is. */
  readonly listTimes: number;
  /** Of a class, how many must have a title below its number, or above it, for it to be one there. */
  readonly titleBelowShare: number;
  readonly titleAboveShare: number;
  /** Of the places where numbers start anew, how many must be headed for it to be the rule. */
  readonly headedShare: number;
  /** Of the titles of a contents list, how many must be found for it to be believed. */
  readonly listedShare: number;
  /** Letters between headings that make as much of a chapter as there can be: between wide gaps, and between lines in capitals. */
  readonly gapLetters: number;
  readonly capitalsLetters: number;
  /** Share of the lines that one manner of setting must have to speak for them wholly. */
  readonly alikeShare: number;
  /** Up to this share of the book the first heading is at its place. */
  readonly openingShare: number;
}

export const usualLimits: Limits = {
  believedRun: 2,
  believedLines: 2,
  listLetters: 120,
  shortLetters: 700,
  listTimes: 10,
  titleBelowShare: 0.5,
  titleAboveShare: 0.8,
  headedShare: 0.8,
  listedShare: 0.4,
  gapLetters: 1000,
  capitalsLetters: 4000,
  alikeShare: 0.9,
  openingShare: 0.25,
};
