import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { evolve } from '../index.ts';
import type { ActorState, Json, Node } from '../index.ts';
import { $, call, each, flow, lit, obj, scope, states, to, undo, value } from '../../test/ir.ts';
import { ModelHost } from '../../test/model-host.ts';
import type { Behaviour } from '../../test/model-host.ts';
import { accountOf, assertUndone, playSaga, saga } from '../../test/sagas.ts';

/** A step that does something and can be undone: the compensation is told what the step gave. */
const make = (id: string, uses = 'make', options: Parameters<typeof call>[3] = {}): Node =>
  call(id, uses, lit(id), { ...options, compensate: undo(id, 'undo', $(id.slice(id.lastIndexOf('/') + 1))) });
const boom = (id: string, needs: readonly string[] = []): Node => call(id, 'boom', lit(null), { needs });

/** `make` gives its input, `boom` fails, and `undo` notes what it was given; `breaks` names what cannot be undone. */
function world(breaks: readonly Json[] = []): { readonly behave: Behaviour; readonly undone: Json[] } {
  const undone: Json[] = [];
  const behave: Behaviour = (uses, input) => {
    if (uses === 'boom') return { fail: { code: 'boom', message: 'no' } };
    if (uses === 'undo' && breaks.includes(input as Json)) return { fail: { code: 'stays', message: 'it stays' } };
    if (uses === 'undo') undone.push(input as Json);
    return { ok: input as Json };
  };
  return { behave, undone };
}

const run = (host: ModelHost, keys: readonly string[]): void => {
  for (const key of keys) {
    host.start(key);
    host.end(key);
  }
};

const chain = (...steps: readonly ((needs: readonly string[]) => Node)[]): readonly Node[] => {
  const made: Node[] = [];
  for (const step of steps) made.push(step(made.slice(-1).map(({ id }) => id.slice(id.lastIndexOf('/') + 1))));
  return made;
};

describe('a scope that fails', () => {
  it('undoes what completed inside, the latest first, and fails as it would have', () => {
    const { behave, undone } = world();
    const steps = chain(
      (needs) => make('a', 'make', { needs }),
      (needs) => make('b', 'make', { needs }),
      (needs) => boom('c', needs),
    );
    const host = new ModelHost(flow(steps, lit(null)), { behave }).finish();
    assert.deepEqual(undone, ['b', 'a']);
    assert.deepEqual([host.outcome()?.status, host.outcome()?.error?.code], ['failed', 'boom']);
  });

  it('undoes nothing where all went well, or a catch took over before', () => {
    const { behave, undone } = world();
    const caught = call('b', 'boom', lit(null), { needs: ['a'], catch: [{ errors: [], do: value('b/catch.0', lit(1)) }] });
    const host = new ModelHost(flow([make('a'), caught], $('b')), { behave }).finish();
    assert.deepEqual([host.outcome()?.output, undone], [1, []]);
  });

  it('is replaced by its own catch only when all is undone, and what lies outside stays', () => {
    const { behave, undone } = world();
    const inner = scope('s', [make('s/b'), boom('s/c', ['b'])], lit(null), {
      needs: ['a'],
      catch: [{ errors: [], do: value('s/catch.0', $('error.code')) }],
    });
    const host = new ModelHost(flow([make('a'), inner], $('s')), { behave }).finish();
    assert.deepEqual([host.outcome()?.output, undone], ['boom', ['s/b']]);
    const order = host.journal.map(({ event }) => event.type);
    assert.ok(order.indexOf('step.caught') > order.lastIndexOf('attempt.succeeded'));
  });

  it('waits for what runs beside, and undoes it too when it completes all the same', () => {
    const { behave, undone } = world();
    const host = new ModelHost(flow([make('a'), boom('b')], lit(null)), { behave });
    for (const key of [...host.waiting.keys()]) host.start(key);
    host.end('root/0:b:1');
    host.cancelled.clear();
    host.end('root/0:a:1');
    host.finish();
    assert.deepEqual([undone, host.outcome()?.error?.code], [['a'], 'boom']);
  });

  it('undoes what was done in every visit of a state, and only in this instance of it', () => {
    const { behave, undone } = world();
    const visit = scope('m/go/s', [call('m/go/s/a', 'make', $('visits'), { compensate: undo('m/go/s/a', 'undo', $('a')) })], $('a'));
    const go = scope('m/go', [visit], $('s'), { next: [to('go', 'visits < 3'), to('end')], max: 5 });
    const machine = states('m', [go, value('m/end', lit(null))]);
    const host = new ModelHost(flow([machine, boom('x', ['m'])], lit(null)), { behave }).finish();
    assert.deepEqual([undone, host.outcome()?.error?.code], [[3, 2, 1], 'boom']);
  });

  it('in a state that is visited again leaves the visits before as they are', () => {
    const { behave, undone } = world();
    const steps = [
      call('m/go/a', 'make', $('visits'), { compensate: undo('m/go/a', 'undo', $('a')) }),
      call('m/go/b', 'boom', lit(null), { needs: ['a'], if: 'visits == 2' }),
    ];
    const go = scope('m/go', steps, $('a'), { next: [to('go', 'visits < 2'), to('end')], max: 5, catch: [{ errors: [], to: 'end' }] });
    const host = new ModelHost(flow([states('m', [go, value('m/end', lit('done'))])], $('m')), { behave }).finish();
    assert.deepEqual([host.outcome()?.output, undone], ['done', [2]]);
  });

  it('says when the input of a compensation cannot be evaluated', () => {
    const { behave } = world();
    const a = call('a', 'make', lit(0), { compensate: undo('a', 'undo', $('1 / a')) });
    const host = new ModelHost(flow([a, boom('b', ['a'])], lit(null)), { behave }).finish();
    assert.equal(host.outcome()?.error?.code, 'compensation_failed');
    assert.match(host.outcome()?.error?.message ?? '', /a could not be undone: expression/);
  });

  it('holds a compensation to its own limit, timeout and retries', () => {
    let tries = 0;
    const behave: Behaviour = (uses) => {
      if (uses === 'undo') tries += 1;
      return uses === 'boom' || (uses === 'undo' && tries < 3) ? { fail: { code: 'io', message: 'm' } } : { ok: 1 };
    };
    const policies = { retry: [{ errors: [], max: 2, delay: 5, factor: 1, cap: 5 }], timeout: 700, limit: 'desk' };
    const a = call('a', 'make', lit(0), { compensate: undo('a', 'undo', $('a'), policies) });
    const host = new ModelHost(flow([a, boom('b', ['a'])], lit(null)), { behave }).finish();
    assert.deepEqual([tries, host.outcome()?.error?.code], [3, 'io']);
    const asked = host.given.map((text) => JSON.parse(text)[1]).find((command) => command.uses === 'undo');
    assert.deepEqual([asked.node, asked.pool, asked.timeoutMs], ['a/compensate.0', 'desk', 700]);
  });
});

describe('a compensation that fails', () => {
  const steps = chain(
    (needs) => make('a', 'make', { needs }),
    (needs) => make('b', 'make', { needs }),
    (needs) => make('c', 'make', { needs }),
    (needs) => boom('d', needs),
  );

  it('ends the undoing, and names the step, the error and what stays', () => {
    const { behave, undone } = world(['b']);
    const host = new ModelHost(flow(steps, lit(null)), { behave }).finish();
    const error = host.outcome()?.error;
    assert.deepEqual(undone, ['c']);
    assert.deepEqual([host.outcome()?.status, error?.code], ['failed', 'compensation_failed']);
    assert.deepEqual(error?.details, {
      step: 'b',
      key: null,
      error: { code: 'stays', message: 'it stays' },
      after: { code: 'boom', message: 'no' },
      left: 1,
      notUndone: ['a'],
    });
  });

  const inner = (errors: readonly string[]): readonly Node[] => [
    make('a'),
    scope('s', [make('s/b'), boom('s/c', ['b'])], lit(null), { needs: ['a'], catch: [{ errors, do: value('s/catch.0', lit('hidden')) }] }),
  ];

  it('is not hidden by a catch of everything, and the scopes around undo nothing more', () => {
    const { behave, undone } = world(['s/b']);
    const host = new ModelHost(flow(inner(['*']), $('s')), { behave }).finish();
    assert.deepEqual([host.outcome()?.error?.code, undone], ['compensation_failed', []]);
    assert.deepEqual([host.outcome()?.error?.details?.['left'], host.outcome()?.error?.details?.['notUndone']], [1, ['a']]);
  });

  it('is taken by a catch that names it', () => {
    const { behave } = world(['s/b']);
    const host = new ModelHost(flow(inner(['compensation_failed']), $('s')), { behave }).finish();
    assert.equal(host.outcome()?.output, 'hidden');
  });

  it('in a scope that is being cancelled is what the scope around fails with', () => {
    const { behave } = world(['s/b']);
    const failing = scope('s', [make('s/b'), boom('s/c', ['b'])], lit(null), { needs: ['a'] });
    const host = new ModelHost(flow([make('a'), failing, call('x', 'boom')], lit(null)), { behave });
    run(host, ['root/0:a:1', 'root/0:s/b:1', 'root/0:s/c:1']);
    host.start('root/0:s/b/compensate.0:1');
    host.start('root/0:x:1');
    host.end('root/0:x:1');
    host.finish();
    assert.equal(host.outcome()?.error?.code, 'compensation_failed');
    assert.deepEqual(host.outcome()?.error?.details?.['notUndone'], ['a']);
  });
});

describe('an item of an each that fails', () => {
  const items = (tolerate: number): Node =>
    scope(
      'b',
      [call('b/a', 'make', $('item'), { compensate: undo('b/a', 'undo', $('a * 10')) }), call('b/c', 'maybe', $('item'), { needs: ['a'] })],
      $('a'),
      {
        each: each('[1, 2, 3]', { tolerate, workers: 1 }),
      },
    );
  const maybe =
    (behave: Behaviour): Behaviour =>
    (uses, input, about) =>
      uses === 'maybe' && input === 2 ? { fail: { code: 'bad', message: 'two' } } : behave(uses, input, about);

  it('undoes what was done for this item alone', () => {
    const { behave, undone } = world();
    const host = new ModelHost(flow([items(1)], $('b.ok.size()')), { behave: maybe(behave) }).finish();
    assert.deepEqual([host.outcome()?.output, undone], [2, [20]]);
  });

  it('undoes the other items too when the each fails with it, in reverse order, long after they settled', () => {
    const { behave, undone } = world();
    const host = new ModelHost(flow([items(0)], $('b.ok.size()')), { behave: maybe(behave) }).finish();
    assert.deepEqual([host.outcome()?.error?.code, undone], ['each.failed', [20, 10]]);
  });

  it('undoes the items of an each that had succeeded when something after it fails', () => {
    const { behave, undone } = world();
    const plain = call('s', 'make', $('item'), {
      each: each('input.list', { workers: 1 }),
      compensate: undo('s', 'undo', obj({ of: $('s'), at: $('index') })),
    });
    const list = Array.from({ length: 300 }, (_, index) => index);
    const host = new ModelHost(flow([plain, boom('x', ['s'])], lit(null)), { behave, input: { list } }).finish();
    assert.deepEqual(
      undone,
      list.toReversed().map((at) => ({ of: at, at })),
    );
    assert.equal(host.outcome()?.error?.code, 'boom');
  });

  it('and cannot be undone is what the each fails with', () => {
    const { behave } = world([20]);
    const host = new ModelHost(flow([items(0)], $('b.ok.size()')), { behave: maybe(behave) }).finish();
    assert.equal(host.outcome()?.error?.code, 'compensation_failed');
    assert.deepEqual(host.outcome()?.error?.details?.['notUndone'], ['b/a [0]']);
  });
});

describe('a run that is cancelled', () => {
  const long = flow([make('a'), call('b', 'slow', lit(null), { needs: ['a'] })], lit(null));

  it('undoes what completed, and is cancelled then', () => {
    const { behave, undone } = world();
    const host = new ModelHost(long, { behave });
    run(host, ['root/0:a:1']);
    host.start('root/0:b:1');
    host.record('root', { type: 'run.cancelling', by: 'me', reason: 'test' });
    host.finish();
    assert.deepEqual([host.outcome()?.status, undone], ['cancelled', ['a']]);
  });

  it('while it undoes goes on undoing', () => {
    const { behave, undone } = world();
    const host = new ModelHost(flow([make('a'), boom('b', ['a'])], lit(null)), { behave });
    run(host, ['root/0:a:1', 'root/0:b:1']);
    host.start('root/0:a/compensate.0:1');
    host.record('root', { type: 'run.cancelling', by: 'me', reason: 'test' });
    assert.equal(host.cancelled.size, 0);
    host.finish();
    assert.deepEqual([host.outcome()?.status, undone], ['cancelled', ['a']]);
  });

  it('and cannot be undone has failed', () => {
    const { behave } = world(['a']);
    const host = new ModelHost(long, { behave });
    run(host, ['root/0:a:1']);
    host.record('root', { type: 'run.cancelling', by: 'me', reason: 'test' });
    host.finish();
    assert.deepEqual([host.outcome()?.status, host.outcome()?.error?.code], ['failed', 'compensation_failed']);
  });
});

describe('a scope that failed and is cut off while it is undone', () => {
  /** `s` fails with `boom`, and while `a` is undone for that, `x` beside it fails with `late`. */
  const ended = (
    errors: readonly string[],
    breaks: readonly Json[] = [],
  ): { readonly host: ModelHost; readonly undone: readonly Json[] } => {
    const { behave, undone } = world(breaks);
    const late: Behaviour = (uses, ...asked) => (uses === 'late' ? { fail: { code: 'late', message: 'no' } } : behave(uses, ...asked));
    const caught = scope('s', [make('s/a'), boom('s/b', ['a'])], lit(null), { catch: [{ errors, do: value('s/catch.0', lit('caught')) }] });
    const host = new ModelHost(flow([caught, call('x', 'late')], lit(null)), { behave: late });
    run(host, ['root/0:s/a:1', 'root/0:s/b:1']);
    host.start('root/0:s/a/compensate.0:1');
    run(host, ['root/0:x:1']);
    return { host: host.finish(), undone };
  };
  const endsOf = ({ journal }: ModelHost): readonly string[] =>
    journal.flatMap(({ event }) => ('node' in event && event.node === 's' && event.type.startsWith('step.') ? [event.type] : []));

  it('is undone all the same, and cancelled as it would be in its catch: what it is cut off for is the reason', () => {
    for (const errors of [[], ['boom'], ['*']]) {
      const { host, undone } = ended(errors);
      assert.deepEqual([host.outcome()?.error?.code, undone], ['late', ['s/a']]);
      assert.deepEqual(endsOf(host), ['step.entered', 'step.cancelled']);
    }
  });

  it('has failed where none of its catches takes that', () => {
    const { host, undone } = ended(['other']);
    assert.deepEqual([host.outcome()?.error?.code, undone], ['boom', ['s/a']]);
    assert.deepEqual(endsOf(host), ['step.entered', 'step.failed']);
  });

  it('fails with what could not be undone, whatever its catch names', () => {
    for (const errors of [[], ['boom', 'compensation_failed']])
      assert.equal(ended(errors, ['s/a']).host.outcome()?.error?.code, 'compensation_failed');
  });
});

describe('after a crash', () => {
  it('undoing goes on with the compensation that was under way', () => {
    const { behave, undone } = world();
    const host = new ModelHost(flow([make('a'), make('b', 'make', { needs: ['a'] }), boom('c', ['b'])], lit(null)), { behave });
    run(host, ['root/0:a:1', 'root/0:b:1', 'root/0:c:1', 'root/0:b/compensate.0:1']);
    host.start('root/0:a/compensate.1:1');
    host.crash();
    host.finish();
    assert.deepEqual(undone, ['b', 'a']);
    const again = host.journal.filter(({ event }) => event.type === 'attempt.started' && event.reason === 'engine_ended');
    assert.deepEqual(
      again.map(({ event }) => 'node' in event && event.node),
      ['a/compensate.1'],
    );
  });
});

describe('random sagas', () => {
  it('undo exactly what completed inside what failed, each once, in reverse order', () => {
    fc.assert(
      fc.property(saga, (one) => {
        const host = playSaga(one, 0);
        assertUndone(host);
      }),
      { numRuns: 300 },
    );
  });

  it('that cannot be undone fail with just that, and undo nothing twice', () => {
    fc.assert(
      fc.property(saga, (one) => {
        const host = playSaga(one, 30, { options: { mode: 'strict' } });
        const { undone } = accountOf(host);
        assert.equal(new Set(undone.map(({ token }) => token)).size, undone.length);
        const hasFailed = host.journal.some(({ event }) => event.type === 'attempt.failed' && event.error.code === 'stays');
        if (hasFailed) assert.deepEqual([host.outcome()?.status, host.outcome()?.error?.code], ['failed', 'compensation_failed']);
      }),
      { numRuns: 200 },
    );
  });

  it('fold to the state that the live actors had, and the same seed gives the same commands', () => {
    fc.assert(
      fc.property(saga, (one) => {
        const host = playSaga(one, 10);
        const folded = new Map<string, ActorState>();
        for (const recorded of host.journal) folded.set(recorded.actor, evolve(folded.get(recorded.actor) ?? null, recorded));
        assert.deepEqual(folded, host.actors);
        assert.deepEqual(playSaga(one, 10).given, host.given);
      }),
      { numRuns: 60 },
    );
  });
});
