import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Event, Recorded, RunOptions } from '../events.ts';
import { chunkId, ROOT } from '../events.ts';
import type { Flow, Node } from '../ir.ts';
import { evolveProgress, showProgress, startProgress } from './progress.ts';
import type { Progress, Tally } from './figures.ts';
import type { ProgressView } from './progress.ts';

const options: RunOptions = { mode: 'flexible', test: false, dryRun: false, limit: null, out: '/out', fresh: false, modules: [] };
const call = { k: 'call', uses: 'a/b', with: { lit: null } } as const;

function step(id: string, more: Partial<Node> = {}): Node {
  return { id, needs: [], do: call, retry: [], catch: [], returns: true, ...more };
}

function scope(id: string, steps: readonly Node[], more: Partial<Node> = {}): Node {
  return step(id, { do: { k: 'and', steps, output: { lit: null } }, ...more });
}

const each = { in: { lit: [] }, as: 'item', workers: { lit: 4 }, batch: { lit: 1 }, tolerate: { lit: 0 }, captures: [] } as const;

function flow(root: Node): Flow {
  return { ir: 1, expr: 1, name: 't/flow', version: '1.0.0', hash: 'sha256:0', input: true, output: true, limits: {}, root, migrate: [] };
}

const books = flow(
  scope('', [
    step('scan'),
    scope(
      'books',
      [
        step('books/a'),
        step('books/b', { do: { k: 'and', steps: [step('books/b/x', { each })], output: { lit: null } } }),
        step('books/c'),
      ],
      { each },
    ),
  ]),
);
const leaf = flow(scope('', [step('files', { each })]));

/** Folds events given as [actor, event] pairs, 10 ms apart. */
function fold(of: Flow, events: readonly (readonly [string, Event])[], check?: (view: ProgressView, at: number) => void): Progress {
  const view = startProgress(of);
  let at = 1_000;
  for (const [index, [actor, event]] of events.entries()) {
    at += 10;
    const recorded: Recorded = { gseq: index + 1, run: 'r1', actor, seq: index + 1, at, event };
    evolveProgress(view, recorded);
    check?.(view, at);
  }
  return showProgress(view, at);
}

function conserves(tally: Tally): void {
  const sum = tally.succeeded + tally.failed + tally.skipped + tally.cancelled + tally.waiting + tally.running;
  assert.equal(sum, tally.total, JSON.stringify(tally));
  for (const [field, value] of Object.entries(tally)) if (typeof value === 'number') assert.ok(value >= 0, `${field} is ${value}`);
  assert.ok(tally.degraded <= tally.succeeded && tally.reused <= tally.succeeded);
}

function conservesAll(view: ProgressView, at: number): void {
  const progress = showProgress(view, at);
  conserves(progress.items);
  for (const stage of progress.stages) conserves(stage);
  assert.ok(progress.fraction >= 0 && progress.fraction <= 1);
  if (progress.eta !== null) assert.ok(progress.eta.lowMs <= progress.eta.highMs);
}

type Fact = readonly [string, Event];

const started: Event = {
  type: 'run.started',
  flow: { name: 't/flow', version: '1.0.0', hash: 'sha256:0' },
  input: {},
  options,
  by: 'test',
};
const ended = (status: 'failed' | 'cancelled'): Event => ({ type: 'run.settled', status, output: null, error: null });
const output = { v: null } as const;

function opened(node: string, total: number, item = 0): Event {
  return { type: 'each.opened', item, node, total, of: total, pageSize: 4, pages: 'h', workers: 4, tolerate: null, env: {} };
}

function chunk(node: string, number: number, size: number, parent = ROOT, item = 0): readonly [string, Event] {
  return [
    chunkId(parent, item, node, number),
    { type: 'chunk.started', parent: { actor: parent, item }, node, chunk: number, offset: 0, size, page: 'h', env: {}, slots: 4 },
  ];
}

function begin(item: number, node: string, attempt = 1, key: string | null = `k${item}`): Event {
  return { type: 'attempt.started', item, node, attempt, handler: 'a/b@1.0.0', key, reason: attempt === 1 ? 'first' : 'retry' };
}

function succeed(item: number, node: string, ms = 100, attempt = 1): Event {
  return { type: 'attempt.succeeded', item, node, attempt, output, artifacts: [], ms };
}

test('given a flow with an each, then its stages are known before anything ran', () => {
  const progress = showProgress(startProgress(books), 0);
  assert.deepEqual(
    progress.stages.map((stage) => stage.id),
    ['books/a', 'books/b', 'books/c'],
  );
  assert.equal(progress.items.total, 0);
  assert.equal(progress.fraction, 0);
  assert.equal(progress.eta, null);
});

test('given a flow without an each, then its steps are its items', () => {
  const progress = fold(
    flow(scope('', [step('a'), step('b')])),
    [
      [ROOT, started],
      [ROOT, begin(0, 'a', 1, null)],
      [ROOT, succeed(0, 'a')],
    ],
    conservesAll,
  );
  assert.deepEqual([progress.items.total, progress.items.succeeded, progress.items.waiting], [2, 1, 1]);
  assert.deepEqual(
    progress.stages.map((stage) => stage.total),
    [1, 1],
  );
});

test('given a body of one call, then the each is its own stage and settles with its attempts', () => {
  const [id, chunkStarted] = chunk('files', 0, 3);
  const progress = fold(
    leaf,
    [
      [ROOT, started],
      [ROOT, opened('files', 3)],
      [id, chunkStarted],
      [id, begin(0, 'files')],
      [id, succeed(0, 'files', 200)],
      [id, { type: 'attempt.reused', item: 1, node: 'files', output, artifacts: [], reusedFrom: 'r0' }],
      [id, begin(2, 'files')],
    ],
    conservesAll,
  );
  assert.deepEqual(progress.items, {
    total: 3,
    waiting: 0,
    running: 1,
    succeeded: 2,
    failed: 0,
    skipped: 0,
    cancelled: 0,
    degraded: 0,
    reused: 1,
  });
  const [stage] = progress.stages;
  assert.equal(stage?.id, 'files');
  assert.equal(stage?.succeeded, 2);
  assert.equal(stage?.reused, 1);
  assert.equal(stage?.ms.count, 1);
  assert.ok(stage !== undefined && Math.abs(stage.ms.p50 - 200) / 200 < 0.1, `p50 ${stage?.ms.p50}`);
});

test('given an inner scope with an inner each, then all of it is one stage until its own step settles', () => {
  const [outer, outerStarted] = chunk('books', 0, 1);
  const [inner, innerStarted] = chunk('books/b/x', 0, 2, outer, 0);
  const events: Fact[] = [
    [ROOT, started],
    [ROOT, opened('books', 1)],
    [outer, outerStarted],
    [outer, { type: 'step.entered', item: 0, node: 'books' }],
    [outer, { type: 'step.entered', item: 0, node: 'books/b' }],
    [outer, opened('books/b/x', 2)],
    [inner, innerStarted],
    [inner, begin(0, 'books/b/x')],
    [inner, succeed(0, 'books/b/x', 50)],
    [inner, begin(1, 'books/b/x')],
    [inner, succeed(1, 'books/b/x', 50)],
    [inner, { type: 'chunk.settled', page: 'h' }],
    [outer, { type: 'step.settled', item: 0, node: 'books/b/x', output, degraded: false }],
  ];
  const during = fold(books, events, conservesAll);
  assert.equal(during.items.total, 1);
  assert.equal(during.stages[1]?.running, 1);
  assert.equal(during.stages[1]?.ms.count, 2);
  const after = fold(books, [...events, [outer, { type: 'step.settled', item: 0, node: 'books/b', output, degraded: true }]], conservesAll);
  assert.deepEqual([after.stages[1]?.succeeded, after.stages[1]?.degraded, after.items.running], [1, 1, 1]);
});

test('given an item that fails in its first stage, then the stages it never came to are cancelled with it', () => {
  const [id, chunkStarted] = chunk('books', 0, 2);
  const error = { code: 'io', message: 'cannot read /data/17.txt: 5 bytes' };
  const progress = fold(
    books,
    [
      [ROOT, started],
      [ROOT, opened('books', 2)],
      [id, chunkStarted],
      [id, begin(0, 'books/a')],
      [id, { type: 'attempt.failed', item: 0, node: 'books/a', attempt: 1, error, ms: 5 }],
      [id, { type: 'step.failed', item: 0, node: 'books/a', error }],
      [id, { type: 'step.failed', item: 0, node: 'books', error }],
    ],
    conservesAll,
  );
  assert.deepEqual([progress.items.failed, progress.items.waiting], [1, 1]);
  assert.deepEqual(
    progress.stages.map((stage) => [stage.failed, stage.cancelled, stage.waiting]),
    [
      [1, 0, 1],
      [0, 1, 1],
      [0, 1, 1],
    ],
  );
  assert.equal(progress.errors.length, 1);
  assert.deepEqual(progress.errors[0], {
    step: 'books/a',
    code: 'io',
    pattern: 'cannot read <path>: <n> bytes',
    count: 1,
    caught: 0,
    retried: 0,
    example: { key: 'k0', message: error.message, fix: null },
  });
});

test('given a step that fails and the whole flow with it, then that is one error, at the step', () => {
  const error = { code: 'fatal', message: 'there is no such model' };
  const progress = fold(books, [
    [ROOT, started],
    [ROOT, { type: 'step.failed', item: 0, node: 'books', error }],
    [ROOT, { type: 'step.failed', item: 0, node: '', error }],
  ]);
  assert.deepEqual(
    progress.errors.map(({ step, count }) => [step, count]),
    [['books', 1]],
  );
});

test('given errors that a retry or a catch took care of, then their group says so', () => {
  const [id, chunkStarted] = chunk('books', 0, 1);
  const busy = { code: 'rate_limited', message: 'status 429', fix: 'lower it' };
  const progress = fold(
    books,
    [
      [ROOT, started],
      [ROOT, opened('books', 1)],
      [id, chunkStarted],
      [id, begin(0, 'books/a')],
      [id, { type: 'attempt.failed', item: 0, node: 'books/a', attempt: 1, error: busy, ms: 5 }],
      [id, begin(0, 'books/a', 2)],
      [id, { type: 'attempt.failed', item: 0, node: 'books/a', attempt: 2, error: busy, ms: 5 }],
      [id, { type: 'step.caught', item: 0, node: 'books/a', error: busy, catch: 0 }],
      [id, { type: 'step.settled', item: 0, node: 'books/a', output, degraded: true }],
    ],
    conservesAll,
  );
  const [group] = progress.errors;
  assert.deepEqual([group?.count, group?.caught, group?.retried], [1, 1, 1]);
  assert.equal(progress.stages[0]?.retries, 1);
});

test('given an engine that ended, then what ran is waiting, and its time is not counted as work', () => {
  const [id, chunkStarted] = chunk('files', 0, 2);
  const events: Fact[] = [
    [ROOT, started],
    [ROOT, opened('files', 2)],
    [id, chunkStarted],
    [id, begin(0, 'files')],
    [ROOT, { type: 'run.interrupted', reason: 'crashed' }],
  ];
  const held = fold(leaf, events, conservesAll);
  assert.deepEqual([held.items.waiting, held.items.running], [2, 0]);
  const again = fold(
    leaf,
    [
      ...events,
      [id, { type: 'attempt.lost', item: 0, node: 'files', attempt: 1, reason: 'engine', among: 1 }],
      [ROOT, { type: 'run.resumed', by: 'test' }],
      [id, begin(0, 'files', 2)],
    ],
    conservesAll,
  );
  assert.deepEqual([again.items.waiting, again.items.running], [1, 1]);
});

test('given a cancelled run, then nothing is left waiting and the share done stays what it was', () => {
  const [id, chunkStarted] = chunk('files', 0, 4);
  const progress = fold(
    leaf,
    [
      [ROOT, started],
      [ROOT, opened('files', 4)],
      [id, chunkStarted],
      [id, begin(0, 'files')],
      [id, succeed(0, 'files')],
      [ROOT, ended('cancelled')],
    ],
    conservesAll,
  );
  assert.deepEqual([progress.items.succeeded, progress.items.cancelled, progress.items.waiting], [1, 3, 0]);
  assert.equal(progress.fraction, 0.25);
});

test('given late events for settled items and chunks, then nothing changes', () => {
  const [id, chunkStarted] = chunk('files', 0, 1);
  const events: Fact[] = [
    [ROOT, started],
    [ROOT, opened('files', 1)],
    [id, chunkStarted],
    [id, begin(0, 'files')],
    [id, succeed(0, 'files')],
    [id, { type: 'chunk.settled', page: 'h' }],
  ];
  const late: Fact[] = [
    [id, { type: 'step.failed', item: 0, node: 'files', error: { code: 'io', message: 'late' } }],
    [id, begin(0, 'files', 2)],
  ];
  assert.deepEqual(fold(leaf, [...events, ...late], conservesAll).items, fold(leaf, events).items);
});

test('given steady work, then the interval covers what the work will take', () => {
  const events: Fact[] = [[ROOT, started], [ROOT, opened('files', 100)], chunk('files', 0, 100)];
  const [id] = chunk('files', 0, 100);
  for (let item = 0; item < 50; item += 1) events.push([id, begin(item, 'files')], [id, succeed(item, 'files', 10)]);
  const progress = fold(leaf, events, conservesAll);
  assert.equal(progress.fraction, 0.5);
  assert.ok(progress.eta !== null && progress.eta.lowMs <= 1_000 && progress.eta.highMs >= 1_000, JSON.stringify(progress.eta));
  assert.ok(progress.eta.highMs < 2_500, JSON.stringify(progress.eta));
  assert.ok(progress.itemsPerMinute > 2_500 && progress.itemsPerMinute < 3_500, String(progress.itemsPerMinute));
});

/** A legal history of the `books` flow from a list of choices: which item moves, and how. */
function history(total: number, choices: readonly { item: number; move: number }[], ending: number): Fact[] {
  const stages = ['books/a', 'books/b', 'books/c'];
  const events: Fact[] = [
    [ROOT, started],
    [ROOT, opened('books', total)],
  ];
  const size = 4;
  const live = new Map<number, { stage: number; attempt: number; phase: 'idle' | 'running' | 'erred' | 'done' }>();
  const error = { code: 'io', message: 'broken 1' };
  for (let start = 0; start < total; start += size) events.push(chunk('books', start / size, Math.min(size, total - start)));
  for (const { item: any, move } of choices) {
    const global = any % total;
    const actor = chunkId(ROOT, 0, 'books', Math.floor(global / size));
    const item = global % size;
    const state = live.get(global) ?? { stage: -1, attempt: 0, phase: 'idle' as const };
    live.set(global, state);
    if (state.phase === 'done') continue;
    if (state.stage === -1) {
      events.push([actor, { type: 'step.entered', item, node: 'books' }]);
      state.stage = 0;
      continue;
    }
    const node = stages[state.stage];
    if (node === undefined) {
      events.push([actor, { type: 'step.settled', item, node: 'books', output, degraded: move === 1 }]);
      state.phase = 'done';
    } else if (state.phase === 'idle') {
      if (move === 0) events.push([actor, { type: 'step.skipped', item, node, reason: 'if' }]);
      else if (move === 1) events.push([actor, { type: 'attempt.reused', item, node, output, artifacts: [], reusedFrom: 'r0' }]);
      else {
        state.attempt += 1;
        events.push([actor, begin(item, node, state.attempt)]);
        state.phase = 'running';
      }
      if (move < 2) state.stage += 1;
    } else if (state.phase === 'running') {
      if (move < 3) {
        events.push([actor, succeed(item, node, move * 40, state.attempt)]);
        Object.assign(state, { stage: state.stage + 1, attempt: 0, phase: 'idle' });
      } else {
        events.push([actor, { type: 'attempt.failed', item, node, attempt: state.attempt, error, ms: 7 }]);
        state.phase = 'erred';
      }
    } else if (move < 2) {
      events.push([actor, { type: 'retry.due', item, node, attempt: state.attempt }]);
      state.phase = 'idle';
    } else if (move === 2) {
      events.push(
        [actor, { type: 'step.caught', item, node, error, catch: 0 }],
        [actor, { type: 'step.settled', item, node, output, degraded: true }],
      );
      Object.assign(state, { stage: state.stage + 1, attempt: 0, phase: 'idle' });
    } else {
      events.push([actor, { type: 'step.failed', item, node, error }], [actor, { type: 'step.failed', item, node: 'books', error }]);
      state.phase = 'done';
    }
    if (move === 4 && any % 7 === 0)
      events.push([ROOT, { type: 'run.interrupted', reason: 'drained' }], [ROOT, { type: 'run.resumed', by: 't' }]);
  }
  if (ending === 0) events.push([ROOT, { type: 'step.cancelled', item: 0, node: 'books', reason: 'r' }]);
  if (ending === 1) events.push([chunkId(ROOT, 0, 'books', 0), { type: 'chunk.settled', page: 'h' }]);
  if (ending <= 2) events.push([ROOT, ended('failed')]);
  return events;
}

test('counters conserve after every event of any history, and nothing is left open at its end', () => {
  const choice = fc.record({ item: fc.nat(40), move: fc.nat(4) });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 11 }), fc.array(choice, { maxLength: 150 }), fc.nat(3), (total, choices, ending) => {
      const progress = fold(books, history(total, choices, ending), conservesAll);
      assert.equal(progress.items.total, total);
      if (ending <= 2) for (const tally of [progress.items, ...progress.stages]) assert.equal(tally.waiting + tally.running, 0);
    }),
    { numRuns: 300 },
  );
});

test('given 20,000 settled items, then the view holds nothing of them', () => {
  const view = startProgress(leaf);
  let gseq = 0;
  const put = (actor: string, event: Event): void => {
    gseq += 1;
    evolveProgress(view, { gseq, run: 'r1', actor, seq: gseq, at: gseq, event });
  };
  put(ROOT, started);
  put(ROOT, opened('files', 20_000));
  for (let number = 0; number < 200; number += 1) {
    const [id, event] = chunk('files', number, 100);
    put(id, event);
    for (let item = 0; item < 100; item += 1) {
      put(id, begin(item, 'files'));
      if (item % 10 === 0)
        put(id, { type: 'attempt.failed', item, node: 'files', attempt: 1, error: { code: 'io', message: `bad ${gseq}` }, ms: 3 });
      put(
        id,
        item % 10 === 0
          ? { type: 'step.failed', item, node: 'files', error: { code: 'io', message: `bad ${gseq - 1}` } }
          : succeed(item, 'files', 3),
      );
    }
    put(id, { type: 'chunk.settled', page: 'h' });
  }
  assert.deepEqual([view.board.actors.size, view.attempts.size, view.errors.trails.size, view.errors.groups.size], [0, 0, 0, 1]);
  assert.ok(view.pace.slots.length <= 60);
  assert.deepEqual(structuredClone(view).board.stages.get('files')?.tally, showProgress(view, gseq).items);
});
