import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ROOT } from '@scriptorium/core';
import { begun, chunk, entered, erred, gave, opened, sceneOf, story } from '../test/story.ts';
import { explainRun, explainStage } from './explain-run.ts';
import type { Explanation } from './explanation.ts';
import { stepFigures } from './step-figures.ts';

const says = ({ because }: Explanation): string => because.map(({ says }) => says).join('\n');
const working = [
  ...opened,
  entered(chunk, 'items'),
  entered(chunk, 'items', 1),
  begun(chunk, 'items/topology'),
  begun(chunk, 'items/topology', { item: 1 }),
  gave(chunk, 'items/topology', { v: {} }),
];
const failure = { type: 'step.failed', item: 1, node: 'items/topology', error: { code: 'broken', message: 'm', fix: 'Mend it.' } } as const;
const failed = [
  ...working,
  erred(chunk, 'items/topology', 'broken', 1, 1),
  [chunk, failure] as const,
  [chunk, { ...failure, node: 'items' }] as const,
];

it('a running run waits for what has not settled, and names full pools', () => {
  const pools = [{ pool: 'disk', limit: { concurrent: 2 }, used: 2, waiting: 5 }];
  const explained = explainRun(sceneOf(story(...working), { pools }));
  assert.match(explained.answer, /^Run r1 of t\/story is running: 0 of 3 items have settled/);
  assert.match(says(explained), /items goes on: 0 of 3 items have settled, 0 of them failed \(1 tolerated\)/);
  assert.match(says(explained), /5 attempts wait for the pool disk \(2 of 2 places in use\)/);
});

it('an interrupted run says why, and how to go on', () => {
  const events = story(...working, [ROOT, { type: 'run.interrupted', reason: 'crashed' }]);
  const explained = explainRun(sceneOf(events, { status: 'interrupted' }));
  assert.match(says(explained), /The run is interrupted: the engine ended without warning/);
  assert.equal(explained.help[0]?.command, 'resume r1');
});

it('a stage is told by its counts and errors, with an item to ask for', () => {
  const explained = explainStage(sceneOf(story(...failed)), 'items/topology');
  assert.match(explained.answer, /^items\/topology: of 3 items 1 succeeded, 1 waiting, 1 failed/);
  assert.match(says(explained), /items\/topology broken: 1 failed/);
  assert.ok(explained.help.some(({ command }) => command === 'why r1 items/topology k1'));
});

it('figures: stages by their counts, the rest by their trails', () => {
  const { flow, summary, history } = sceneOf(story(...failed));
  const figures = stepFigures(flow, summary, history);
  assert.deepEqual(figures.get('list'), { state: 'succeeded', count: null });
  assert.equal(figures.get('extra')?.state, 'waiting');
  assert.equal(figures.get('items')?.state, 'running');
  const topology = figures.get('items/topology');
  assert.deepEqual([topology?.state, topology?.count?.succeeded, topology?.count?.failed, topology?.count?.total], ['running', 1, 1, 3]);
});

it('figures: what an ended run never came to is not waited for', () => {
  const { flow, summary, history } = sceneOf(story(...failed));
  const figures = stepFigures(flow, { ...summary, status: 'failed', endedAt: summary.startedAt + 1 }, history);
  assert.equal(figures.get('extra')?.state, 'skipped');
});
