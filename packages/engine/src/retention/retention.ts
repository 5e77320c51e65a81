/**
 * Which ended runs may lose their events.
 *
 * 1. A run that has not ended keeps them, and so do all runs above, below and beside it in the same tree of calls.
 * 2. A fork takes results over from its parent for as long as it can run again: its parent keeps its events as long as it.
 * 3. The newest runs that somebody started keep theirs, however old they are.
 * 4. Where a store has more than it may, the oldest lose theirs before their time; the first three hold all the same.
 */

import type { Instant, Ms } from '@scriptorium/core';
import type { RunRow } from '../journal/journal-reads.ts';

export interface Rule {
  /** How long ago the last run of a tree must have ended; null for never by age. */
  readonly olderThanMs: Ms | null;
  /** So many of the newest trees of calls keep their events whatever their age. */
  readonly keep: number;
  /** Where the store is too large: by how much, and what a run has of it. */
  readonly excess?: { readonly bytes: number; readonly bytesOf: (run: string) => number };
}

/** What the judgement goes by. */
export interface Judgeable {
  readonly run: string;
  readonly status: RunRow['status'];
  readonly endedAt: Instant | null;
  readonly parent: { readonly run: string } | null;
  readonly forkedFrom: string | null;
  readonly pruned: unknown;
}

export interface Judged<Row extends Judgeable = RunRow> {
  /** The newest tree first. */
  readonly prune: readonly { readonly rows: readonly Row[] }[];
  /** Ended, and kept. */
  readonly kept: readonly { readonly run: string; readonly because: string; readonly isPast: boolean }[];
}

/** Rows that are looked at without a pause. */
const PIECE = 1_000;

/** `rows` are all runs of the store, the newest first. It pauses wherever it yields. */
export function* judge<Row extends Judgeable>(rows: readonly Row[], rule: Rule, now: Instant): Generator<void, Judged<Row>> {
  const { olderThanMs, keep } = rule;
  const trees = yield* treesOf(rows.filter(({ pruned }) => pruned === null));
  const until = olderThanMs === null ? -Infinity : now - olderThanMs;
  const because = new Map<Tree<Row>, string>();
  const young = new Set<Tree<Row>>();
  for (const [index, tree] of trees.entries()) {
    if (index % PIECE === 0) yield;
    const open = tree.rows.find(({ endedAt }) => endedAt === null);
    if (open !== undefined) because.set(tree, `run ${open.run} is ${open.status}`);
    else if (index < keep) because.set(tree, `it is one of the newest ${keep}`);
    else if (tree.rows.some(({ endedAt }) => endedAt !== null && endedAt > until)) young.add(tree);
  }
  const families = forksOf(trees);
  spareParents([...because.keys()], because, families);
  if (rule.excess !== undefined) {
    const going = trees.filter((tree) => !because.has(tree) && !young.has(tree));
    for (const tree of yield* surplus(young, going, because, families, rule.excess)) young.delete(tree);
  }
  for (const tree of young) if (!because.has(tree)) because.set(tree, 'it has not been over for long enough');
  spareParents([...young], because, families);
  return {
    prune: trees.filter((tree) => !because.has(tree)),
    kept: [...because].flatMap(([tree, why]) =>
      tree.rows.flatMap(({ run, endedAt }) => (endedAt === null ? [] : [{ run, because: why, isPast: endedAt <= until }])),
    ),
  };
}

interface Tree<Row> {
  readonly rows: Row[];
}

interface Families<Row> {
  /** Of a tree that has forks elsewhere: those, each with the run that is the fork. */
  readonly forks: ReadonlyMap<Tree<Row>, readonly { readonly fork: string; readonly tree: Tree<Row> }[]>;
  readonly parents: ReadonlyMap<Tree<Row>, readonly { readonly fork: string; readonly tree: Tree<Row> }[]>;
}

function forksOf<Row extends Judgeable>(trees: readonly Tree<Row>[]): Families<Row> {
  const forks = new Map<Tree<Row>, { fork: string; tree: Tree<Row> }[]>();
  const parents = new Map<Tree<Row>, { fork: string; tree: Tree<Row> }[]>();
  const wanted = new Set(trees.flatMap(({ rows }) => rows.flatMap(({ forkedFrom }) => forkedFrom ?? [])));
  const byRun = new Map(trees.flatMap((tree) => tree.rows.flatMap(({ run }) => (wanted.has(run) ? [[run, tree] as const] : []))));
  for (const tree of trees)
    for (const { run, forkedFrom } of tree.rows) {
      const parent = forkedFrom === null ? undefined : byRun.get(forkedFrom);
      if (parent === undefined) continue;
      forks.set(parent, [...(forks.get(parent) ?? []), { fork: run, tree }]);
      parents.set(tree, [...(parents.get(tree) ?? []), { fork: run, tree: parent }]);
    }
  return { forks, parents };
}

/** What these were forked from stays with them, and so on upwards. */
function spareParents<Row>(kept: Tree<Row>[], because: Map<Tree<Row>, string>, { parents }: Families<Row>): void {
  for (const tree of kept)
    for (const { fork, tree: parent } of parents.get(tree) ?? []) {
      if (because.has(parent)) continue;
      because.set(parent, `${fork} was forked from it`);
      kept.push(parent);
    }
}

/** The oldest of the young ones, each with all its forks, until so many bytes are together with those that go by their age. */
function* surplus<Row extends Judgeable>(
  young: ReadonlySet<Tree<Row>>,
  old: readonly Tree<Row>[],
  because: ReadonlyMap<Tree<Row>, string>,
  { forks }: Families<Row>,
  { bytes, bytesOf }: NonNullable<Rule['excess']>,
): Generator<void, ReadonlySet<Tree<Row>>> {
  const going = new Set<Tree<Row>>();
  let left = bytes;
  const take = ({ rows }: Tree<Row>): void => {
    for (const { run } of rows) left -= bytesOf(run);
  };
  for (const tree of old) {
    if (left <= 0) break;
    yield;
    take(tree);
  }
  for (const oldest of [...young].toReversed()) {
    if (left <= 0) break;
    yield;
    const family = [oldest];
    for (const tree of family) for (const { tree: fork } of forks.get(tree) ?? []) if (!family.includes(fork)) family.push(fork);
    if (family.some((tree) => because.has(tree))) continue;
    for (const tree of family) {
      if (going.has(tree) || !young.has(tree)) continue;
      going.add(tree);
      take(tree);
    }
  }
  return going;
}

/** Runs that work for each other's steps, left to themselves or not; in the order of their newest. */
function* treesOf<Row extends Judgeable>(rows: readonly Row[]): Generator<void, readonly Tree<Row>[]> {
  const byRun = new Map(rows.map((row) => [row.run, row]));
  const trees = new Map<string, Tree<Row>>();
  for (const [index, row] of rows.entries()) {
    if (index % PIECE === 0) yield;
    let top = row;
    for (let above = byRun.get(top.parent?.run ?? ''); above !== undefined; above = byRun.get(top.parent?.run ?? '')) top = above;
    const tree = trees.get(top.run) ?? { rows: [] };
    trees.set(top.run, tree);
    tree.rows.push(row);
  }
  return [...trees.values()];
}

/** Without a pause. */
export function drained<T>(work: Generator<void, T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}
