import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { drained, judge } from './retention.ts';
import type { Judgeable, Rule } from './retention.ts';

const NOW = 1_000;

/** Runs by their ends, the newest first. */
function rowsOf(...rows: readonly (Partial<Judgeable> & { readonly run: string })[]): readonly Judgeable[] {
  return rows.map((row) => ({ status: 'succeeded', endedAt: 0, parent: null, forkedFrom: null, pruned: null, ...row }));
}

function judged(rows: readonly Judgeable[], rule: Partial<Rule> = {}): { readonly prune: readonly string[]; readonly kept: object } {
  const { prune, kept } = drained(judge(rows, { olderThanMs: 100, keep: 0, ...rule }, NOW));
  return {
    prune: prune.flatMap((tree) => tree.rows.map(({ run }) => run)),
    kept: Object.fromEntries(kept.map(({ run, because }) => [run, because])),
  };
}

describe('judge', () => {
  it('given runs that ended long ago, then they go; not those that are young or the newest, whose reasons are told', () => {
    const rows = rowsOf({ run: 'd', endedAt: 950 }, { run: 'c' }, { run: 'b' }, { run: 'a' });
    assert.deepEqual(judged(rows), { prune: ['c', 'b', 'a'], kept: { d: 'it has not been over for long enough' } });
    assert.deepEqual(judged(rows, { keep: 2 }), {
      prune: ['b', 'a'],
      kept: { d: 'it is one of the newest 2', c: 'it is one of the newest 2' },
    });
    assert.deepEqual(judged(rows, { olderThanMs: null }).prune, []);
  });

  it('given a tree of calls, then it stays or goes as a whole, also where the one that is left to itself goes on', () => {
    const tree = rowsOf(
      { run: 'a.2', endedAt: null, status: 'running', parent: { run: 'a' } },
      { run: 'a.1', parent: { run: 'a' } },
      { run: 'a' },
    );
    assert.deepEqual(judged(tree), { prune: [], kept: { 'a.1': 'run a.2 is running', a: 'run a.2 is running' } });
    assert.deepEqual(judged(tree.map((row) => ({ ...row, endedAt: 5 }))).prune, ['a.2', 'a.1', 'a']);
  });

  it('given forks of forks, then what a kept one came from stays, and what came from it need not', () => {
    const rows = rowsOf(
      { run: 'd', forkedFrom: 'c' },
      { run: 'c', forkedFrom: 'b', endedAt: null, status: 'paused' },
      { run: 'b', forkedFrom: 'a' },
      { run: 'a' },
    );
    assert.deepEqual(judged(rows), { prune: ['d'], kept: { b: 'c was forked from it', a: 'b was forked from it' } });
  });

  it('given a store that is too large, then the oldest go before their time, with their forks, and no more than it takes', () => {
    const rows = rowsOf(
      { run: 'd', endedAt: 999 },
      { run: 'c', forkedFrom: 'a', endedAt: 998 },
      { run: 'b', endedAt: 997 },
      { run: 'a', endedAt: 996 },
    );
    const excess = (bytes: number): Partial<Rule> => ({ excess: { bytes, bytesOf: () => 10 } });
    assert.deepEqual(judged(rows, excess(5)).prune, ['c', 'a']);
    assert.deepEqual(judged(rows, excess(25)).prune, ['c', 'b', 'a']);
    assert.deepEqual(judged(rows, { ...excess(1_000), keep: 1 }).prune, ['c', 'b', 'a']);
    assert.deepEqual(judged(rows, { ...excess(1_000), keep: 2 }).prune, ['b']);
    const old = rowsOf({ run: 'b', endedAt: 999 }, { run: 'a' });
    assert.deepEqual(judged(old, excess(10)).prune, ['a'], 'what goes by its age makes room, too');
  });
});
