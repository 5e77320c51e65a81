/**
 * Numbers as evidence: headings of one kind count upward through the book, and start anew in each part. A class of
 * candidates is believed when most of it forms such runs with chapters' worth of text between.
 */

import { countsOn, isCounting } from './calendar.ts';
import type { Candidate } from './candidates.ts';
import { isBelieved } from './evidence.ts';
import type { Run, Setting } from './evidence.ts';
import { median } from './draft.ts';
import { keywordLevel } from './keywords.ts';
import { areAlike } from './typography.ts';

const risingShare = 0.75;

/** The candidates that numbers confirm, class by class. */
export function confirmed(
  candidates: readonly Candidate[],
  { end, ...book }: Omit<Setting, 'continues' | 'divided'>,
): Map<string, Candidate[]> {
  const classes = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    const members = classes.get(candidate.class);
    if (members === undefined) classes.set(candidate.class, [candidate]);
    else members.push(candidate);
  }
  const accepted = new Map<string, Candidate[]>();
  for (const [name, members] of classes) {
    const believed = name.startsWith('#') ? [] : keyworded(members, { end, ...book, continues: () => false, divided: false });
    if (believed.length > 0) accepted.set(name, believed);
  }
  const worded = [...accepted.values()].flat().sort((left, right) => left.piece - right.piece);
  for (const [name, members] of classes) {
    const setting = { end, ...book, continues: (run: readonly Candidate[]) => continues(worded, run), divided: worded.length > 1 };
    const believed = name.startsWith('#') && !isNamed(members) ? afterOpening(numbered(members, setting), worded, book.placeAbove) : [];
    if (believed.length > 0) accepted.set(name, believed);
  }
  // Dates stand below the numbers of letters, too, and letters in an index: they count where no number does.
  const divided = [...accepted].some(([name, members]) => members.length > 1 && keywordLevel(name) !== 1);
  for (const [name, members] of classes) {
    const setting = { end, ...book, continues: () => false, divided };
    const believed = isNamed(members) && mostlyRise(members) && !divided ? numbered(members, setting) : [];
    if (believed.length > 0) accepted.set(name, believed);
  }
  const units = [...accepted.values()].flat();
  for (const [name, members] of classes) {
    const opening = accepted.has(name) || keywordLevel(name) !== 1 ? [] : members.filter((member) => opensUnits(member, units, end));
    if (opening.length > 0) accepted.set(name, opening);
  }
  return accepted;
}

/** Dates of letters, in whatever order they are printed, rise half of the time. */
function mostlyRise(members: readonly Candidate[]): boolean {
  const rising = members.filter((member, index) => index > 0 && member.label.value! > members[index - 1]!.label.value!);
  return rising.length >= (members.length - 1) * risingShare;
}

function isNamed(members: readonly Candidate[]): boolean {
  return isCounting(members[0]!.label.scheme);
}

/** A part without a first one (`The Second Part`) is believed inside the book, right above a chapter. */
function opensUnits(member: Candidate, units: readonly Candidate[], end: number): boolean {
  return member.at > end * 0.05 && units.some((unit) => unit.piece > member.piece && unit.piece - member.piece <= 3);
}

/**
 * Numbers that all stand before the first of several worded chapters divide a preface or an introduction, unless they are
 * as far apart as those chapters and no such word is above them: then they divide another work.
 */
function afterOpening(members: readonly Candidate[], worded: readonly Candidate[], placeAbove: Setting['placeAbove']): Candidate[] {
  const chapters = worded.filter((candidate) => keywordLevel(candidate.class) === 2);
  const before = chapters.length >= 3 && members.length > 0 && members.at(-1)!.piece < chapters[0]!.piece;
  const other = before && distance(members) * 2 >= distance(chapters) && placeAbove(members[0]!.piece) === null;
  return before && !other ? [] : [...members];
}

/** Letters from one to the next, in the median. */
export function distance(members: readonly Candidate[]): number {
  return median(members.slice(1).map((member, index) => member.at - members[index]!.at)) ?? 0;
}

/**
 * Every run in a class: a number extends the latest open run that it follows, one that is set in its own manner and as
 * much apart before others; 1 opens a new one. A number between two that would be neighbours without it is a misprint and
 * counts as the one that is missing; else up to two numbers may be left out.
 */
export function runsOf(members: readonly Candidate[], end: number): Run[] {
  const open: { readonly members: Candidate[]; last: number }[] = [];
  const numbered = members.filter((member) => member.label.value !== null);
  for (const [index, member] of numbered.entries()) {
    const value = member.label.value!;
    if (isCounting(member.label.scheme)) {
      const run = open.findLast(({ last }) => countsOn(member.label, last));
      if (run === undefined) open.push({ members: [member], last: value });
      else {
        run.members.push(member);
        run.last = value;
      }
      continue;
    }
    const next = numbered[index + 1]?.label.value;
    const before = open.filter((run) => value === run.last + 1);
    const alike = before.filter((run) => areAlike(run.members.at(-1)!.manner, member.manner));
    const follows = alike.findLast((run) => isApart(run.members.at(-1)!) === isApart(member)) ?? alike.at(-1) ?? before.at(-1);
    const run =
      follows ??
      (value === 1
        ? undefined
        : (open.findLast((other) => next === other.last + 2) ??
          open.findLast((other) => other.members.length >= 3 && value > other.last && value - other.last <= 3)));
    if (run === undefined || value === 1) open.push({ members: [member], last: value });
    else {
      run.members.push(member);
      run.last = next === run.last + 2 ? run.last + 1 : value;
    }
  }
  return open.map((run) => {
    const bodies = run.members
      .map((member, index) => (run.members[index + 1]?.at ?? end) - member.at)
      .slice(0, Math.max(1, run.members.length - 1));
    return { members: run.members, bodies, body: bodies.toSorted((left, right) => left - right)[Math.floor(bodies.length / 2)] ?? 0 };
  });
}

/** Further from the text above than stanzas are. */
function isApart({ gap }: Candidate): boolean {
  return gap > 1;
}

/** Numbers without a word. */
function numbered(members: readonly Candidate[], setting: Setting): Candidate[] {
  return ordered(withoutNested(runsOf(members, setting.end).filter((run) => isBelieved(run, setting))));
}

/** Whether numbers go on where those with a word ended (`ADVENTURE VI.`, then `VII.`). */
export function continues(worded: readonly Candidate[], members: readonly Candidate[]): boolean {
  const before = worded.findLast((other) => other.piece < members[0]!.piece)?.label.value ?? null;
  return before !== null && before > 1 && members[0]!.label.value === before + 1;
}

/** Paragraphs that open like headings are none, unless that is how most of the headings read. */
function keyworded(all: readonly Candidate[], setting: Setting): Candidate[] {
  const certain = all.filter((member) => !member.doubtful);
  const alike = certain.length * 2 >= all.length ? certain : all;
  const members = alike.filter((member, index) => !isAnnounced(member, alike[index + 1]));
  const runs = runsOf(members, setting.end);
  const longest = runs.reduce<Run | null>((best, run) => (best === null || run.members.length > best.members.length ? run : best), null);
  const believed = runs.filter((run) => isBelieved(run, setting) || (isStray(run, longest) && isBelieved(longest!, setting)));
  const kept = withoutNested(withoutLists(believed, setting));
  const unnumbered = kept.length === 0 ? [] : members.filter((member) => member.label.value === null);
  return [...ordered(kept), ...unnumbered].sort((left, right) => left.piece - right.piece);
}

/** A number or two that belong to no longer run of the same word: misprinted ones, or the rest of another part. */
function isStray(run: Run, longest: Run | null): boolean {
  return (
    longest !== null && run !== longest && longest.members.length >= 2 && run.members.length < longest.members.length && run.body >= 120
  );
}

/** A heading printed twice in a row, as on a page of its own before the chapter, counts once. */
function isAnnounced(member: Candidate, next: Candidate | undefined): boolean {
  return next !== undefined && member.label.value !== null && next.label.value === member.label.value && next.at - member.at < 160;
}

/**
 * Runs that the same numbers with ten times the text show to be a list: of contents before it, of notes behind it. Below
 * a heading that says so (`NOTES`), more text is enough.
 */
function withoutLists(runs: readonly Run[], { placeAbove, limits }: Setting): Run[] {
  return runs.filter((run) => {
    const first = run.members[0]!;
    const times = placeAbove(first.piece) === 'back' ? 1.5 : limits.listTimes;
    return !runs.some(
      (other) =>
        other.members[0]!.label.value === first.label.value &&
        other.members.length >= run.members.length * 0.6 &&
        run.body * times < other.body,
    );
  });
}

/**
 * A run between two neighbours of a longer one is a story inside a chapter, unless it is printed just as those are:
 * then its numbers are misprinted or repeated. The same holds for a lone number beside longer runs.
 */
function withoutNested(runs: readonly Run[]): Run[] {
  return runs.filter((run) => {
    const outer = runs.find((other) => other.members.length > Math.max(2, run.members.length) && other !== run && inside(run, other));
    if (outer !== undefined) return printedAlike(run.members[0]!, outer);
    const longer =
      run.members.length === 1 && run.members[0]!.label.value !== 1 ? runs.find((other) => other.members.length > 1) : undefined;
    return longer === undefined || printedAlike(run.members[0]!, longer);
  });
}

function inside(run: Run, outer: Run): boolean {
  const after = outer.members.findIndex((member) => member.piece > run.members[0]!.piece);
  return after > 0 && outer.members[after]!.piece > run.members.at(-1)!.piece;
}

function printedAlike(member: Candidate, outer: Run): boolean {
  const gaps = outer.members.map((other) => other.gap).sort((left, right) => left - right);
  const sameScheme = outer.members.some(
    (other) =>
      other.label.scheme === member.label.scheme && (other.title === '') === (member.title === '') && areAlike(other.manner, member.manner),
  );
  return sameScheme && member.gap >= gaps[Math.floor(gaps.length / 2)]! - 1 && member.gap >= 1;
}

function ordered(runs: readonly Run[]): Candidate[] {
  return runs.flatMap((run) => run.members).sort((left, right) => left.piece - right.piece);
}
