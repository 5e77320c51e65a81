import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { evolve, evolveProgress, iterationOf, showProgress, startProgress } from '../index.ts';
import type { ActorState, Event, Flow, Json, Node } from '../index.ts';
import { $, call, each, flow, flowOf, lit, obj, scope, states, to, value } from '../../test/ir.ts';
import { assertFolds, ModelHost } from '../../test/model-host.ts';
import type { Behaviour, Outcome } from '../../test/model-host.ts';

const echo: Behaviour = (_uses, input) => ({ ok: input as Json });
const count = (host: ModelHost, type: Event['type']): number => host.journal.filter(({ event }) => event.type === type).length;
const entered = (host: ModelHost, scopeId: string): string[] =>
  host.journal.flatMap(({ event }) => (event.type === 'state.entered' && event.node === scopeId ? [`${event.state}${event.visit}`] : []));

/** Write and review until the review says it is good: the two states of most loops. */
function review(max: number, more: { readonly next?: Node['next']; readonly catch?: Node['catch'] } = {}): Flow {
  return flowOf(
    states('', [
      call('write', 'write', obj({ notes: $('review?.notes ?? "none"'), visit: $('visits') }), { next: [to('review')] }),
      call('review', 'review', $('write'), {
        max,
        next: more.next ?? [to('done', 'review.score >= 8'), to('write')],
        catch: more.catch ?? [],
      }),
      value('done', obj({ text: $('write.text'), rounds: $('review.round'), from: $('prev.score') })),
    ]),
  );
}

/** Reviews get better by three with every round. */
function critic(): Behaviour {
  let round = 0;
  return (uses, input) => {
    if (uses === 'write') return { ok: { text: `draft for ${(input as { notes: string }).notes}` } };
    round += 1;
    return { ok: { score: 3 * round, notes: `note ${round}`, round } };
  };
}

describe('a scope of states', () => {
  it('begins with the first and ends with one that has no next, whose output is its own', () => {
    const host = new ModelHost(
      flowOf(states('', [value('a', lit(1), { next: [to('c')] }), value('b', lit(2)), value('c', $('a + 1'))])),
    ).finish();
    assert.deepEqual(host.outcome(), { status: 'succeeded', output: 2, error: null });
    assert.deepEqual(entered(host, ''), ['a1', 'c1']);
  });

  it('goes back while the first guard that holds says so, and reads the latest outputs', () => {
    const host = new ModelHost(review(9), { behave: critic() }).finish();
    assert.deepEqual(entered(host, ''), ['write1', 'review1', 'write2', 'review2', 'write3', 'review3', 'done1']);
    assert.deepEqual(host.outcome()?.output, { text: 'draft for note 2', rounds: 3, from: 9 });
  });

  it("goes where an expression over the state's own output says", () => {
    const pick = flowOf(
      states('', [
        call('ask', 'ask', lit(null), { next: [{ ...to($('ask.next')), among: ['left', 'right'] }] }),
        value('left', lit('l')),
        value('right', lit('r')),
      ]),
    );
    for (const next of ['left', 'right']) {
      const host = new ModelHost(pick, { behave: () => ({ ok: { next } }) }).finish();
      assert.equal(host.outcome()?.output, next.slice(0, 1));
    }
    const lost = new ModelHost(pick, { behave: () => ({ ok: { next: 'up' } }) }).finish();
    assert.match(lost.outcome()?.error?.message ?? '', /`next` of ask gives "up", which is none of its states/);
  });

  it('gives its output template where it has one, in which states that were never reached are null', () => {
    const root = states('', [value('a', lit(1), { next: [to('c')] }), value('b', lit(2), { next: [to('c')] }), value('c', lit(3))], {
      output: obj({ a: $('a'), b: $('b'), c: $('c') }),
    });
    assert.deepEqual(new ModelHost(flowOf(root)).finish().outcome()?.output, { a: 1, b: null, c: 3 });
  });

  it('shows a state `visits` and `prev`, and its own last output', () => {
    const root = states('', [
      value('a', obj({ n: $('visits'), own: $('a?.n ?? 0'), prev: $('prev') }), { max: 3, next: [to('b', 'visits < 3'), to('end')] }),
      value('b', $('a.n * 10'), { next: [to('a')] }),
      value('end', $('a')),
    ]);
    const host = new ModelHost(flowOf(root)).finish();
    const outputs = host.journal.flatMap(({ event }) =>
      event.type === 'step.settled' && event.node === 'a' && 'v' in event.output ? [event.output.v] : [],
    );
    assert.deepEqual(outputs, [
      { n: 1, own: 0, prev: null },
      { n: 2, own: 1, prev: 10 },
      { n: 3, own: 2, prev: 20 },
    ]);
  });

  it('passes through a state whose `if` is false, as null', () => {
    const root = states('', [value('a', lit(1), { if: 'false', next: [to('b')] }), value('b', $('prev ?? "nothing"'))]);
    assert.equal(new ModelHost(flowOf(root)).finish().outcome()?.output, 'nothing');
  });

  it('fails when a state fails that nothing catches, and its own catch may replace the result', () => {
    const body = [call('s/a', 'bad', lit(null), { next: [to('b')] }), value('s/b', lit(1))];
    const behave: Behaviour = () => ({ fail: { code: 'broken', message: 'no' } });
    const plain = new ModelHost(flow([states('s', body)], $('s')), { behave }).finish();
    assert.deepEqual([plain.outcome()?.status, plain.outcome()?.error?.code], ['failed', 'broken']);
    const caught = states('s', body, { catch: [{ errors: ['broken'], do: value('s/catch.0', lit('saved')) }] });
    assert.equal(new ModelHost(flow([caught], $('s')), { behave }).finish().outcome()?.output, 'saved');
  });

  it('that takes too long is cancelled in the state it is in', () => {
    const host = new ModelHost(
      flow([states('s', [call('s/a', 'x', lit(null), { next: [to('b')] }), call('s/b', 'x')], { timeout: 500 })], $('s')),
    );
    host.start('root/0:s/a:1@1');
    host.end('root/0:s/a:1@1');
    host.start('root/0:s/b:1@1');
    host.fireTimer();
    assert.deepEqual([...host.cancelled], ['root/0:s/b:1@1']);
    assert.equal(host.finish().outcome()?.error?.code, 'timeout');
  });

  it('ends with its run when that is cancelled', () => {
    const host = new ModelHost(review(3), { behave: critic() });
    host.start('root/0:write:1@1');
    host.record('root', { type: 'run.cancelling', by: 'me', reason: 'test' });
    assert.equal(host.finish().outcome()?.status, 'cancelled');
  });
});

describe('beyond `max`', () => {
  const never = [to('write')];

  it('a state does not run but fails with loop.exceeded', () => {
    const host = new ModelHost(review(2, { next: never }), { behave: critic() }).finish();
    assert.deepEqual([host.outcome()?.status, host.outcome()?.error?.code], ['failed', 'loop.exceeded']);
    assert.match(host.outcome()?.error?.message ?? '', /review was to be entered more than 2 times/);
    assert.equal(host.journal.filter(({ event }) => event.type === 'attempt.succeeded' && event.node === 'review').length, 2);
  });

  it('its catch may go on with another state, which marks the result as degraded', () => {
    const host = new ModelHost(review(2, { next: never, catch: [{ errors: ['loop.exceeded'], to: 'done' }] }), {
      behave: critic(),
    }).finish();
    assert.deepEqual(host.outcome()?.output, { text: 'draft for note 2', rounds: 2, from: 6 });
    const last = host.journal.findLast(({ event }) => event.type === 'step.settled')?.event;
    assert.equal(last?.type === 'step.settled' && last.node === '' && last.degraded, true);
  });

  it('its catch may also replace its output', () => {
    const replaced = [{ errors: ['loop.exceeded'], do: value('review/catch.0', obj({ score: lit(10), round: lit(0) })) }];
    const host = new ModelHost(review(1, { next: [to('done', 'review.score > 9'), to('write')], catch: replaced }), {
      behave: critic(),
    }).finish();
    assert.deepEqual(host.outcome()?.output, { text: 'draft for note 1', rounds: 0, from: 10 });
  });
});

describe('a catch with `to`', () => {
  it('goes on after the failure of all that is inside the state, and sees its error in `if`', () => {
    const work = scope('work', [call('work/a', 'bad'), call('work/b', 'slow')], lit(1), {
      catch: [
        { errors: [], if: { $: 'error.code == "other"', reads: [] }, to: 'end' },
        { errors: ['io'], to: 'mend' },
      ],
      max: 2,
      next: [to('end')],
    });
    const root = states('', [work, value('mend', $('visits'), { next: [to('work')] }), value('end', $('[work, mend]'))]);
    let calls = 0;
    const behave: Behaviour = (uses) => {
      calls += uses === 'bad' ? 1 : 0;
      return uses === 'bad' && calls === 1 ? { fail: { code: 'io', message: 'm' } } : { ok: calls };
    };
    const host = new ModelHost(flowOf(root), { behave });
    host.start('root/0:work/a:1@1');
    host.start('root/0:work/b:1@1');
    host.end('root/0:work/a:1@1');
    assert.deepEqual([...host.cancelled], ['root/0:work/b:1@1']);
    assert.deepEqual(entered(host, ''), ['work1']);
    host.finish();
    assert.deepEqual(entered(host, ''), ['work1', 'mend1', 'work2', 'end1']);
    assert.deepEqual(host.outcome()?.output, [1, 1]);
  });

  it('forgets what still waited for a pool in the visit that failed', () => {
    const work = scope('work', [call('work/a', 'bad'), call('work/b', 'late', $('visits'))], $('b'), {
      max: 2,
      catch: [{ errors: ['io'], to: 'again' }],
    });
    const root = states('', [work, value('again', lit(0), { next: [to('work')] })]);
    let bad = true;
    const host = new ModelHost(flowOf(root), {
      behave: (uses, input) => (uses === 'bad' && bad ? { fail: { code: 'io', message: 'm' } } : { ok: input as Json }),
    });
    host.start('root/0:work/a:1@1');
    host.end('root/0:work/a:1@1');
    bad = false;
    assert.deepEqual([...host.waiting.keys()], ['root/0:work/b:1@1', 'root/0:work/a:1@2', 'root/0:work/b:1@2']);
    assert.equal(host.finish().outcome()?.output, 2);
    assert.equal(host.journal.filter(({ event }) => event.type === 'attempt.started' && event.node === 'work/b').length, 1);
  });

  it('of a state with items is about the state as a whole', () => {
    const failing: Behaviour = (_uses, input) => (input === 2 ? { fail: { code: 'io', message: 'm' } } : { ok: input as Json });
    const items = call('items', 'x', $('item'), {
      each: each('[1, 2, 3]'),
      next: [to('end')],
      catch: [{ errors: ['io', 'each.failed'], to: 'repair' }],
    });
    const host = new ModelHost(flowOf(states('', [items, value('repair', lit('repaired')), value('end', lit('end'))])), {
      behave: failing,
    }).finish();
    assert.equal(host.outcome()?.output, 'repaired');
    const caught = host.journal.flatMap(({ actor, event }) => (event.type === 'step.caught' ? [[actor, event.error.code]] : []));
    assert.deepEqual(caught, [['root', 'each.failed']]);
  });
});

describe('nesting', () => {
  /** An `each` of OR scopes, each with a state that is an AND scope with an `each` of its own. */
  const inner = states(
    'make/books',
    [
      scope(
        'make/books/draft',
        [
          call('make/books/draft/parts', 'part', $('book * 100 + rounds * 10 + item'), {
            each: each('[1, 2]', { captures: ['book', 'rounds'] }),
            needs: ['rounds'],
          }),
          value('make/books/draft/rounds', $('visits')),
        ],
        $('parts.ok.map(p, p)'),
        { max: 3, next: [to('draft', 'visits < 2'), to('close')] },
      ),
      value('make/books/close', obj({ book: $('book'), parts: $('draft'), outer: $('top') })),
    ],
    { each: each('[1, 2]', { as: 'book', captures: ['top'] }), needs: ['top'] },
  );
  const nested = flowOf(
    states('', [
      scope('make', [value('make/top', $('visits')), inner], $('books.ok.map(b, b)'), {
        max: 2,
        next: [to('make', 'visits < 2'), to('end')],
      }),
      value('end', $('make')),
    ]),
  );

  it('of items in states in items in states gives each visit chunks and attempts of its own', () => {
    const host = new ModelHost(nested, { behave: echo, seed: 3 }).finish();
    assert.deepEqual(host.outcome()?.output, [
      { book: 1, parts: [121, 122], outer: 2 },
      { book: 2, parts: [221, 222], outer: 2 },
    ]);
    const chunks = [...host.actors.keys()];
    assert.equal(chunks.filter((id) => id.startsWith('root/0:make.books@1:0')).length, 5);
    assert.ok(chunks.includes('root/0:make.books@2:0/1:make.books.draft.parts@2:0'), chunks.join('\n'));
    assert.equal(chunks.length, 11);
    assert.equal(count(host, 'attempt.succeeded'), 16);
  });

  it('goes on after a crash at any moment, and repeats nothing that had completed', () => {
    const whole = new ModelHost(nested, { behave: echo, seed: 3 }).finish();
    for (let at = 0; at < 32; at += 1) {
      const host = new ModelHost(nested, { behave: echo, seed: 3 });
      for (let turn = 0; turn < at && host.turn(); turn += 1);
      host.crash();
      host.finish();
      assert.deepEqual(host.outcome(), whole.outcome());
      assert.equal(count(host, 'attempt.succeeded'), 16);
    }
  });

  it('keeps the ids of what has no states around it', () => {
    const host = new ModelHost(flow([call('s', 'x', $('item'), { each: each('[1]') })], $('s.ok.size()')), { behave: echo });
    assert.deepEqual([...host.waiting.keys()], ['root/0:s:0/0:s:1']);
    assert.equal(iterationOf(host.root().open.get(0)?.steps, 's'), '');
  });
});

describe('late results', () => {
  it('for a state that was left or entered again change nothing', () => {
    const host = new ModelHost(review(9), { behave: critic() });
    for (const key of ['root/0:write:1@1', 'root/0:review:1@1']) {
      host.start(key);
      host.end(key);
    }
    const before = host.root();
    host.append('root', { type: 'attempt.failed', item: 0, node: 'review', attempt: 1, error: { code: 'io', message: 'late' }, ms: 1 });
    host.append('root', {
      type: 'attempt.reused',
      item: 0,
      node: 'write',
      output: { v: 1 },
      artifacts: [],
      reusedFrom: 'r0',
      iteration: '1',
    });
    host.append('root', {
      type: 'attempt.reused',
      item: 0,
      node: 'review',
      output: { v: 1 },
      artifacts: [],
      reusedFrom: 'r0',
      iteration: '2',
    });
    assert.deepEqual(host.root().open, before.open);
  });
});

describe('random histories of states', () => {
  const scenario = fc.record({
    seed: fc.nat(),
    items: fc.nat(12),
    states: fc.integer({ min: 2, max: 5 }),
    links: fc.array(fc.nat(99), { minLength: 20, maxLength: 20 }),
    max: fc.integer({ min: 1, max: 3 }),
    trouble: fc.nat(40),
    crashes: fc.array(fc.nat(150), { maxLength: 4 }),
    cancelAt: fc.option(fc.nat(120), { nil: undefined }),
    outermost: fc.boolean(),
  });
  type Scenario = typeof scenario extends fc.Arbitrary<infer S> ? S : never;

  /** Any states with any transitions; every state but the last has a `max`, and the last is final. */
  function machine(id: string, { states: size, links, max }: Pick<Scenario, 'states' | 'links' | 'max'>, depth: number): Node[] {
    const names = Array.from({ length: size }, (_, index) => `s${index}`);
    const last = names[size - 1] ?? '';
    return names.map((name, index) => {
      const path = id === '' ? name : `${id}/${name}`;
      const link = (offset: number): string => names[(links[(index * 3 + offset + depth * 7) % links.length] ?? 0) % size] ?? last;
      const options = {
        max,
        ...(name === last ? {} : { next: [to(link(0), 'visits > 1'), to(link(1))] }),
        catch: [
          { errors: ['soft'], do: value(`${path}/catch.0`, $('[visits, error.code]')) },
          { errors: ['loop.exceeded', 'io'], to: last },
        ],
      };
      const kind = (links[index] ?? 0) % 4;
      if (name === last) return call(path, 'last', $('[prev, visits]'));
      if (kind === 0 && depth > 0)
        return scope(
          path,
          [call(`${path}/p`, 'p', $('visits')), states(`${path}/q`, machine(`${path}/q`, { states: size, links, max }, depth - 1))],
          $('q'),
          options,
        );
      if (kind === 1 && depth > 0) {
        const { catch: catches, ...rest } = options;
        return call(path, 'many', $('item'), {
          ...rest,
          catch: [...catches, { errors: ['each.failed'], to: last }],
          each: each('[1, 2, 3]', { tolerate: 1 }),
        });
      }
      return call(path, 'one', $(`[visits, ${name}]`), { ...options, retry: [{ errors: ['io'], max: 1, delay: 10, factor: 1, cap: 10 }] });
    });
  }

  function flowIn(one: Scenario): Flow {
    if (one.outermost) return flowOf(states('', machine('', one, 1)));
    return flow([states('b', machine('b', one, 1), { each: each('input.list', { workers: 3, tolerate: '100%' }) })], $('b.ok.size()'));
  }

  function play(one: Scenario): ModelHost {
    let calls = 0;
    const behave: Behaviour = (_uses, input): Outcome => {
      calls += 1;
      const dice = Math.imul(calls + one.seed, 2654435761) >>> 0;
      if (dice % 100 >= one.trouble) return { ok: (input as Json) ?? null };
      const troubles: Outcome[] = [
        { fail: { code: 'io', message: 'm' } },
        { fail: { code: 'soft', message: 'm' } },
        { fail: { code: 'hard', message: 'm' } },
        { lose: 'worker' },
      ];
      return troubles[(dice >>> 8) % 4] ?? { ok: null };
    };
    const list = Array.from({ length: one.items }, (_, index) => index);
    const host = new ModelHost(flowIn(one), { input: { list }, seed: one.seed, behave });
    for (let turns = 1; host.turn(); turns += 1) {
      if (one.crashes.includes(turns)) host.crash();
      if (turns === one.cancelAt && host.root().status === 'running')
        host.record('root', { type: 'run.cancelling', by: 'me', reason: 'test' });
      assert.ok(turns < 20_000, 'the run does not end');
    }
    return host;
  }

  it('end, once, run no state more often than its `max`, and complete nothing twice in one iteration', () => {
    fc.assert(
      fc.property(scenario, (one) => {
        const host = play(one);
        assert.notEqual(host.outcome(), null);
        assert.equal(count(host, 'run.settled'), 1);
        const folded = new Map<string, ActorState>();
        const done = new Set<string>();
        for (const recorded of host.journal) {
          const { actor, event } = recorded;
          const state = folded.get(actor) ?? null;
          if (event.type === 'attempt.succeeded') {
            const iteration = iterationOf(state?.open.get(event.item)?.steps, event.node);
            const key = `${actor}/${event.item}:${event.node}@${iteration}`;
            assert.ok(iteration !== null && !done.has(key), `${key} succeeded twice`);
            done.add(key);
            assert.ok(
              event.node.endsWith(`s${one.states - 1}`) ||
                iteration.split('.').every((visit) => visit === '' || Number(visit) <= one.max + 1),
              key,
            );
          }
          if (event.type === 'attempt.started' && !event.node.includes('/catch.')) {
            const steps = state?.open.get(event.item)?.steps;
            const scopeId = event.node.includes('/') ? event.node.slice(0, event.node.lastIndexOf('/')) : '';
            const around = steps?.get(scopeId);
            const name = event.node.slice(event.node.lastIndexOf('/') + 1);
            if (around?.type === 'entered' && around.machine !== null && name !== `s${one.states - 1}`)
              assert.ok((around.machine.visits.get(name) ?? 0) <= one.max, `${event.node} ran beyond its max`);
          }
          folded.set(actor, evolve(state, recorded));
        }
      }),
      { numRuns: 300 },
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

  it('conserve the counters of items and stages at every event, and leave nothing open', () => {
    fc.assert(
      fc.property(scenario, (one) => {
        const host = play(one);
        const view = startProgress(host.flow);
        for (const recorded of host.journal) {
          const { items, stages } = showProgress(evolveProgress(view, recorded), recorded.at);
          for (const tally of [items, ...stages]) {
            const { total, waiting, running, succeeded, failed, skipped, cancelled, degraded, reused } = tally;
            assert.equal(waiting + running + succeeded + failed + skipped + cancelled, total);
            assert.ok([waiting, running, succeeded, failed, skipped, cancelled, degraded, reused].every((number) => number >= 0));
            assert.ok(degraded <= succeeded && reused <= succeeded);
          }
        }
        const { items, stages } = showProgress(view, host.now);
        for (const tally of [items, ...stages]) assert.equal(tally.waiting + tally.running, 0);
      }),
      { numRuns: 150 },
    );
  });
});

describe('progress', () => {
  it('takes a state that is entered again back into work, and calls states that an item did without skipped', () => {
    const host = new ModelHost(review(9), { behave: critic() });
    const view = startProgress(host.flow);
    let folded = 0;
    const stages = (): string[] => {
      for (; folded < host.journal.length; folded += 1) evolveProgress(view, host.journal[folded]!);
      return showProgress(view, host.now).stages.map(({ id, running, succeeded, skipped }) => `${id} ${running}/${succeeded}/${skipped}`);
    };
    assert.deepEqual(stages(), ['write 1/0/0', 'review 0/0/0', 'done 0/0/0']);
    for (const key of ['root/0:write:1@1', 'root/0:review:1@1']) {
      host.start(key);
      host.end(key);
    }
    assert.deepEqual(stages(), ['write 1/0/0', 'review 0/1/0', 'done 0/0/0']);
    host.finish();
    assert.deepEqual(stages(), ['write 0/1/0', 'review 0/1/0', 'done 0/1/0']);
    const unused = new ModelHost(
      flowOf(states('', [value('a', lit(1), { next: [to('c')] }), value('b', lit(2)), value('c', lit(3))])),
    ).finish();
    const shown = showProgress(unused.journal.reduce(evolveProgress, startProgress(unused.flow)), unused.now);
    assert.deepEqual(
      shown.stages.map(({ skipped }) => skipped),
      [0, 1, 0],
    );
  });
});
