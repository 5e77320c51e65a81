/** Mistakes in the removal of old runs: which go, when, and what is left of them. */

import type { Mutant } from './mutant.ts';

type Planted = Omit<Mutant, 'level'>;

const planted: readonly Planted[] = [
  { name: 'one of the newest goes', file: 'retention/retention.ts', from: 'else if (index < keep)', to: 'else if (index < keep - 1)' },
  {
    name: 'what was forked stays without its parent',
    needs: ['do fork'],
    file: 'retention/retention.ts',
    from: 'for (const { fork, tree: parent } of parents.get(tree) ?? []) {',
    to: 'for (const { fork, tree: parent } of (parents.get(tree) ?? []).slice(1)) {',
  },
  {
    name: 'a tree is as old as its first run',
    file: 'retention/retention.ts',
    from: 'else if (tree.rows.some(({ endedAt }) => endedAt !== null && endedAt > until)) young.add(tree);',
    to: 'else if (tree.rows.slice(-1).some(({ endedAt }) => endedAt !== null && endedAt > until)) young.add(tree);',
  },
  {
    name: 'what was held since the judgement goes',
    file: 'retention/holds.ts',
    from: 'held.has(run) || touched.has(run)',
    to: 'held.has(run)',
  },
  {
    name: 'a removal that was cut off is left as it is',
    needs: ['removal'],
    file: 'retention/keeper.ts',
    from: '  yield* finishRemoval(removal);\n  try',
    to: '  try',
  },
  { name: 'gaps are not written down', file: 'retention/removing.ts', from: '    addHole(first, last);', to: '' },
  {
    name: 'what goes is not announced',
    file: 'retention/removing.ts',
    from: 'announce(eventsOf(store, some));',
    to: '',
  },
  {
    name: 'nobody looks for values that lost their names',
    file: 'retention/removing.ts',
    from: `db.prepare('INSERT OR REPLACE INTO meta VALUES (?, 1)').run(UNSWEPT);`,
    to: '',
  },
  {
    name: 'a value that went is thought to be there',
    needs: ['do again', 'keepHours 2'],
    file: 'retention/sweep.ts',
    from: '    gone(some.map((digits) => `sha256:${digits}`));',
    to: '',
  },
  {
    name: 'nobody waits for who reads the store',
    needs: ['do read'],
    file: 'retention/keeper.ts',
    from: 'if (!lock.alone(() => workOn(began))) return again(LOCKED_MS);',
    to: 'workOn(began);',
  },
  {
    name: 'runs are forgotten as soon as they are removed',
    needs: ['forgetHours'],
    file: 'retention/keeper.ts',
    from: 'forgetRuns(removal, now() - retention.forgetMs)',
    to: 'forgetRuns(removal, now())',
  },
  {
    name: 'runs are never forgotten',
    needs: ['forgetHours'],
    file: 'retention/keeper.ts',
    from: 'if (retention.forgetMs !== null) yield*',
    to: 'if (retention.forgetMs === 0) yield*',
  },
  {
    name: 'the last events of a step stay',
    file: 'retention/removing.ts',
    from: 'if (places.length === atMost) return false;',
    to: 'if (places.length > atMost) return false;',
  },
];

export const retentionMutants: readonly Mutant[] = planted.map((mutant) => ({
  ...mutant,
  file: `engine/src/${mutant.file}`,
  level: 'engine',
}));
