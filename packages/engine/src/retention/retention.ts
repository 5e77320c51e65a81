/**
 * Which ended runs may lose their events.
 *
 * 1. A run that has not ended keeps them, and so do all runs above, below and beside it in the same tree of calls.
 * 2. A fork takes results over from its parent for as long as it can run again: its parent keeps its events as long as it.
 * 3. The newest runs that somebody started keep theirs, however old they are.
 */

import type { Instant, Ms } from '@scriptorium/core';
import type { RunRow } from '../journal/journal-reads.ts';

export interface Retention {
  /** How long ago the last run of a tree must have ended. */
  readonly olderThanMs: Ms;
  /** So many of the newest trees of calls keep their events whatever their age. */
  readonly keep: number;
}

export interface Judged {
  readonly prune: readonly RunRow[];
  /** Past their time, and kept all the same. */
  readonly spared: readonly { readonly run: string; readonly because: string }[];
}

/** `rows` are all runs of the store, the newest first. */
export function judgeRuns(rows: readonly RunRow[], { olderThanMs, keep }: Retention, now: Instant): Judged {
  const trees = treesOf(rows.filter(({ pruned }) => pruned === null));
  const because = new Map<Tree, string>();
  for (const [index, tree] of trees.entries()) {
    const open = tree.rows.find(({ endedAt }) => endedAt === null);
    const isYoung = tree.rows.some(({ endedAt }) => endedAt !== null && endedAt > now - olderThanMs);
    if (open !== undefined) because.set(tree, `run ${open.run} is ${open.status}`);
    else if (isYoung) because.set(tree, '');
    else if (index < keep) because.set(tree, `it is one of the newest ${keep}`);
  }
  const byRun = new Map(trees.flatMap((tree) => tree.rows.map(({ run }) => [run, tree] as const)));
  const kept = [...because.keys()];
  for (const tree of kept) {
    for (const { run, forkedFrom } of tree.rows) {
      const parent = forkedFrom === null ? undefined : byRun.get(forkedFrom);
      if (parent === undefined || because.has(parent)) continue;
      because.set(parent, `${run} was forked from it`);
      kept.push(parent);
    }
  }
  const isPast = ({ endedAt }: RunRow): boolean => endedAt !== null && endedAt <= now - olderThanMs;
  return {
    prune: trees.filter((tree) => !because.has(tree)).flatMap((tree) => tree.rows),
    spared: [...because].flatMap(([tree, why]) => (why === '' ? [] : tree.rows.filter(isPast).map(({ run }) => ({ run, because: why })))),
  };
}

interface Tree {
  readonly rows: RunRow[];
}

/** Runs that work for each other's steps, left to themselves or not; in the order of their newest. */
function treesOf(rows: readonly RunRow[]): readonly Tree[] {
  const byRun = new Map(rows.map((row) => [row.run, row]));
  const trees = new Map<string, Tree>();
  for (const row of rows) {
    let top = row;
    for (let above = byRun.get(top.parent?.run ?? ''); above !== undefined; above = byRun.get(top.parent?.run ?? '')) top = above;
    const tree = trees.get(top.run) ?? { rows: [] };
    trees.set(top.run, tree);
    tree.rows.push(row);
  }
  return [...trees.values()];
}
