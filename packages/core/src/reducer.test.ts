import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Event, Flow, Json } from './index.ts';
import { $, call, each, flow, lit, obj, scope, value } from '../test/ir.ts';
import { assertFolds, ModelHost } from '../test/model-host.ts';
import type { Behaviour, Outcome } from '../test/model-host.ts';

const range = (count: number): Json => Array.from({ length: count }, (_, index) => index);
const types = (host: ModelHost): string[] => host.journal.map(({ event }) => event.type);
const count = (host: ModelHost, type: Event['type']): number => types(host).filter((one) => one === type).length;
const echo: Behaviour = (_uses, input) => ({ ok: input as Json });
const failing =
  (keys: readonly string[], code = 'bad'): Behaviour =>
  (_uses, input, { key }) =>
    key !== null && keys.includes(key) ? { fail: { code, message: `item ${key} is bad` } } : { ok: input as Json };

describe('steps of a scope', () => {
  it('run in the order of what they read, and in parallel otherwise', () => {
    const host = new ModelHost(
      flow([call('c', 'x', obj({ a: $('a'), b: $('b') }), { needs: ['a', 'b'] }), call('a', 'x', lit(1)), call('b', 'x', lit(2))], $('c')),
      { behave: echo },
    );
    assert.equal(host.waiting.size, 2);
    host.finish();
    assert.deepEqual(host.outcome(), { status: 'succeeded', output: { a: 1, b: 2 }, error: null });
  });

  it('are skipped when their `if` is false, and read as null', () => {
    const host = new ModelHost(flow([call('a', 'x', lit(1), { if: 'input.go' }), value('b', $('a ?? "none"'), { needs: ['a'] })], $('b')), {
      input: { go: false },
    });
    host.finish();
    assert.equal(host.outcome()?.output, 'none');
    assert.equal(count(host, 'attempt.started'), 0);
  });

  it('fail the run when nothing catches, after what runs beside them was cancelled', () => {
    const host = new ModelHost(flow([call('a', 'bad'), call('b', 'slow')], lit(null)), {
      behave: (uses) => (uses === 'bad' ? { fail: { code: 'broken', message: 'no' } } : { ok: 1 }),
    });
    for (const key of [...host.waiting.keys()]) host.start(key);
    host.end('root/0:a:1');
    assert.deepEqual([...host.cancelled], ['root/0:b:1']);
    assert.equal(host.outcome(), null);
    host.finish();
    assert.deepEqual([host.outcome()?.status, host.outcome()?.error?.code], ['failed', 'broken']);
  });

  it('see the error in a catch, whose output replaces theirs and is marked degraded', () => {
    const catches = [
      { errors: ['other'], do: value('a/catch.0', lit('no')) },
      { errors: ['net.*'], do: value('a/catch.1', $('error.code + "!"')) },
    ];
    const host = new ModelHost(flow([call('a', 'x', lit(null), { catch: catches })], $('a')), {
      behave: () => ({ fail: { code: 'net.down', message: 'm' } }),
    });
    host.finish();
    assert.equal(host.outcome()?.output, 'net.down!');
    const settled = host.journal.find(({ event }) => event.type === 'step.settled' && event.node === 'a');
    assert.equal(settled?.event.type === 'step.settled' && settled.event.degraded, true);
  });

  it('are tried again as their policy says, with growing delays, and then fail', () => {
    const retry = [{ errors: [], max: 2, delay: 1000, factor: 2, cap: 60_000 }];
    const host = new ModelHost(flow([call('a', 'x', lit(null), { retry })], $('a')), {
      behave: () => ({ fail: { code: 'io', message: 'm' } }),
    });
    host.finish();
    const failures = host.journal.filter(({ event }) => event.type === 'attempt.failed').map(({ at }) => at);
    assert.equal(failures.length, 3);
    assert.ok((failures[1] ?? 0) - (failures[0] ?? 0) >= 1000);
    assert.ok((failures[2] ?? 0) - (failures[1] ?? 0) >= 2000);
    assert.equal(host.outcome()?.error?.code, 'io');
  });

  it('are not tried again for an error that trying cannot mend', () => {
    const retry = [{ errors: [], max: 5, delay: 0, factor: 1, cap: 0 }];
    const host = new ModelHost(flow([call('a', 'x', lit(null), { retry })], $('a')), {
      behave: () => ({ fail: { code: 'contract.output', message: 'm' } }),
    });
    host.finish();
    assert.equal(count(host, 'attempt.failed'), 1);
  });

  it('fail with the place when an expression cannot be evaluated', () => {
    const host = new ModelHost(flow([value('a', $('1 / 0'))], $('a')));
    host.finish();
    assert.equal(host.outcome()?.error?.code, 'expression');
    assert.match(host.outcome()?.error?.message ?? '', /1 \/ 0/);
  });

  it('of a scope that takes too long are cancelled', () => {
    const host = new ModelHost(flow([scope('s', [call('s/a', 'x')], lit(1), { timeout: 500 })], $('s')));
    host.start('root/0:s/a:1');
    host.fireTimer();
    assert.deepEqual([...host.cancelled], ['root/0:s/a:1']);
    host.finish();
    assert.equal(host.outcome()?.error?.code, 'timeout');
  });
});

describe('each', () => {
  const squares = flow(
    [
      call('list', 'list'),
      call('s', 'square', obj({ n: $('item') }), { needs: ['list'], each: each('list', { workers: 3, tolerate: '10%' }) }),
    ],
    obj({ ok: $('s.ok'), n: $('s.ok.size()'), bad: $('s.failed.map(f, f.key)') }),
  );
  const listing =
    (size: number, rest: Behaviour): Behaviour =>
    (uses, input, about) =>
      uses === 'list' ? { ok: range(size) } : rest(uses, input, about);
  const square: Behaviour = (_uses, input) => ({ ok: (input as { n: number }).n ** 2 });

  it('calls once per item, at most `workers` at a time, and gives the results in item order', () => {
    const host = new ModelHost(squares, { behave: listing(300, square), seed: 7 });
    host.finish();
    const output = host.outcome()?.output as { n: number };
    assert.equal(output.n, 300);
    assert.equal(count(host, 'attempt.succeeded'), 301);
    assert.ok(host.mostRunning <= 3, `${host.mostRunning} at once`);
    assert.equal(host.mostRunning, 3);
  });

  it('tolerates as many failures as the step says, and lists them', () => {
    const host = new ModelHost(squares, { behave: listing(30, failing(['3', '7', '9'])) });
    host.finish();
    assert.deepEqual([host.outcome()?.status, (host.outcome()?.output as { bad: Json }).bad], ['succeeded', ['3', '7', '9']]);
  });

  it('fails beyond that, with the first failure as the reason, and starts nothing more', () => {
    const host = new ModelHost(squares, { behave: listing(300, failing(Array.from({ length: 300 }, (_, index) => String(index)))) });
    host.finish();
    assert.equal(host.outcome()?.error?.code, 'each.failed');
    assert.match(host.outcome()?.error?.message ?? '', /31 of 300 items of s failed \(tolerated: 30\)/);
    assert.ok(count(host, 'attempt.started') < 40);
  });

  it('takes a share of several items for one of them at least, and of one for none', () => {
    const outcomes = ([total, bad]: readonly [number, readonly string[]]): string | undefined =>
      new ModelHost(squares, { behave: listing(total, failing([...bad])) }).finish().outcome()?.status;
    const few: readonly (readonly [number, readonly string[]])[] = [
      [1, ['0']],
      [2, ['1']],
      [9, ['4']],
      [9, ['4', '5']],
      [19, ['4', '5']],
      [20, ['4', '5']],
    ];
    assert.deepEqual(few.map(outcomes), ['failed', 'succeeded', 'succeeded', 'failed', 'failed', 'succeeded']);
  });

  it('tolerates nothing in STRICT and everything in BEST_EFFORT', () => {
    const strict = new ModelHost(squares, { behave: listing(30, failing(['3'])), options: { mode: 'strict' } }).finish();
    assert.equal(strict.outcome()?.status, 'failed');
    const best = new ModelHost(squares, { behave: listing(3, failing(['0', '1', '2'])), options: { mode: 'best_effort' } }).finish();
    assert.deepEqual([best.outcome()?.status, (best.outcome()?.output as { n: number }).n], ['succeeded', 0]);
  });

  it('stops the run at a fatal error, whatever is tolerated', () => {
    const host = new ModelHost(squares, { behave: listing(30, failing(['3'], 'fatal')), options: { mode: 'best_effort' } }).finish();
    assert.deepEqual([host.outcome()?.status, host.outcome()?.error?.code], ['failed', 'fatal']);
  });

  it('takes the first items by key with a limit, and says of how many', () => {
    const keyed = flow(
      [call('list', 'list'), call('s', 'x', $('item.k'), { needs: ['list'], each: each('list', { key: 'item.k' }) })],
      $('s.ok'),
    );
    const items = ['d', 'a', 'c', 'b'].map((k) => ({ k }));
    const host = new ModelHost(keyed, {
      options: { limit: 2 },
      behave: (uses, input) => ({ ok: uses === 'list' ? items : (input as Json) }),
    }).finish();
    const started = host.journal.flatMap(({ event }) => (event.type === 'attempt.started' && event.key !== null ? [event.key] : []));
    assert.deepEqual(started.toSorted(), ['a', 'b']);
    const opened = host.journal.find(({ event }) => event.type === 'each.opened')?.event;
    assert.deepEqual(opened?.type === 'each.opened' && [opened.total, opened.of], [2, 4]);
  });

  it('refuses two items with one key', () => {
    const keyed = flow([value('s', $('item'), { each: each('[1, 2, 1]', { key: 'item' }) })], lit(null));
    const host = new ModelHost(keyed).finish();
    assert.equal(host.outcome()?.error?.code, 'each.duplicate_key');
  });

  it('hands groups to the body with `batch`', () => {
    const host = new ModelHost(
      flow([call('s', 'x', $('item'), { each: each('[1, 2, 3, 4, 5]', { batch: 2 }) })], $('s.ok.map(g, g.size())')),
      { behave: echo },
    ).finish();
    assert.deepEqual(host.outcome()?.output, [2, 2, 1]);
  });

  it('of an empty list settles at once', () => {
    const host = new ModelHost(flow([call('s', 'x', $('item'), { each: each('[]') })], $('s.ok.size()'))).finish();
    assert.equal(host.outcome()?.output, 0);
  });

  it('lets items overlap: one is in its second step while another is in its first', () => {
    const body = scope('b', [call('b/one', 'one', $('item')), call('b/two', 'two', $('one'), { needs: ['one'] })], $('two'), {
      each: each('[1, 2]', { workers: 2 }),
    });
    const host = new ModelHost(flow([body], $('b.ok.map(x, x)')), { behave: echo });
    host.start('root/0:b:0/0:b/one:1');
    host.end('root/0:b:0/0:b/one:1');
    assert.deepEqual([...host.waiting.keys()].toSorted(), ['root/0:b:0/0:b/two:1', 'root/0:b:0/1:b/one:1']);
    assert.deepEqual(host.finish().outcome()?.output, [1, 2]);
  });

  it('nests, and inner steps see the outer item and outer steps', () => {
    const inner = call('b/deep', 'x', $('item + outer + top + index'), { each: each('[10, 20]', { captures: ['outer', 'top'] }) });
    const body = scope('b', [inner], $('deep.ok.map(x, x)'), { each: each('[1, 2]', { as: 'outer', captures: ['top'] }), needs: ['top'] });
    const host = new ModelHost(flow([value('top', lit(100)), body], $('b.ok.map(x, x).flatten()')), { behave: echo }).finish();
    assert.deepEqual(host.outcome()?.output, [111, 122, 112, 123]);
  });

  it('catches per item', () => {
    const step = call('s', 'x', $('item'), {
      each: each('[1, 2, 3]'),
      catch: [{ errors: [], do: value('s/catch.0', $('error.message')) }],
    });
    const host = new ModelHost(flow([step], $('s.ok.map(x, x)')), {
      behave: (_uses, input, { key }) => (key === '1' ? { fail: { code: 'e', message: 'm' } } : { ok: input as Json }),
    }).finish();
    assert.deepEqual(host.outcome()?.output, [1, 'm', 3]);
  });
});

describe('in STRICT', () => {
  it('a broken contract is not caught', () => {
    const step = call('a', 'x', lit(null), { catch: [{ errors: [], do: value('a/catch.0', lit(1)) }] });
    const behave: Behaviour = () => ({ fail: { code: 'contract.output', message: 'm' } });
    assert.equal(new ModelHost(flow([step], $('a')), { behave, options: { mode: 'strict' } }).finish().outcome()?.status, 'failed');
    assert.equal(new ModelHost(flow([step], $('a')), { behave }).finish().outcome()?.output, 1);
  });
});

describe('a run that is cancelled', () => {
  it('ends what runs, counts what never began, and settles as cancelled', () => {
    const host = new ModelHost(flow([call('s', 'x', $('item'), { each: each('input.list', { workers: 2 }) })], lit(1)), {
      input: { list: range(10) },
      deaf: 0,
    });
    for (const key of [...host.waiting.keys()]) host.start(key);
    host.record('root', { type: 'run.cancelling', by: 'me', reason: 'test' });
    assert.equal(host.cancelled.size, 2);
    host.finish();
    assert.equal(host.outcome()?.status, 'cancelled');
    assert.equal(host.actors.get('root/0:s:0')?.counts.cancelled, 10);
  });
});

describe('after a crash', () => {
  it('what had completed is not asked for again, and what ran is tried again with the reason', () => {
    const host = new ModelHost(flow([call('s', 'x', $('item'), { each: each('input.list', { workers: 2 }) })], $('s.ok.size()')), {
      input: { list: range(5) },
      behave: echo,
    });
    host.start('root/0:s:0/0:s:1');
    host.end('root/0:s:0/0:s:1');
    host.start('root/0:s:0/1:s:1');
    host.crash();
    host.finish();
    const again = host.journal.filter(({ event }) => event.type === 'attempt.started' && event.reason === 'engine_ended');
    assert.equal(again.length, 1);
    assert.equal(count(host, 'attempt.succeeded'), 5);
    assert.equal(host.outcome()?.output, 5);
  });

  it('a step that ends the engine again and again is set aside', () => {
    const host = new ModelHost(flow([call('a', 'x')], $('a')), { behave: () => ({ lose: 'worker' }) }).finish();
    assert.equal(host.outcome()?.error?.code, 'quarantined');
    assert.equal(count(host, 'attempt.started'), 4);
  });
});

describe('random histories', () => {
  const shape = (workers: number, batch: number): Flow =>
    flow(
      [
        value('list', $('input.list')),
        scope(
          'b',
          [
            call('b/one', 'one', $('item'), { retry: [{ errors: [], max: 1, delay: 10, factor: 1, cap: 10 }] }),
            call('b/two', 'two', $('one'), { needs: ['one'], catch: [{ errors: ['soft'], do: value('b/two/catch.0', lit('soft')) }] }),
            call('b/deep', 'in', $('item'), { needs: ['one'], each: each('[1, 2, 3]', { tolerate: 1, batch }) }),
          ],
          obj({ two: $('two'), n: $('deep.ok.size()') }),
          { each: each('list', { workers, tolerate: '50%' }), needs: ['list'] },
        ),
      ],
      obj({ ok: $('b.ok.size()'), failed: $('b.failed.size()') }),
    );
  const scenario = fc.record({
    seed: fc.nat(),
    items: fc.nat(200),
    workers: fc.integer({ min: 1, max: 20 }),
    batch: fc.integer({ min: 1, max: 3 }),
    trouble: fc.nat(30),
    crashes: fc.array(fc.nat(400), { maxLength: 4 }),
    mode: fc.constantFrom('strict', 'flexible', 'best_effort'),
  });

  function play({
    seed,
    items,
    workers,
    batch,
    trouble,
    crashes,
    mode,
  }: typeof scenario extends fc.Arbitrary<infer S> ? S : never): ModelHost {
    let calls = 0;
    const behave: Behaviour = (_uses, input): Outcome => {
      calls += 1;
      const dice = Math.imul(calls + seed, 2654435761) >>> 0;
      if (dice % 100 >= trouble) return { ok: input as Json };
      return [
        { fail: { code: 'io', message: 'm' } },
        { fail: { code: 'soft', message: 'm' } },
        { fail: { code: 'hard', message: 'm' } },
        { lose: 'worker' as const },
      ][(dice >>> 8) % 4] as Outcome;
    };
    const host = new ModelHost(shape(workers, batch), { input: { list: range(items) }, seed, behave, options: { mode: mode } });
    let turns = 0;
    while (host.turn()) {
      turns += 1;
      if (crashes.includes(turns)) host.crash();
      assert.ok(turns < 50_000, 'the run does not end');
    }
    return host;
  }

  it('end, once, with counters that conserve, at most `workers` items at a time, and no success twice', () => {
    fc.assert(
      fc.property(scenario, (one) => {
        const host = play(one);
        assert.notEqual(host.outcome(), null);
        assert.equal(count(host, 'run.settled'), 1);
        const done = new Set<string>();
        for (const { actor, event } of host.journal) {
          if (event.type !== 'attempt.succeeded') continue;
          const key = `${actor}/${event.item}:${event.node}`;
          assert.ok(!done.has(key), `${key} succeeded twice`);
          done.add(key);
        }
        for (const state of host.actors.values()) {
          if (state.kind.type !== 'chunk') continue;
          const { succeeded, failed, skipped, cancelled } = state.counts;
          assert.equal(state.status, 'settled');
          assert.equal(succeeded + failed + skipped + cancelled, state.kind.size);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('fold to the state that the live actors had, and the same seed gives the same commands', () => {
    fc.assert(
      fc.property(scenario, (one) => {
        const host = play(one);
        assertFolds(host);
        assert.deepEqual(play(one).given, host.given);
      }),
      { numRuns: 60 },
    );
  });
});
