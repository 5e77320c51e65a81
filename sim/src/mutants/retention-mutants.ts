/** Mistakes in the removal of old runs: which go, when, and what is left of them. */

import type { Mutant } from './mutant.ts';

type Planted = Omit<Mutant, 'level'>;

const planted: readonly Planted[] = [
  {
    name: 'one of the newest goes',
    kind: 'old',
    file: 'retention/retention.ts',
    from: 'else if (index < keep)',
    to: 'else if (index < keep - 1)',
  },
  {
    name: 'what was forked stays without its parent',
    kind: 'old',
    needs: ['do fork'],
    file: 'retention/retention.ts',
    from: 'for (const { fork, tree: parent } of parents.get(tree) ?? []) {',
    to: 'for (const { fork, tree: parent } of (parents.get(tree) ?? []).slice(1)) {',
  },
  {
    name: 'a tree is as old as its first run',
    kind: 'old',
    file: 'retention/retention.ts',
    from: 'else if (tree.rows.some(({ endedAt }) => endedAt !== null && endedAt > until)) young.add(tree);',
    to: 'else if (tree.rows.slice(-1).some(({ endedAt }) => endedAt !== null && endedAt > until)) young.add(tree);',
  },
  {
    name: 'what was held since the judgement goes',
    kind: 'judged',
    file: 'retention/holds.ts',
    from: 'held.has(run) || touched.has(run)',
    to: 'held.has(run)',
  },
  {
    name: 'something begins on what leaves',
    kind: 'going',
    file: 'retention/holds.ts',
    from: 'if (leaving.has(run)) throw',
    to: 'if (leaving.has(`${run} itself`)) throw',
  },
  {
    name: 'what is named while values are swept is not looked at',
    kind: 'swept',
    file: 'retention/sweep.ts',
    from: '      for (const source of SOURCES) while (look(db, source, steps.rows));\n      const going',
    to: '      const going',
  },
  {
    name: 'a removal that was cut off is left as it is',
    kind: 'old',
    needs: ['removal'],
    file: 'retention/keeper.ts',
    from: '  yield* finishRemoval(removal);\n',
    to: '',
  },
  { name: 'gaps are not written down', kind: 'old', file: 'retention/removing.ts', from: '    addHole(first, last);', to: '' },
  {
    name: 'what goes is not announced',
    kind: 'old',
    file: 'retention/removing.ts',
    from: 'announce(eventsOf(store, some));',
    to: '',
  },
  {
    name: 'nobody looks for values that lost their names',
    kind: 'old',
    file: 'retention/removing.ts',
    from: `db.prepare('INSERT OR REPLACE INTO meta VALUES (?, 1)').run(UNSWEPT);`,
    to: '',
  },
  {
    name: 'a value that went is thought to be there',
    kind: 'old',
    needs: ['do again', 'keepHours 2'],
    file: 'retention/sweep.ts',
    from: '    gone(some.map((digits) => `sha256:${digits}`));',
    to: '',
  },
  {
    name: 'nobody waits for who reads the store',
    kind: 'old',
    needs: ['do read'],
    file: 'retention/keeper.ts',
    from: 'if (!lock.alone(() => workOn(began))) return again(LOCKED_MS);',
    to: 'workOn(began);',
  },
  {
    name: 'runs are forgotten as soon as they are removed',
    kind: 'old',
    needs: ['forgetHours'],
    file: 'retention/keeper.ts',
    from: 'forgetRuns(removal, now() - retention.forgetMs)',
    to: 'forgetRuns(removal, now())',
  },
  {
    name: 'runs are never forgotten',
    kind: 'old',
    needs: ['forgetHours'],
    file: 'retention/keeper.ts',
    from: 'if (retention.forgetMs !== null) yield*',
    to: 'if (retention.forgetMs === 0) yield*',
  },
  {
    name: 'the last events of a step stay',
    kind: 'old',
    file: 'retention/removing.ts',
    from: 'return found.length < atMost;',
    to: 'return found.length <= atMost;',
  },
];

export const retentionMutants: readonly Mutant[] = planted.map((mutant) => ({
  ...mutant,
  file: `engine/src/${mutant.file}`,
  level: 'engine',
}));
