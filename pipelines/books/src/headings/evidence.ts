/**
 * What speaks for a run of numbered lines being the headings of units, and what against it, in points. No single sign
 * decides: a known word for the unit is worth as much as many numbers in a row with chapters' worth of text between, and
 * lines as dense as a list are no chapters whatever they say.
 *
 * The points were set on the books of the corpus and on invented ones (`bench/books/shapes`), which are not of the same shapes.
 */

import { isCounting } from './calendar.ts';
import type { Candidate } from './candidates.ts';
import { keywordLevel } from './keywords.ts';
import type { Limits } from './limits.ts';
import { keyOf } from './piece.ts';
import type { Role } from './roles.ts';

/** Candidates of one class in a row, each number one above the one before. */
export interface Run {
  readonly members: readonly Candidate[];
  /** Letters from each member to the next; of the last one none, unless it is alone. */
  readonly bodies: readonly number[];
  /** Median of the bodies. */
  readonly body: number;
}

/** What of the whole book is needed to weigh a part of it. */
export interface Setting {
  /** Letters of the book. */
  readonly end: number;
  /** Blank lines before most paragraphs. */
  readonly usualGap: number;
  /** Keys of the titles in the contents list. */
  readonly expected: ReadonlySet<string>;
  readonly limits: Limits;
  /** Whether the run goes on where another one ended. */
  readonly continues: (members: readonly Candidate[]) => boolean;
  /** Where the heading right above the piece belongs, if it says so itself (`INTRODUCTION`, `NOTES`). */
  readonly placeAbove: (piece: number) => Role['place'] | null;
  /** Whether units with a word for them divide the book already. */
  readonly divided: boolean;
}

type Sign = (run: Run, setting: Setting) => number;

/** Each sign's points, most of them from -3 to 3. */
const signs: { readonly [name: string]: Sign } = {
  /** Accidents do not count far. One chapter alone is hardly one; one part may be, in a volume of several. */
  length: ({ members }) => {
    const { length } = members;
    if (length === 1) return keywordLevel(members[0]!.class) === 1 ? -1 : -3;
    return length === 2 ? 0.5 : length === 3 ? 1.5 : length < 7 ? 2 : 3;
  },
  /** A word that names units elsewhere; digits alone number also lists, verses and notes. */
  word: ({ members }) => {
    const { class: name, label } = members[0]!;
    if (!name.startsWith('#')) return keywordLevel(name) !== null ? 3 : captionWords.has(name) ? -9 : 0;
    return label.scheme === 'arabic' ? -0.5 : label.scheme === 'dates' ? -1 : 0;
  },
  /** Units are counted from 1, or on from where others ended; the first may be missing. */
  beginning: ({ members }, { continues }) => {
    const { value: first, scheme } = members[0]!.label;
    if (isCounting(scheme) && scheme !== 'letters') return 0;
    return first === 1 ? 1 : continues(members) ? 1 : members.length < 3 ? -3 : first === 2 ? 0.5 : -1.5;
  },
  /** A page of print has about 1,500 letters. Short chapters exist where a word names them, and sonnets where nothing else divides the book. */
  text: (run, { divided, end, limits }) => {
    const { members, body } = run;
    const named = !members[0]!.class.startsWith('#') && keywordLevel(members[0]!.class) !== null;
    const dated = members[0]!.label.scheme === 'dates';
    if (body < limits.listLetters) return members.length === 1 && named ? 0 : -9;
    if (body < limits.shortLetters) return named || dated ? 0 : !divided && isCycle(run, end) ? -1 : -4;
    return body < 2000 ? 0 : 0.5;
  },
  /** Headings stand further apart from what is above them than paragraphs do. */
  space: ({ members }, { usualGap }) => {
    const apart = members.filter((member) => member.gap > usualGap).length / members.length;
    return apart >= 0.8 ? 1 : apart >= 0.5 ? 0.5 : -0.5;
  },
  /** The contents list names them. */
  listed: ({ members }, { expected }) => {
    const named = members.filter((member) => member.title !== '' && expected.has(keyOf(member.title))).length;
    return named >= Math.max(1, members.length * 0.5) ? 2 : 0;
  },
  /** Units of one kind go through a good part of the book, or of what holds them; a list stands in one place. */
  spread: ({ members }, { end }) => {
    const share = (members.at(-1)!.at - members[0]!.at) / Math.max(1, end);
    return members.length === 1 ? 0 : share > 0.4 ? 1 : share > 0.1 ? 0.5 : share < 0.01 ? -0.5 : 0;
  },
  /** Units of one kind are of a length; what numbers this and that is not. */
  regular: ({ bodies }) => {
    if (bodies.length < 4) return 0;
    const ratio = unevenness(bodies);
    return ratio <= 4 ? 0.5 : ratio > 30 ? -1 : 0;
  },
};

/** How many times as long as the shorter quarter the longer quarter of the bodies is. */
function unevenness(bodies: readonly number[]): number {
  const sorted = bodies.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length * 0.75)]! / Math.max(1, sorted[Math.floor(sorted.length * 0.25)]!);
}

/** Numbers alone over pieces of one length, through the whole book. */
function isCycle({ members, bodies }: Run, end: number): boolean {
  const share = (members.at(-1)!.at - members[0]!.at) / Math.max(1, end);
  return members.length >= 12 && members.every((member) => member.title === '') && share > 0.5 && unevenness(bodies) < 2;
}

/** Words that number pictures, tables and remarks, not units. */
const captionWords: ReadonlySet<string> = new Set(
  'table figure fig plate page map note footnote illustration tabelle abbildung tafel planche exhibit'.split(' '),
);

export function isBelieved(run: Run, setting: Setting): boolean {
  return pointsOf(run, setting).total >= setting.limits.believedRun;
}

/** The points by sign, for whoever asks why a run was taken for headings or not. */
export function pointsOf(run: Run, setting: Setting): { readonly total: number; readonly signs: { readonly [name: string]: number } } {
  const points = Object.fromEntries(Object.entries(signs).map(([name, sign]) => [name, sign(run, setting)]));
  return { total: Object.values(points).reduce((sum, each) => sum + each, 0), signs: points };
}
