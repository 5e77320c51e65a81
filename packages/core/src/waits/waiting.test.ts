import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { evolveProgress, showProgress, startProgress } from '../index.ts';
import type { Flow, Progress } from '../index.ts';
import { $, call, each, flow, flowOf, lit, obj, scope, states, to, value, wait } from '../../test/ir.ts';
import { ModelHost } from '../../test/model-host.ts';

type Options = Parameters<typeof value>[2];

const DAY_MS = 86_400_000;

function progressOf(host: ModelHost, definition: Flow): Progress {
  return showProgress(host.journal.reduce(evolveProgress, startProgress(definition)), host.now);
}

describe('a step that waits for a while', () => {
  it('is over so long after it began, and gives null', () => {
    const host = new ModelHost(flow([wait('a', { for: lit(60 * DAY_MS) }), value('b', obj({ a: $('a') }), { needs: ['a'] })], $('b')));
    assert.equal(host.outcome(), null);
    host.finish();
    assert.deepEqual(host.outcome(), { status: 'succeeded', output: { a: null }, error: null });
    assert.equal(host.now, 1_000 + 60 * DAY_MS);
  });

  it('takes a duration that is computed, and fails where that is none', () => {
    const pause = flow([wait('a', { for: $('input.pause') })], $('a'));
    const host = new ModelHost(pause, { input: { pause: '1h30m' } }).finish();
    assert.equal(host.now, 1_000 + 5_400_000);
    const lost = new ModelHost(pause, { input: { pause: 'soon' } }).finish();
    assert.equal(lost.outcome()?.error?.code, 'expression');
    assert.match(lost.outcome()?.error?.message ?? '', /`for` of a is "soon", which is not a duration/);
  });

  it('is due at the same instant whatever happens to the engine meanwhile', () => {
    const host = new ModelHost(flow([wait('a', { for: lit(DAY_MS) })], $('a')));
    host.now += DAY_MS / 2;
    host.crash();
    assert.deepEqual(
      [...host.timers.values()].map(({ at }) => at),
      [1_000 + DAY_MS],
    );
    host.now += 3 * DAY_MS;
    host.crash();
    assert.equal(host.finish().now, 1_000 + 3.5 * DAY_MS);
    assert.equal(host.outcome()?.status, 'succeeded');
  });
});

describe('a step that waits until an instant', () => {
  const reach = (when: string): ModelHost => new ModelHost(flow([wait('a', { until: $('input.when') })], $('a')), { input: { when } });

  it('is over then, in whatever zone it is written', () => {
    for (const when of ['1970-01-02T00:00:00Z', '1970-01-02T01:00+01:00', '1970-01-01T18:30:00.000-05:30'])
      assert.equal(reach(when).finish().now, DAY_MS, when);
  });

  it('is over at once where that is past', () => {
    const host = reach('1969-12-31T23:59:59Z').finish();
    assert.deepEqual([host.outcome()?.status, host.now], ['succeeded', 1_000]);
  });

  it('fails where it is no instant, or has no zone', () => {
    for (const when of ['tomorrow', '1970-01-02T00:00:00', '1970-02-30T00:00:00Z'])
      assert.match(reach(when).finish().outcome()?.error?.message ?? '', /`until` of a is .* which is not an instant/);
  });
});

describe('the timeout of a wait', () => {
  const pause = (options: Options): Flow => flow([wait('a', { for: lit(DAY_MS) }, { timeout: 1_000, ...options })], $('a'));

  it('ends it with an error', () => {
    const host = new ModelHost(pause({})).finish();
    assert.deepEqual([host.outcome()?.status, host.outcome()?.error?.code, host.now], ['failed', 'timeout', 2_000]);
  });

  it('can be caught', () => {
    const host = new ModelHost(pause({ catch: [{ errors: ['timeout'], do: value('a/catch.0', lit('late')) }] })).finish();
    assert.equal(host.outcome()?.output, 'late');
  });
});

describe('a wait inside of a scope', () => {
  it('ends with it when something beside it fails', () => {
    const host = new ModelHost(flow([wait('a', { for: lit(DAY_MS) }), call('b', 'bad')], $('a')), {
      behave: () => ({ fail: { code: 'broken', message: 'no' } }),
    });
    host.start('root/0:b:1');
    host.end('root/0:b:1');
    assert.deepEqual([host.outcome()?.status, host.outcome()?.error?.code], ['failed', 'broken']);
    assert.deepEqual(
      host.journal.flatMap(({ event }) => (event.type === 'wait.left' ? [event.node] : [])),
      ['a'],
    );
  });

  it('ends with its run when that is cancelled', () => {
    const host = new ModelHost(flow([scope('s', [wait('s/a', { for: lit(DAY_MS) })], lit(1))], $('s')));
    host.record('root', { type: 'run.cancelling', by: 'me', reason: 'test' });
    assert.deepEqual([host.outcome()?.status, host.now], ['cancelled', 1_000]);
  });

  it('of states begins anew with every visit, and a timer of an earlier one does nothing', () => {
    const root = states('', [
      wait('a', { for: lit(500) }, { max: 2, next: [to('b', 'visits < 2'), to('end')] }),
      wait('b', { for: lit(100) }, { next: [to('a')] }),
      value('end', $('visits')),
    ]);
    const host = new ModelHost(flowOf(root));
    host.fireTimer();
    host.fireTimer();
    const before = host.journal.length;
    host.append('root', { type: 'wait.over', item: 0, node: 'a', iteration: '1' });
    host.consult();
    assert.deepEqual([host.journal.length, host.outcome()], [before + 1, null]);
    assert.equal(host.finish().now, 1_000 + 500 + 100 + 500);
    assert.equal(host.outcome()?.status, 'succeeded');
  });

  it('may be a state that a `catch` leads out of', () => {
    const root = states('', [
      wait('a', { for: lit(DAY_MS) }, { timeout: 10, catch: [{ errors: ['timeout'], to: 'late' }] }),
      value('late', lit('late')),
    ]);
    assert.equal(new ModelHost(flowOf(root)).finish().outcome()?.output, 'late');
  });
});

describe('waits of items', () => {
  const paused = flow(
    [wait('s', { for: $('item') }, { each: each('input.list', { workers: 3, captures: ['input'] }) })],
    obj({ n: $('s.ok.size()') }),
  );

  it('run side by side, as many as there are workers', () => {
    const list = Array.from({ length: 6 }, () => '10s');
    const host = new ModelHost(paused, { input: { list } }).finish();
    assert.deepEqual([host.outcome()?.output, host.now], [{ n: 6 }, 21_000]);
  });

  it('come to their end whenever the engine ends', () => {
    const list = Array.from({ length: 9 }, (_, index) => `${index + 1}s`);
    for (let crashAt = 0; crashAt < 9; crashAt += 1) {
      const host = new ModelHost(paused, { input: { list } });
      for (let turn = 0; host.turn(); turn += 1) if (turn === crashAt) host.crash();
      assert.deepEqual(host.outcome()?.output, { n: 9 });
      const ends = host.journal.filter(({ event }) => event.type === 'step.settled' && event.node === 's');
      assert.equal(ends.length, 9 + 1);
    }
  });

  it('are counted as waiting, and not as running', () => {
    const definition = flow(
      [
        scope('s', [call('s/x', 'x'), wait('s/w', { for: lit(1_000) }, { needs: ['x'] }), value('s/v', lit(1), { needs: ['w'] })], $('v'), {
          each: each('input.list', { workers: 2 }),
        }),
      ],
      lit(null),
    );
    const host = new ModelHost(definition, { input: { list: [1, 2, 3] } });
    const first = [...host.waiting.keys()][0] ?? '';
    host.start(first);
    host.end(first);
    const { items, stages } = progressOf(host, definition);
    assert.deepEqual([items.waiting, items.running], [2, 1]);
    assert.deepEqual(
      stages.map(({ id, waiting, running, succeeded }) => [id, waiting, running, succeeded]),
      [
        ['s/x', 2, 0, 1],
        ['s/w', 3, 0, 0],
        ['s/v', 3, 0, 0],
      ],
    );
    host.finish();
    const end = progressOf(host, definition);
    assert.deepEqual([end.items.succeeded, end.items.waiting, end.items.running], [3, 0, 0]);
  });
});
