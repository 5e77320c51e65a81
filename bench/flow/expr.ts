/**
 * Expressions a second on one core, compiled before, beside the same condition in cel-js and written by hand in JavaScript,
 * over the same data and measured in the same run.
 *
 *     node bench/flow/expr.ts
 */

import { Environment } from '@marcbachmann/cel-js';
import { checkExpr, evaluate, typeOfSchema, type Value } from '@scriptorium/core';

interface Subject {
  readonly name: string;
  readonly source: string;
  /** The same in CEL, where that has no `?.` and `??`. */
  readonly cel?: string;
  readonly byHand: (names: Names) => Value;
}

type Names = (name: string) => Value | undefined;
type Item = { readonly [key: string]: Value };

const secondsEach = 1;
const rows: readonly Item[] = Array.from({ length: 64 }, (_, row) => ({
  score: row % 11,
  verdict: row % 3 === 0 ? 'accept' : 'revise',
  review:
    row % 5 === 0
      ? null
      : { notes: ['a', 'b', 'c'].slice(row % 4), issues: [{ severity: row % 7 === 0 ? 'error' : 'warning' }, { severity: 'warning' }] },
}));

const subjects: readonly Subject[] = [
  {
    name: 'simple guard',
    source: 'score >= 8 && verdict == "accept"',
    byHand: (names) => (names('score') as number) >= 8 && names('verdict') === 'accept',
  },
  {
    name: 'optional path',
    source: '(review?.notes ?? []).size() > 1',
    cel: '(review != null ? review.notes : []).size() > 1',
    byHand: (names) => (((names('review') as Item | null)?.notes as readonly Value[] | undefined) ?? []).length > 1,
  },
  {
    name: 'macro over two',
    source: 'review != null && review.issues.exists(i, i.severity == "error")',
    byHand: (names) =>
      names('review') !== null && ((names('review') as Item).issues as readonly Item[]).some((issue) => issue.severity === 'error'),
  },
];

const environment = new Environment({ unlistedVariablesAreDyn: true });

for (const { name, source, cel = source, byHand } of subjects) {
  const parsed = environment.parse(cel);
  const differing = rows.filter((row) => evaluate(source, (key) => row[key]) !== parsed(row));
  if (differing.length > 0) throw new Error(`cel-js answers ${cel} differently for ${JSON.stringify(differing[0])}`);
  const ours = perSecond((row) => evaluate(source, (key) => row[key]));
  const theirs = perSecond((row) => parsed(row) as Value);
  const hand = perSecond((row) => byHand((key) => row[key]));
  console.log(`${name.padEnd(16)} ${millions(ours)} M/s   cel-js ${millions(theirs)} M/s   by hand ${millions(hand)} M/s   ${source}`);
}

const schema = {
  type: 'object',
  required: ['score', 'verdict'],
  properties: { score: { type: 'number' }, verdict: { enum: ['accept', 'revise'] } },
} as const;
const checks = perSecond(() => checkExpr('r.score >= 8 && r.verdict == "accept"', { r: typeOfSchema(schema) }).issues.length);
console.log(`${'parse and check'.padEnd(16)} ${millions(checks)} M/s`);

function perSecond(evaluateOnce: (row: Item) => Value): number {
  const rounds = (untilMs: number): number => {
    let done = 0;
    let kept = 0;
    while (performance.now() < untilMs) {
      for (const row of rows) if (evaluateOnce(row) !== null) kept += 1;
      done += rows.length;
    }
    if (kept !== done) throw new Error('an expression of this benchmark gave null');
    return done;
  };
  rounds(performance.now() + secondsEach * 250);
  const start = performance.now();
  const done = rounds(start + secondsEach * 1000);
  return (done / (performance.now() - start)) * 1000;
}

function millions(count: number): string {
  return (count / 1e6).toFixed(2).padStart(7);
}
