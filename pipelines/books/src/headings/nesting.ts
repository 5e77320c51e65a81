/**
 * What holds what, told by where numbers start anew. A class of headings that stands right before nearly every number 1
 * of another holds it, whatever its words are; the words only say what is usual.
 */

import type { Draft } from './draft.ts';
import type { Limits } from './limits.ts';

/** Lowers or raises classes so that those which head the runs of another stand above it. */
export function nest(drafts: ReadonlyMap<number, Draft>, { headedShare }: Limits): void {
  const ordered = [...drafts.values()].filter((draft) => draft.role === null).sort((left, right) => left.piece - right.piece);
  const classes = Map.groupBy(ordered, (draft) => draft.class);
  const places = new Map(ordered.map((draft, place) => [draft, place]));
  for (const outer of classes.values()) raiseAbove(outer, ordered, places, headedShare);
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

/** Headings with nothing of their own, each right above one of another class, hold that class, whatever their word is. */
function raiseAbove(outer: readonly Draft[], ordered: readonly Draft[], places: ReadonlyMap<Draft, number>, headedShare: number): void {
  if (outer.length < 2) return;
  const below = outer.flatMap((draft) => {
    const next = ordered[places.get(draft)! + 1];
    return next !== undefined && next.piece === draft.to && next.class !== draft.class ? [next] : [];
  });
  const [name, count] = mostOf(below.map((draft) => draft.class));
  const level = below.find((draft) => draft.class === name)?.level;
  if (level === undefined || count < outer.length * headedShare || outer[0]!.level < level) return;
  for (const draft of outer) draft.level = Math.max(0, level - 1);
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
