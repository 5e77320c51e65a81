import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { evolve, valuesOf } from '../index.ts';
import type { ActorState, Event, Flow, Json } from '../index.ts';
import { $, call, each, event, flow, flowOf, lit, obj, scope, states, to, value, wait } from '../../test/ir.ts';
import { ModelHost } from '../../test/model-host.ts';

const types = (host: ModelHost): string[] => host.journal.map((recorded) => recorded.event.type);
const count = (host: ModelHost, type: Event['type']): number => types(host).filter((one) => one === type).length;
const outputOf = (host: ModelHost): Json => host.outcome()?.output ?? null;
const mailOf = (host: ModelHost): { readonly signals: readonly string[]; readonly waiting: number } => {
  const { kind } = host.root();
  if (kind.type !== 'root') throw new Error('the root is a chunk');
  const waiting = [...valuesOf(kind.mail.subscribers)].flatMap((own) => [...own.values()]).reduce((sum, { items }) => sum + items.size, 0);
  return { signals: kind.mail.signals.map(({ id }) => id), waiting };
};

describe('a step that waits for an event', () => {
  const paid = flow([wait('a', event('paid'))], $('a'));

  it('gives what the signal of that name carries', () => {
    const host = new ModelHost(paid);
    host.signal('1', 'other', 1);
    assert.equal(host.outcome(), null);
    host.signal('2', 'paid', { order: 7 });
    assert.deepEqual(outputOf(host), { order: 7 });
  });

  it('takes a signal that came before it, and one under the same id once', () => {
    const two = flow([call('x', 'x'), wait('a', event('paid'), { needs: ['x'] }), wait('b', event('paid'), { needs: ['a'] })], $('[a, b]'));
    const host = new ModelHost(two);
    host.signal('1', 'paid', 'one');
    host.signal('1', 'paid', 'again');
    host.finish();
    assert.equal(host.outcome(), null);
    host.signal('2', 'paid', 'two');
    host.signal('1', 'paid', 'once more');
    assert.deepEqual(outputOf(host), ['one', 'two']);
  });

  it('takes the first that matches, and leaves the others to those after it', () => {
    const orders = flow(
      [
        value('order', lit(2)),
        wait('a', event('paid', { match: 'event.order == order', reads: ['order'] }), { needs: ['order'] }),
        wait('b', event('paid'), { needs: ['a'] }),
      ],
      $('[a.by, b.by]'),
    );
    const host = new ModelHost(orders);
    host.signal('1', 'paid', { order: 1, by: 'ann' });
    host.signal('2', 'paid', 'no object, and so no match');
    host.signal('3', 'paid', { order: 2, by: 'bob' });
    assert.deepEqual(outputOf(host), ['bob', 'ann']);
    assert.deepEqual(mailOf(host), { signals: ['2'], waiting: 0 });
  });

  it('passes over a signal that breaks its contract', () => {
    const host = new ModelHost(paid);
    host.signal('1', 'paid', 'nonsense', ['a']);
    host.signal('2', 'paid', 'sense');
    assert.equal(outputOf(host), 'sense');
  });

  it('that was there first is served first', () => {
    const both = flow([wait('a', event('paid')), wait('b', event('paid'))], obj({ a: $('a'), b: $('b') }));
    const host = new ModelHost(both);
    host.signal('1', 'paid', 1);
    host.signal('2', 'paid', 2);
    assert.deepEqual(outputOf(host), { a: 1, b: 2 });
  });

  it('may be answered by hand, whatever its `match` says', () => {
    const host = new ModelHost(flow([wait('a', event('paid', { match: 'event.order == 1' }))], $('a')));
    assert.equal(host.answer('root', 0, 'a', 'by hand'), true);
    assert.deepEqual([outputOf(host), mailOf(host).waiting], ['by hand', 0]);
  });

  it('is no longer given a signal once its timeout has come, its scope has failed or its run is cancelled', () => {
    const limited = wait('a', event('paid'), { timeout: 100, catch: [{ errors: ['timeout'], do: value('a/catch.0', lit('late')) }] });
    const late = new ModelHost(flow([limited, wait('b', event('paid'), { needs: ['a'] })], $('[a, b]')));
    late.fireTimer();
    late.signal('1', 'paid', 'for b');
    assert.deepEqual(outputOf(late), ['late', 'for b']);
    const inner = scope('s', [wait('s/a', event('paid')), call('s/x', 'x')], $('a'), {
      catch: [{ errors: [], do: value('s/catch.0', lit(0)) }],
    });
    const failed = new ModelHost(flow([inner, wait('b', event('paid'), { needs: ['s'] })], $('b')), {
      behave: () => ({ fail: { code: 'bad', message: 'm' } }),
    });
    failed.finish();
    failed.signal('1', 'paid', 'for b');
    assert.equal(outputOf(failed), 'for b');
    const ended = new ModelHost(paid);
    ended.record('root', { type: 'run.cancelling', by: 'me', reason: 'test' });
    assert.deepEqual([ended.outcome()?.status, mailOf(ended).waiting], ['cancelled', 0]);
  });
});

describe('a question', () => {
  const asked = flow(
    [value('n', lit(3)), wait('a', event('approval', { ask: { cat: [lit('Publish '), $('n'), lit(' chapters?')] }, to: ['editor'] }))],
    $('a'),
  );

  it('is filled when it is put, and answered by nobody but whom it is put to', () => {
    const root = flow(
      [
        value('n', lit(3)),
        wait(
          'a',
          { ...event('approval', { ask: { cat: [lit('Publish '), { expr: { $: 'string(n)', reads: ['n'] } }, lit('?')] } }) },
          { needs: ['n'] },
        ),
      ],
      $('a'),
    );
    const host = new ModelHost(root);
    const begun = host.journal.findLast((recorded) => recorded.event.type === 'wait.begun')?.event;
    assert.equal(begun?.type === 'wait.begun' ? begun.ask : null, 'Publish 3?');
    host.signal('1', 'approval', 'from anybody');
    assert.equal(host.outcome(), null);
    host.answer('root', 0, 'a', { decision: 'publish' });
    assert.deepEqual(outputOf(host), { decision: 'publish' });
    assert.equal(asked.root.do.k, 'and');
  });

  it('of several that are open may be answered in any order', () => {
    const three = flow(
      ['a', 'b', 'c'].map((id) => wait(id, event('approval', { to: ['editor'] }))),
      $('[a, b, c]'),
    );
    const host = new ModelHost(three);
    for (const id of ['c', 'a', 'b']) host.answer('root', 0, id, id.toUpperCase());
    assert.deepEqual(outputOf(host), ['A', 'B', 'C']);
  });
});

describe('events of a state', () => {
  const work = (more: Parameters<typeof call>[3] = {}): ReturnType<typeof call> =>
    call('work', 'slow', lit(null), { events: { cancel: 'stopped', hurry: 'done' }, next: [to('done')], ...more });
  const machine = flowOf(
    states('', [
      value('start', lit('s'), { next: [to('work')] }),
      work(),
      value('done', $('["done", work]')),
      value('stopped', $('["stopped", prev]')),
    ]),
  );

  it('lead out of it as soon as nothing inside it runs any more, and nothing new starts in it', () => {
    const host = new ModelHost(machine);
    host.start('root/0:work:1@1');
    host.signal('1', 'cancel');
    assert.deepEqual([...host.cancelled], ['root/0:work:1@1']);
    assert.equal(host.outcome(), null);
    host.end('root/0:work:1@1');
    assert.deepEqual(outputOf(host), ['stopped', null]);
    assert.equal(mailOf(host).waiting, 0);
    const unstarted = new ModelHost(machine);
    unstarted.signal('1', 'cancel');
    unstarted.finish();
    assert.deepEqual([outputOf(unstarted), count(unstarted, 'attempt.started')], [['stopped', null], 0]);
  });

  it('are not taken from before it was entered, nor after it was left', () => {
    const host = new ModelHost(machine);
    host.start('root/0:work:1@1');
    host.end('root/0:work:1@1');
    assert.deepEqual([outputOf(host), mailOf(host).waiting], [['done', null], 0]);
    const later = flowOf(
      states('', [
        call('first', 'x', lit(null), { next: [to('work')] }),
        work(),
        value('done', lit('done')),
        value('stopped', lit('stopped')),
      ]),
    );
    const early = new ModelHost(later);
    early.signal('1', 'cancel');
    early.finish();
    assert.deepEqual([outputOf(early), mailOf(early).signals], ['done', ['1']]);
  });

  it('cancel everything inside it: steps, waits, items and inner states', () => {
    const inside = scope(
      'work',
      [
        wait('work/w', event('never')),
        wait('work/t', { for: lit(1_000) }),
        call('work/e', 'x', lit(null), { each: each('[1, 2, 3]', { workers: 2 }) }),
        states('work/s', [
          wait('work/s/a', event('cancel', { to: ['nobody'] }), { events: { other: 'b' }, next: [to('b')] }),
          value('work/s/b', lit(1)),
        ]),
      ],
      lit(null),
      { events: { cancel: 'stopped' }, next: [to('stopped')] },
    );
    const host = new ModelHost(flowOf(states('', [inside, value('stopped', lit('stopped'))])));
    host.start([...host.waiting.keys()][0] ?? '');
    host.signal('1', 'cancel');
    assert.equal(host.outcome(), null);
    host.finish();
    assert.deepEqual([outputOf(host), mailOf(host), host.now < 1_000 + 1_000], ['stopped', { signals: [], waiting: 0 }, true]);
    assert.equal(count(host, 'wait.left'), 3);
  });

  it('may come again in a later visit', () => {
    const root = states('', [
      wait('a', { for: lit(1_000) }, { max: 3, events: { skip: 'b' }, next: [to('b')] }),
      value('b', $('visits'), { next: [to('end', 'visits == 2'), to('a')] }),
      value('end', $('b')),
    ]);
    const host = new ModelHost(flowOf(root));
    host.signal('1', 'skip');
    assert.equal(host.outcome(), null);
    host.signal('2', 'skip');
    assert.deepEqual([outputOf(host), host.now], [2, 1_000]);
  });

  it('win over a failure of the state that was not yet acted on', () => {
    const root = states('', [work({ next: [to('done')] }), value('done', lit('done')), value('stopped', lit('stopped'))]);
    const host = new ModelHost(flowOf(root), { behave: () => ({ fail: { code: 'bad', message: 'm' } }) });
    host.start('root/0:work:1@1');
    host.signal('1', 'cancel');
    host.cancelled.clear();
    host.end('root/0:work:1@1');
    assert.equal(outputOf(host), 'stopped');
  });
});

describe('waits of items', () => {
  const orders = flow(
    [
      scope(
        'o',
        [wait('o/a', event('paid', { match: 'event.order == item', reads: ['item'] })), value('o/v', $('a.by'), { needs: ['a'] })],
        $('v'),
        {
          each: each('input.list', { workers: 500, key: 'string(item)' }),
        },
      ),
    ],
    $('o.ok.map(b, b)'),
  );

  it('in many chunks are matched by the root, each with what its own item says', () => {
    const list = Array.from({ length: 300 }, (_, index) => index);
    const host = new ModelHost(orders, { input: { list } });
    assert.equal(mailOf(host).waiting, 300);
    for (const order of list.toReversed()) host.signal(`s${order}`, 'paid', { order, by: `b${order}` });
    assert.deepEqual(
      outputOf(host),
      list.map((order) => `b${order}`),
    );
    assert.deepEqual(mailOf(host), { signals: [], waiting: 0 });
  });

  it('hand a signal back that comes when they wait no longer, and it goes to the next', () => {
    const pair = flow([wait('w', event('paid'), { each: each('[1, 2]', { workers: 2 }) })], $('w.ok.map(b, b)'));
    const host = new ModelHost(pair);
    const { kind } = host.root();
    const [subscribers] = kind.type === 'root' ? [...valuesOf(kind.mail.subscribers)] : [];
    const first = [...(subscribers?.values() ?? [])][0]?.place.actor;
    assert.ok(first !== undefined);
    // The root gives the first a signal while an answer for it is on its way.
    host.append('root', { type: 'signal.received', id: 's', name: 'paid', payload: { v: 'signal' }, by: 't', unfit: [] });
    const signal = { id: 's', name: 'paid', unfit: [], seq: host.root().seq, at: host.now };
    const seq = host.append('root', {
      type: 'signal.matched',
      id: 's',
      subscriber: { kind: 'wait', actor: first, item: 0, node: 'w', iteration: '' },
    });
    host.append(first, { type: 'wait.answered', item: 0, node: 'w', answer: { v: 'by hand' }, by: 't' });
    host.append(first, {
      type: 'wait.answered',
      item: 0,
      node: 'w',
      answer: { v: 'signal' },
      by: 't',
      signal,
      from: { actor: 'root', seq },
    });
    host.consult();
    assert.deepEqual(outputOf(host), ['by hand', 'signal']);
    assert.equal(count(host, 'signal.returned'), 2);
  });
});

/** What happens to a run of many waits, in an order that is drawn. */
const deeds = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ k: fc.constant('signal' as const), name: fc.constantFrom('a', 'b', 'go'), about: fc.nat(3), id: fc.nat(30) }),
    },
    { weight: 2, arbitrary: fc.record({ k: fc.constant('answer' as const), pick: fc.nat() }) },
    { weight: 2, arbitrary: fc.record({ k: fc.constant('timer' as const) }) },
    { weight: 2, arbitrary: fc.record({ k: fc.constant('turn' as const) }) },
    { weight: 1, arbitrary: fc.record({ k: fc.constant('crash' as const) }) },
  ),
  { maxLength: 60 },
);

const mixed: Flow = flow(
  [
    wait('x', event('a')),
    wait('y', event('a', { match: 'event.about == 1' }), {
      timeout: 500,
      catch: [{ errors: ['timeout'], do: value('y/catch.0', lit('late')) }],
    }),
    call('z', 'z'),
    scope(
      's',
      [
        wait('s/w', event('b', { match: 'event.about == item % 4', reads: ['item'] }), {
          timeout: 300,
          catch: [{ errors: ['timeout'], do: wait('s/w/catch.0', event('a'), { timeout: 200, catch: [] }) }],
        }),
        states('s/m', [
          wait('s/m/one', event('b'), {
            max: 2,
            timeout: 400,
            events: { go: 'two' },
            catch: [{ errors: [], to: 'two' }],
            next: [to('two')],
          }),
          value('s/m/two', $('visits'), { next: [to('one', 'visits < 2'), to('end')] }),
          value('s/m/end', $('one')),
        ]),
      ],
      obj({ w: $('w'), m: $('m') }),
      { each: each('[0, 1, 2, 3, 4, 5, 6]', { workers: 4, tolerate: 7 }) },
    ),
  ],
  lit('done'),
);

function play(list: readonly (typeof deeds extends fc.Arbitrary<infer D> ? D : never)[number][], seed: number): ModelHost {
  const host = new ModelHost(mixed, { seed, behave: (_uses, input) => ({ ok: input as Json }) });
  for (const deed of list) {
    if (host.root().status === 'settled') break;
    if (deed.k === 'signal') host.signal(`s${deed.id}`, deed.name, { about: deed.about });
    else if (deed.k === 'timer') host.fireTimer();
    else if (deed.k === 'turn') host.turn();
    else if (deed.k === 'crash') host.crash();
    else answerOne(host, deed.pick);
  }
  return host;
}

function answerOne(host: ModelHost, pick: number): void {
  const open = [...host.actors].flatMap(([actor, state]) =>
    [...state.open].flatMap(([item, { steps }]) =>
      [...steps].flatMap(([node, step]) => (step.type === 'waiting' ? [{ actor, item, node }] : [])),
    ),
  );
  const one = open[pick % Math.max(1, open.length)];
  if (one !== undefined) host.answer(one.actor, one.item, one.node, 'by hand');
}

describe('in any order of signals, answers, timers and crashes', () => {
  it('each signal is taken once at most, none is lost, each wait ends once, and who comes first is served first', () => {
    fc.assert(
      fc.property(deeds, fc.nat(), (list, seed) => {
        const host = play(list, seed);
        const events = host.journal.map((recorded) => recorded.event);
        const received = [...new Set(events.flatMap((one) => (one.type === 'signal.received' ? [one.id] : [])))];
        const matched = events.flatMap((one) => (one.type === 'signal.matched' ? [one.id] : []));
        assert.equal(new Set(matched).size, matched.length, 'taken twice');
        assert.equal(events.filter((one) => one.type === 'signal.returned').length, 0);
        assert.deepEqual(mailOf(host).signals.toSorted(), received.filter((id) => !matched.includes(id)).toSorted(), 'lost');
        assertOnce(host);
        assertServed(host);
      }),
      { numRuns: 300 },
    );
  });

  it('the run comes to its end, and its journal folds to the same state', () => {
    fc.assert(
      fc.property(deeds, fc.nat(), (list, seed) => {
        const host = play(list, seed).finish();
        if (host.root().status !== 'settled') host.answer('root', 0, 'x', 'at last');
        host.finish();
        assert.equal(host.outcome()?.status, 'succeeded');
        assert.equal(mailOf(host).waiting, 0);
        const states = new Map<string, ActorState>();
        for (const recorded of host.journal) states.set(recorded.actor, evolve(states.get(recorded.actor) ?? null, recorded));
        assert.deepEqual(states.get('root'), host.root());
      }),
      { numRuns: 100 },
    );
  });
});

/** Every wait that began ended once, or is still open. */
function assertOnce(host: ModelHost): void {
  const open = new Set<string>();
  for (const { actor, event: one } of host.journal) {
    if (!('node' in one) || !('item' in one)) continue;
    const key = `${actor}/${one.item}/${one.node}`;
    if (one.type === 'wait.begun') {
      assert.ok(!open.has(key), `${key} began twice`);
      open.add(key);
    } else if (one.type === 'wait.left' || one.type === 'step.failed' || one.type === 'step.caught' || one.type === 'step.settled') {
      open.delete(key);
    }
  }
  const waiting = [...host.actors].flatMap(([actor, state]) =>
    [...state.open].flatMap(([item, { steps }]) =>
      [...steps].flatMap(([node, step]) => (step.type === 'waiting' ? [`${actor}/${item}/${node}`] : [])),
    ),
  );
  assert.deepEqual(waiting.toSorted(), [...open].toSorted());
}

/** Nobody is left waiting for a signal that is there; and of two that wait for the same without a match, the first got the first. */
function assertServed(host: ModelHost): void {
  const { kind } = host.root();
  if (kind.type !== 'root' || host.root().status === 'settled') return;
  const plain = [...valuesOf(kind.mail.subscribers)].flatMap((own) =>
    [...own.values()].map(({ place }) => place).filter(({ node }) => node === 'x' || node === 's/m/one'),
  );
  for (const subscriber of plain.filter(({ kind: of }) => of === 'wait'))
    assert.ok(
      !kind.mail.signals.some(({ name }) => subscriber.events.includes(name)),
      `${subscriber.node} waits for a signal that is there`,
    );
  const order = (node: string): readonly number[] =>
    host.journal.flatMap(({ event: one }) =>
      one.type === 'wait.answered' && one.node === node && one.signal !== undefined ? [one.signal.seq] : [],
    );
  assert.deepEqual(
    order('s/m/one'),
    order('s/m/one').toSorted((a, b) => a - b),
  );
}
