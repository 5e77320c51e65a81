import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { ArtifactInfo, ItemOutcome, Json, RunSummary } from '@scriptorium/core';
import { opened, sceneOf, story } from '../test/story.ts';
import { compareRuns } from './compare.ts';
import type { RunFacts } from './compare.ts';

const { summary } = sceneOf(story(...opened), { status: 'succeeded' });

const item = (key: string, output: Json, status: ItemOutcome['status'] = 'succeeded'): ItemOutcome => ({
  key,
  status,
  output,
  error: null,
  degraded: false,
});

const file = (run: string, name: string, hash: string): ArtifactInfo => ({
  path: `out/clean/${run}/${name}`,
  hash,
  bytes: 1,
  run,
  stage: 'clean',
  key: null,
  handler: 't/x@1.0.0',
  at: 0,
  reusedFrom: null,
  from: [],
});

function facts(run: string, items: readonly ItemOutcome[], artifacts: readonly ArtifactInfo[], more: Partial<RunSummary> = {}): RunFacts {
  return { summary: { ...summary, run, ...more }, items: new Map([['items', items]]), artifacts };
}

it('given two runs that made the same, only their names and times differ', () => {
  const of = (run: string): RunFacts => facts(run, [item('a', { file: `out/clean/${run}/a.txt` })], [file(run, 'a.txt', 'sha256:1')]);
  const comparison = compareRuns(of('r1'), of('r2'));
  assert.equal(comparison.same, true);
  assert.deepEqual([comparison.items.compared, comparison.items.same, comparison.artifacts.same], [1, 1, 1]);
});

it('given a run and its fork, what lies in the files of the run they share is the same', () => {
  const shared = [item('a', { file: 'out/clean/r1/a.txt' })];
  const [parent, fork] = [facts('r1', shared, [file('r1', 'a.txt', 'sha256:1')]), facts('r2', shared, [file('r1', 'a.txt', 'sha256:1')])];
  assert.equal(compareRuns(parent, fork).same, true);
});

it('given a fork of a fork, what both took over from the first is the same, wherever each has it', () => {
  const taken = { ...file('r2', 'a.txt', 'sha256:1'), reusedFrom: 'r1' };
  const [fork, second] = [
    facts('r2', [item('a', { file: 'out/clean/r1/a.txt' })], [taken]),
    facts('r3', [item('a', { file: 'out/clean/r2/a.txt' })], [{ ...taken, run: 'r3' }]),
  ];
  assert.deepEqual(compareRuns(fork, second).items, { compared: 1, same: 1, changed: [] });
});

it('given different input, items and files, each difference has its path and both sides', () => {
  const a = facts('r1', [item('a', { n: 1, deep: [{ x: 'old' }] }), item('b', null, 'failed')], [file('r1', 'a.txt', 'sha256:1')], {
    input: { folder: 'one' },
  });
  const b = facts('r2', [item('a', { n: 1, deep: [{ x: 'new' }] }), item('c', 1)], [file('r2', 'a.txt', 'sha256:2')], {
    input: { folder: 'two' },
    flow: { ...summary.flow, version: '1.1.0', hash: 'sha256:1' },
  });
  const comparison = compareRuns(a, b);
  assert.equal(comparison.same, false);
  assert.deepEqual(comparison.input, [{ path: 'input.folder', a: 'one', b: 'two' }]);
  assert.deepEqual(
    comparison.flow.map(({ path }) => path),
    ['flow.version', 'flow.hash'],
  );
  assert.deepEqual(comparison.items.changed, [
    { step: 'items', key: 'a', a: 'succeeded', b: 'succeeded', output: [{ path: 'output.deep[0].x', a: 'old', b: 'new' }] },
    { step: 'items', key: 'b', a: 'failed', b: null, output: [] },
    { step: 'items', key: 'c', a: null, b: 'succeeded', output: [] },
  ]);
  assert.deepEqual(comparison.artifacts.changed, [{ name: 'clean/a.txt', a: 'sha256:1', b: 'sha256:2' }]);
});
