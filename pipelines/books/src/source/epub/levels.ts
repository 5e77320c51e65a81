/** How the sections of an EPUB nest, from the depth of its navigation and the words of its titles. */

import { keywordLevel } from '../../headings/keywords.ts';
import { parseLabel } from '../../headings/read-label.ts';
import type { Cut } from './cut.ts';

interface BodyCut extends Cut {
  readonly isBody: boolean;
}

/** For each cut: 0 and 1 hold chapters, 2 is a chapter, 3 and more are inside one. */
export function levelsOf(cuts: readonly BodyCut[]): number[] {
  const depths = flattened(cuts);
  const body = cuts.flatMap((cut, index) => (cut.isBody && cut.depth !== null ? [{ cut, depth: depths[index]! }] : []));
  const base = baseLevel(body);
  const byRank = new Map<number, number>();
  const levels: number[] = [];
  const parents: { readonly depth: number; readonly level: number }[] = [];
  for (const [index, cut] of cuts.entries()) {
    const own = ownLevel(cut);
    let level = own ?? 2;
    if (cut.depth !== null) {
      const depth = depths[index]!;
      while (parents.length > 0 && parents.at(-1)!.depth >= depth) parents.pop();
      const least = parents.length === 0 ? 0 : parents.at(-1)!.level + 1;
      // A word such as “part” in a list that does not nest says more than the depth.
      level = Math.max(
        least,
        own !== null && (depth === 0 || own > base + depth) ? (depth === 0 && own > base && cut.children > 0 ? base : own) : base + depth,
      );
      if (cut.isBody) {
        parents.push({ depth, level });
        if (cut.rank > 0) byRank.set(cut.rank, level);
      }
    } else if (own === null && cut.rank > 0) level = byRank.get(cut.rank) ?? 2;
    levels.push(level);
  }
  return levels;
}

/** Depths without the entries that only wrap the book: its title, under which all else stands. */
function flattened(cuts: readonly BodyCut[]): number[] {
  const depths = cuts.map((cut) => cut.depth ?? 0);
  for (const [index, cut] of cuts.entries()) {
    if (cut.isBody || cut.children === 0 || cut.depth === null) continue;
    for (let below = index + 1; below < cuts.length; below += 1) {
      const { depth } = cuts[below]!;
      if (depth === null) continue;
      if (depth <= cut.depth) break;
      depths[below]! -= 1;
    }
  }
  return depths;
}

function ownLevel(cut: Cut): number | null {
  if (cut.named.level !== null) return cut.named.level;
  const keyword = parseLabel(cut.title)?.keyword;
  return keyword == null ? null : keywordLevel(keyword);
}

/** Level of the outermost entries. */
function baseLevel(body: readonly { readonly cut: Cut; readonly depth: number }[]): number {
  const outer = body.filter(({ depth }) => depth === 0);
  const known = commonest(outer);
  const holding = outer.filter(({ cut }) => cut.children > 0).length;
  if (known === 1 && commonest(body.filter(({ depth }) => depth === 1)) === 1) return 0;
  if (known !== null && (known < 2 || holding * 2 < outer.length || commonest(body.filter(({ depth }) => depth === 1)) === 3)) return known;
  return holding > 0 && holding * 2 >= outer.length ? 1 : 2;
}

function commonest(entries: readonly { readonly cut: Cut }[]): number | null {
  const counts = Map.groupBy(
    entries.map(({ cut }) => ownLevel(cut)).filter((level) => level !== null),
    (level) => level,
  );
  const most = [...counts].toSorted(([, one], [, other]) => other.length - one.length)[0];
  return most === undefined || most[1].length * 2 < entries.length ? null : most[0];
}
