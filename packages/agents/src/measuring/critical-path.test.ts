import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Event, Flow } from '@scriptorium/core';
import { compileFlow } from '@scriptorium/flow';
import type { Told } from './attempts.ts';
import { criticalPath } from './critical-path.ts';

/** What happened, in its order: `begins` and `ends` with the step, the time, and where it is not in the root, the actor and item. */
function history(
  ...lines: readonly (readonly [
    what: 'begins' | 'calls' | 'ends' | 'waits' | 'is answered',
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
      calls: { ...place, type: 'attempt.started', handler: 'h', key: null, reason: 'first', child: 'r.1' },
      begins: { ...place, type: 'attempt.started', handler: 'h', key: null, reason: 'first' },
      ends: { ...place, type: 'attempt.succeeded', output: { v: null }, artifacts: [], ms: 0 },
      waits: { item, node, type: 'wait.begun', event: 'go' },
      'is answered': { item, node, type: 'wait.answered', answer: { v: 1 }, by: 'me' },
    }[what] as Event;
    return { run, actor, gseq: index + 1, at, event };
  });
}

/** The definition of the run `r`, and where it calls another, of `r.1`. */
function flowOf(body: string): Flow {
  const work = { name: 'try/work', version: '1.0.0', input: true, output: true, effects: 'none', errors: [] } as const;
  const source = `flow: try/path\nversion: "1.0.0"\nlimits: { model: { concurrent: 1 } }\n${body.trimStart()}`;
  const { flow, diagnostics } = compileFlow(source, { file: 'path.flow.yaml', callables: new Map([[work.name, work]]) });
  assert.ok(flow !== null, JSON.stringify(diagnostics));
  return flow;
}

const shown = (body: string, events: readonly Told[]): readonly string[] => {
  const flow = flowOf(body);
  return criticalPath(events, new Map(['r', 'r.1'].map((run) => [run, flow]))).map(({ node, ms }) => `${node} ${ms}`);
};

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
    const body = `
steps:
  plan: { uses: try/work }
  short: { uses: try/work, needs: [plan] }
  long: { uses: try/work, needs: [plan] }
  write: { uses: try/work, needs: [short, long] }`;
    assert.deepEqual(shown(body, events), ['plan 10', 'long 30', 'write 10']);
  });

  it('goes by what a step needs, also through steps that take no time, and not by what happened to end before it', () => {
    const events = history(
      ['begins', 'plan', 0],
      ['begins', 'aside', 0],
      ['ends', 'plan', 10],
      ['begins', 'draft', 10],
      ['ends', 'draft', 30],
      ['ends', 'aside', 31],
      ['begins', 'write', 32],
      ['ends', 'write', 50],
    );
    const body = `
steps:
  aside: { uses: try/work }
  plan: { uses: try/work }
  draft: { uses: try/work, needs: [plan] }
  chosen: { value: "\${ draft.text }" }
  write: { uses: try/work, with: { what: "\${ chosen }" } }`;
    assert.deepEqual(shown(body, events), ['plan 10', 'draft 22', 'write 18']);
  });

  it('has what held the place in a pool that a step waited for', () => {
    const events = history(
      ['begins', 'plan', 0],
      ['ends', 'plan', 5],
      ['begins', 'aside', 5],
      ['ends', 'aside', 31],
      ['begins', 'write', 31],
      ['ends', 'write', 50],
    );
    const body = (limit: string): string => `
steps:
  plan: { uses: try/work }
  aside: { uses: try/work, limit: model }
  write: { uses: try/work, needs: [plan]${limit} }`;
    assert.deepEqual(shown(body(', limit: model'), events), ['aside 26', 'write 19']);
    assert.deepEqual(shown(body(''), events), ['plan 31', 'write 19']);
  });

  it('goes from one visit of a state to the one before', () => {
    const events = history(
      ['begins', 'draft/write', 0],
      ['ends', 'draft/write', 10],
      ['begins', 'draft/judge', 10],
      ['ends', 'draft/judge', 14],
      ['begins', 'draft/write', 14],
      ['ends', 'draft/write', 20],
      ['begins', 'done', 20],
      ['ends', 'done', 21],
    );
    const body = `
states:
  draft:
    max: 3
    steps: { write: { uses: try/work }, judge: { uses: try/work, needs: [write] } }
    next: [{ if: "\${ visits < 2 }", to: draft }, { to: done }]
  done: { uses: try/work }`;
    assert.deepEqual(shown(body, events), ['draft/write 10', 'draft/judge 4', 'draft/write 6', 'done 1']);
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
    const each = 'each: { in: "${ [1, 2] }", as: one }';
    const body = `
states:
  plan: { uses: try/work, next: drafts }
  drafts: { ${each}, steps: { write: { uses: try/work }, judge: { uses: try/work, needs: [write] } }, next: edits }
  edits: { ${each}, steps: { line: { uses: try/work } }, next: publish }
  publish: { uses: try/work }`;
    assert.deepEqual(shown(body, events), ['plan 5', 'drafts/write 25', 'drafts/judge 10', 'edits/line 10', 'publish 2']);
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
    const body = `
steps:
  scan: { uses: try/work }
  all: { needs: [scan], each: { in: "\${ [1, 2, 3] }", as: one, workers: 2 }, steps: { write: { uses: try/work } } }
  sum: { uses: try/work, needs: [all] }`;
    assert.deepEqual(shown(body, events), ['scan 5', 'all/write 10', 'all/write 20', 'sum 1']);
  });

  it('has the time in which somebody was waited for, and the work of runs of steps in place of the steps', () => {
    const events = history(
      ['begins', 'ask', 0],
      ['ends', 'ask', 1],
      ['waits', 'go', 1],
      ['is answered', 'go', 101],
      ['calls', 'done', 101],
      ['begins', 'ask', 101, 'root', 0, 'r.1'],
      ['ends', 'ask', 109, 'root', 0, 'r.1'],
      ['ends', 'done', 110],
      ['begins', 'last', 110],
      ['ends', 'last', 111],
    );
    const body = `
steps:
  ask: { uses: try/work }
  go: { needs: [ask], wait: { event: go } }
  done: { uses: try/work, needs: [go] }
  last: { uses: try/work, needs: [done] }`;
    assert.deepEqual(shown(body, events), ['ask 1', 'go 100', 'ask 9', 'last 1']);
  });

  it('is nothing where nothing has ended', () => assert.deepEqual(criticalPath(history(['begins', 'plan', 0]), new Map()), []));
});
