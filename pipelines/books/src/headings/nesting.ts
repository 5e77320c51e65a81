/**
 * What holds what, told by where numbers start anew. A class of headings that stands right before nearly every number 1
 * of another holds it, whatever its words are; the words only say what is usual.
 */

import { median } from './draft.ts';
import type { Draft, PrintedBook } from './draft.ts';

/** Lowers or raises classes so that those which head the runs of another stand above it. */
export function nest(book: PrintedBook, drafts: ReadonlyMap<number, Draft>): void {
  const { headedShare } = book.limits;
  const ordered = [...drafts.values()].filter((draft) => draft.role === null).sort((left, right) => left.piece - right.piece);
  const classes = Map.groupBy(ordered, (draft) => draft.class);
  const places = new Map(ordered.map((draft, place) => [draft, place]));
  const rightBelow = (draft: Draft): Draft | null => {
    const next = ordered[places.get(draft)! + 1];
    return next?.piece === draft.to ? next : null;
  };
  for (const members of classes.values()) raiseEmpty(book, members, rightBelow);
  // What was raised may be held by what was looked at before it; levels only fall.
  while ([...classes.values()].some((outer) => raiseAbove(outer, rightBelow, headedShare)));
  for (const [name, inner] of classes) {
    const firsts = firstsOf(inner);
    if (firsts.length < 2) continue;
    const heads = firsts.map((first) => ordered[places.get(first)! - 1]).filter((head) => head !== undefined && head.class !== name);
    const [outer, headed] = mostOf(heads.map((head) => head!.class));
    if (outer === null || headed < 2 || headed < firsts.length * headedShare) continue;
    const above = classes.get(outer)!;
    const own = inner[0]!.level;
    if (Math.max(...above.map((draft) => draft.level)) < own) continue;
    const unnumbered = above.every((draft) => draft.label === null);
    const keyworded = inner[0]!.label?.keyword != null;
    if (!unnumbered) continue;
    // Chapters below titles: the titles are parts, or works in one file. Bare numbers below titles: sections of stories.
    if (keyworded && headed >= above.length * headedShare) for (const draft of above) draft.level = own - 1;
    else {
      for (const draft of above) draft.level = Math.min(draft.level, 2);
      for (const draft of inner) draft.level = 3;
    }
  }
}

/** Titles with nothing of their own, each right above another of its class and further apart than those are, hold what follows. */
function raiseEmpty({ pieces }: PrintedBook, members: readonly Draft[], rightBelow: (draft: Draft) => Draft | null): void {
  const empty = members.filter((draft) => draft.label === null && rightBelow(draft)?.class === draft.class);
  const gapOf = (draft: Draft): number => pieces[draft.piece]!.gap;
  const gap = median(members.filter((draft) => !empty.includes(draft)).map(gapOf));
  const alike = members.every(({ level }) => level === members[0]!.level);
  if (empty.length < 2 || empty[0] !== members[0] || !alike || gap === null || empty.some((draft) => gapOf(draft) <= gap)) return;
  for (const draft of empty) draft.level = Math.max(0, draft.level - 1);
}

/**
 * Headings with nothing of their own, each right above one of another class, or each above a number 1 of whatever class,
 * hold that, whatever their word is. Tells whether their level changed.
 */
function raiseAbove(outer: readonly Draft[], rightBelow: (draft: Draft) => Draft | null, headedShare: number): boolean {
  if (outer.length < 2) return false;
  const below = outer.map(rightBelow).filter((draft) => draft !== null && draft.class !== outer[0]!.class) as Draft[];
  const [name, count] = mostOf(below.map((draft) => draft.class));
  const counted = below.length === outer.length && below.every((draft) => draft.label?.value === 1);
  const held = count >= outer.length * headedShare ? below.filter((draft) => draft.class === name) : counted ? below : [];
  const level = Math.max(0, Math.min(...held.map((draft) => draft.level)) - 1);
  if (held.length === 0 || outer[0]!.level <= level) return false;
  for (const draft of outer) draft.level = level;
  return true;
}

/** Where a class begins to count: its number 1, each time. */
function firstsOf(members: readonly Draft[]): Draft[] {
  return members.filter((draft) => draft.label?.value === 1);
}

function mostOf(names: readonly string[]): [string | null, number] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].reduce<[string | null, number]>((best, entry) => (entry[1] > best[1] ? entry : best), [null, 0]);
}
