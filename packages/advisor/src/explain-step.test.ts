import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ROOT } from '@scriptorium/core';
import type { PoolStatus } from '@scriptorium/core';
import { begun, chunk, entered, erred, gave, itemStep, opened, rootStep, sceneOf, skipped, started, START, story } from '../test/story.ts';
import { explainStep } from './explain-step.ts';
import type { Explanation } from './explanation.ts';

const says = ({ because }: Explanation): string => because.map(({ says }) => says).join('\n');
const commands = ({ help }: Explanation): readonly string[] => help.map(({ command }) => command);
const item = [...opened, entered(chunk, 'items')];
const fullPool: PoolStatus = { pool: 'disk', limit: { concurrent: 2 }, used: 2, waiting: 7 };

describe('a step whose `until` holds', () => {
  it('says so while it ends what is left of it', () => {
    const ended = [ROOT, { type: 'step.ended', item: 0, node: 'items' }] as const;
    const open = explainStep(sceneOf(story(...item)), rootStep('items'));
    const explained = explainStep(sceneOf(story(...item, ended)), rootStep('items'));
    assert.deepEqual([/until/.test(says(open)), /Its `until` holds/.test(says(explained))], [false, true]);
    assert.equal(explained.because.find(({ says: text }) => text.includes('`until`'))?.evidence.length, 1);
  });

  it('says so of a scope too', () => {
    const ended = [ROOT, { type: 'step.ended', item: 0, node: '' }] as const;
    assert.match(says(explainStep(sceneOf(story(...opened, ended)), rootStep(''))), /Its `until` holds/);
  });
});

describe('a step that has not begun', () => {
  it('waits for the steps it needs, which are named with their state', () => {
    const scene = sceneOf(story(started, entered(ROOT, ''), begun(ROOT, 'list')));
    const explained = explainStep(scene, rootStep('items'));
    assert.equal(explained.standing, 'waiting');
    assert.equal(explained.answer, 'items waits for list (running).');
    assert.deepEqual(explained.because[0]?.evidence, [{ event: 3, at: START + 2_000, type: 'attempt.started' }]);
    assert.deepEqual(commands(explained), ['why r1 list']);
  });

  it('waits for its pool, whose places and queue are told', () => {
    const explained = explainStep(sceneOf(story(...item), { pools: [fullPool] }), itemStep('items/topology'));
    assert.equal(explained.standing, 'queued');
    assert.equal(explained.answer, 'items/topology of k0 waits for the pool disk: 2 of 2 places in use, 7 waiting.');
    assert.deepEqual(commands(explained), ['limits set disk --concurrent 4']);
  });

  it('waits for calls at work where a budget around it has no room, which is told with what is left', () => {
    const scene = sceneOf(story(...item), { pools: [fullPool] });
    const thrifty = { ...scene, flow: { ...scene.flow, budget: { usd: 5, calls: 9 } } };
    assert.match(
      says(explainStep(thrifty, itemStep('items/topology'))),
      /budget of the flow: of 5 usd, 0 are used and 0 reserved for calls at work; of 9 calls, 0 are used/,
    );
  });

  it('waits for a breaker that is open, until when and why', () => {
    const breaker = { state: 'open', until: START + 60_000, failures: 5, code: 'overloaded', ramp: null } as const;
    const explained = explainStep(sceneOf(story(...item), { pools: [{ ...fullPool, used: 0, breaker }] }), itemStep('items/topology'));
    assert.match(says(explained), /Its breaker is open until 00:01:00, after 5 failures in a row, the last overloaded/);
    assert.deepEqual(commands(explained), ['limits set disk --close']);
  });

  it('waits for one of the places of its `each`', () => {
    const explained = explainStep(sceneOf(story(...item, entered(chunk, 'items', 1))), itemStep('items/topology', 2));
    assert.equal(explained.standing, 'waiting');
    assert.match(explained.answer, /^items\/topology of k2 waits for a place: `items` works on 2 items at once/);
    assert.deepEqual(explained.because[0]?.evidence[0]?.type, 'each.opened');
  });

  it('waits because the run is paused, and is told how to go on', () => {
    const events = story(...item, [ROOT, { type: 'run.paused', by: 'cli:ann' }]);
    const explained = explainStep(sceneOf(events, { status: 'paused', later: 60_000 }), itemStep('items/topology'));
    assert.equal(explained.standing, 'paused');
    assert.match(says(explained), /The run was paused by cli:ann 60 s ago/);
    assert.equal(commands(explained)[0], 'resume r1');
  });

  it('never begins when the scope around it has failed', () => {
    const events = story(
      ...item,
      begun(chunk, 'items/topology'),
      erred(chunk, 'items/topology', 'broken'),
      [chunk, { type: 'step.failed', item: 0, node: 'items/topology', error: { code: 'broken', message: 'm' } }],
      [chunk, { type: 'step.failed', item: 0, node: 'items', error: { code: 'broken', message: 'm' } }],
    );
    const explained = explainStep(sceneOf(events), itemStep('items/clean'));
    assert.equal(explained.standing, 'not_reached');
    assert.match(says(explained), /The scope around it, items of k0, has failed/);
  });
});

describe('a step that failed and is tried again', () => {
  it('waits until the instant that the reducer sets, after which error, as which try', () => {
    const events = story(started, entered(ROOT, ''), begun(ROOT, 'list'), erred(ROOT, 'list', 'io'));
    const explained = explainStep(sceneOf(events), rootStep('list'));
    assert.equal(explained.standing, 'backing_off');
    assert.match(explained.answer, /^list waits until 00:00:04 \(1 s\) after attempt 1 failed: io: io happened/);
    assert.match(says(explained), /Retry 1 of 3 comes after a back-off/);
  });

  it('does not wait where no policy covers the error', () => {
    const events = story(started, entered(ROOT, ''), begun(ROOT, 'list'), erred(ROOT, 'list', 'bad'));
    assert.notEqual(explainStep(sceneOf(events), rootStep('list')).standing, 'backing_off');
  });

  for (const [reason, pattern] of [
    ['retry', /retry policy allows another/],
    ['engine_ended', /the engine ended during the one before/],
    ['worker_ended', /the worker ended during the one before/],
    ['stopped', /aborted when the engine was stopped/],
  ] as const) {
    it(`tells that it runs again because of: ${reason}`, () => {
      const events = story(
        started,
        entered(ROOT, ''),
        begun(ROOT, 'list'),
        erred(ROOT, 'list', 'io'),
        begun(ROOT, 'list', { attempt: 2, reason }),
      );
      const explained = explainStep(sceneOf(events, { later: 5_000 }), rootStep('list'));
      assert.equal(explained.standing, 'running');
      assert.match(explained.answer, /attempt 2 of t\/x@1\.0\.0, for 5 s/);
      assert.match(says(explained), pattern);
    });
  }
});

describe('a step that was skipped', () => {
  it('tells the condition and the values it read', () => {
    const explained = explainStep(sceneOf(story(...opened, skipped(ROOT, 'extra'))), rootStep('extra'));
    assert.equal(explained.standing, 'skipped');
    assert.equal(
      explained.answer,
      'extra was skipped, because its `if` was false: input.extra && list.size > 3 (input.extra is false; list.size is 3).',
    );
    assert.match(says(explained), /list\.size, of the step list, is 3/);
  });

  it('tells what the step before said, and follows a chain of skipped steps to it', () => {
    const skip = { v: { skip: { code: 'empty', message: 'there are no chapters' } } };
    const events = story(
      ...item,
      begun(chunk, 'items/topology'),
      gave(chunk, 'items/topology', skip),
      skipped(chunk, 'items/sanity'),
      skipped(chunk, 'items/clean'),
    );
    const explained = explainStep(sceneOf(events), itemStep('items/clean'));
    assert.match(says(explained), /sanity, of the step items\/sanity, is null, because items\/sanity was skipped/);
    assert.match(says(explained), /items\/topology says so: there are no chapters\./);
  });

  it('says so where a value lies outside of the events', () => {
    const events = story(
      ...item,
      begun(chunk, 'items/topology'),
      gave(chunk, 'items/topology', { ref: 'sha256:big', bytes: 1_000_000 }),
      skipped(chunk, 'items/sanity'),
    );
    assert.match(says(explainStep(sceneOf(events), itemStep('items/sanity'))), /kept outside of the journal's events/);
  });
});

describe('a step that ended', () => {
  const failed = [
    ...item,
    begun(chunk, 'items/topology'),
    gave(chunk, 'items/topology', { v: { skip: null } }),
    begun(chunk, 'items/clean'),
    erred(chunk, 'items/clean', 'bad'),
  ];

  it('failed with which error, fix and catch', () => {
    const error = { code: 'worse', message: 'no way', fix: 'Take another.' };
    const events = story(...failed, [chunk, { type: 'step.failed', item: 0, node: 'items/clean', error }]);
    const explained = explainStep(sceneOf(events), itemStep('items/clean'));
    assert.equal(explained.answer, 'items/clean of k0 failed: worse: no way.');
    assert.match(says(explained), /No catch around it took the failure/);
    assert.deepEqual(
      explained.help.map(({ command, does }) => [command, does]),
      [
        ['logs r1 --errors', 'Take another.'],
        ['retry r1 --failed', 'works on what failed again, reusing the rest'],
      ],
    );
  });

  it('was replaced by its catch', () => {
    const error = { code: 'bad', message: 'bad happened' };
    const events = story(
      ...failed,
      [chunk, { type: 'step.caught', item: 0, node: 'items/clean', error, catch: 0 }],
      [chunk, { type: 'step.settled', item: 0, node: 'items/clean', output: { v: 0 }, degraded: true }],
    );
    const explained = explainStep(sceneOf(events), itemStep('items/clean'));
    assert.equal(explained.standing, 'degraded');
    assert.equal(explained.answer, 'items/clean of k0 failed with bad, and its catch number 1 gave its result.');
  });

  it('was taken over from an earlier run', () => {
    const events = story(...item, [
      chunk,
      { type: 'attempt.reused', item: 0, node: 'items/topology', output: { v: {} }, artifacts: [], reusedFrom: 'r0' },
    ]);
    const explained = explainStep(sceneOf(events), itemStep('items/topology'));
    assert.equal(explained.standing, 'reused');
    assert.match(says(explained), /same input in the same version in run r0/);
  });

  it('was cancelled, with the run, by whom and why', () => {
    const events = story(
      ...item,
      [ROOT, { type: 'run.cancelling', by: 'cli:ann', reason: 'too slow' }],
      [chunk, { type: 'step.cancelled', item: 0, node: 'items/topology', reason: 'the chunk was cancelled' }],
    );
    const explained = explainStep(sceneOf(events, { status: 'cancelled' }), itemStep('items/topology'));
    assert.match(says(explained), /The run was cancelled by cli:ann: too slow/);
    assert.deepEqual(commands(explained), ['retry r1']);
  });
});

it('a step that the flow does not have is refused', () => {
  assert.throws(() => explainStep(sceneOf(story(started)), rootStep('nothing')), RangeError);
});
