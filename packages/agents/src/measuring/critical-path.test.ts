import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Event } from '@scriptorium/core';
import type { Told } from './attempts.ts';
import { criticalPath } from './critical-path.ts';

/** What happened, in its order: `begins` and `ends` with the step, the time, and where it is not in the root, the actor and item. */
function history(
  ...lines: readonly (readonly [
    what: 'begins' | 'ends' | 'waits' | 'is answered',
    node: string,
    at: number,
    actor?: string,
    item?: number,
    run?: string,
  ])[]
): readonly Told[] {
  return lines.map(([what, node, at, actor = 'root', item = 0, run = 'r'], index) => {
    const place = { item, node, attempt: 1 };
    const event = {
      begins: { ...place, type: 'attempt.started', handler: 'h', key: null, reason: 'first' },
      ends: { ...place, type: 'attempt.succeeded', output: { v: null }, artifacts: [], ms: 0 },
      waits: { item, node, type: 'wait.begun', event: 'go' },
      'is answered': { item, node, type: 'wait.answered', answer: { v: 1 }, by: 'me' },
    }[what] as Event;
    return { run, actor, gseq: index + 1, at, event };
  });
}

const shown = (events: readonly Told[]): readonly string[] => criticalPath(events).map(({ node, ms }) => `${node} ${ms}`);

describe('the critical path', () => {
  it('goes through the longer of two steps at once, and has what waits for both', () => {
    const events = history(
      ['begins', 'plan', 0],
      ['ends', 'plan', 10],
      ['begins', 'short', 10],
      ['begins', 'long', 10],
      ['ends', 'short', 12],
      ['ends', 'long', 40],
      ['begins', 'write', 40],
      ['ends', 'write', 50],
    );
    assert.deepEqual(shown(events), ['plan 10', 'long 30', 'write 10']);
  });

  it('goes from one list into the one before, and not past it', () => {
    const [drafts, edits] = ['root/0:drafts@1:0', 'root/0:edits@1:0'];
    const events = history(
      ['begins', 'plan', 0],
      ['ends', 'plan', 5],
      ['begins', 'drafts/write', 5, drafts, 0],
      ['begins', 'drafts/write', 5, drafts, 1],
      ['ends', 'drafts/write', 20, drafts, 1],
      ['ends', 'drafts/write', 30, drafts, 0],
      ['begins', 'drafts/judge', 30, drafts, 0],
      ['ends', 'drafts/judge', 40, drafts, 0],
      ['begins', 'edits/line', 40, edits, 0],
      ['begins', 'edits/line', 40, edits, 1],
      ['ends', 'edits/line', 43, edits, 0],
      ['ends', 'edits/line', 50, edits, 1],
      ['begins', 'publish', 50],
      ['ends', 'publish', 52],
    );
    assert.deepEqual(shown(events), ['plan 5', 'drafts/write 25', 'drafts/judge 10', 'edits/line 10', 'publish 2']);
  });

  it('has the items that used the places which the last one waited for, and no others', () => {
    const chunk = 'root/0:all:0';
    const events = history(
      ['begins', 'scan', 0],
      ['ends', 'scan', 5],
      ['begins', 'all/write', 5, chunk, 0],
      ['begins', 'all/write', 5, chunk, 1],
      ['ends', 'all/write', 15, chunk, 1],
      ['begins', 'all/write', 15, chunk, 2],
      ['ends', 'all/write', 20, chunk, 0],
      ['ends', 'all/write', 35, chunk, 2],
      ['begins', 'sum', 35],
      ['ends', 'sum', 36],
    );
    assert.deepEqual(shown(events), ['scan 5', 'all/write 10', 'all/write 20', 'sum 1']);
    assert.equal(
      criticalPath(events).reduce((sum, { ms }) => sum + ms, 0),
      36,
      'it has no gap',
    );
  });

  it('has the time in which somebody was waited for, and the work of runs of steps in place of the steps', () => {
    const events = history(
      ['begins', 'ask', 0],
      ['ends', 'ask', 1],
      ['waits', 'go', 1],
      ['is answered', 'go', 101],
      ['begins', 'done', 101, 'root', 0, 'r.1'],
      ['ends', 'done', 109, 'root', 0, 'r.1'],
      ['begins', 'last', 110],
      ['ends', 'last', 111],
    );
    assert.deepEqual(shown(events), ['ask 1', 'go 100', 'done 9', 'last 1']);
  });

  it('is nothing where nothing has ended', () => assert.deepEqual(criticalPath(history(['begins', 'plan', 0])), []));
});
