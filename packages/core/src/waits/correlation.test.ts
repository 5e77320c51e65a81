import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { $, each, event, flow, wait } from '../../test/ir.ts';
import { noActors, withActor } from '../by-actor.ts';
import type { ByActor } from '../by-actor.ts';
import type { Value } from '../expr/value.ts';
import { planOf } from '../plan.ts';
import { lookupFor } from './correlation.ts';
import type { Reading } from './correlation.ts';
import type { Signal, Subscribers, Waiter } from './mail-event.ts';

const plan = planOf(flow([wait('w', event('paid'), { each: each('[1]') })], $('w')));

function signal(id: string, n: number): Signal {
  return { id, name: 'paid', payload: { v: { n } }, by: 't', unfit: [], seq: 1, at: 0 };
}

/** `most` items of one actor that wait, item n for `n`, the first of them since `since`. */
function waiters(actor: string, most: number, since: number): Subscribers {
  const items = Array.from({ length: most }, (_, item): [number, Waiter] => [
    item,
    { since: since + item, names: { n: { v: since + item } } },
  ]);
  return new Map([['w', { place: { kind: 'wait', actor, node: 'w', iteration: '', events: ['paid'] }, items: new Map(items) }]]);
}

describe('a lookup of who wants a signal', () => {
  let evaluated = 0;
  const reading = (match: string | undefined): Reading => ({
    matchOf: () => match,
    namesOf:
      ({ names }) =>
      (name) => {
        evaluated += 1;
        return (names[name] as { readonly v: Value } | undefined)?.v;
      },
    payloadOf: ({ payload }) => (payload as { readonly v: Value }).v,
  });
  const found = (run: object, subscribers: ByActor<Subscribers>, one: Signal, by: Reading): readonly number[] =>
    [...lookupFor(run, plan, subscribers, by).candidates(one, by)].flatMap((list) => [...list].map(({ waiter }) => waiter.since));

  let all: ByActor<Subscribers> = noActors;
  for (let actor = 0; actor < 100; actor += 1) all = withActor(all, `a${actor}`, waiters(`a${actor}`, 100, 1 + actor * 100));

  it('looks at what changed only, and not at the others that wait', () => {
    const by = reading('event.n == n');
    const run = {};
    assert.deepEqual(found(run, all, signal('1', 4_711), by), [4_711]);
    evaluated = 0;
    assert.deepEqual(found(run, all, signal('2', 4_712), by), [4_712]);
    assert.equal(evaluated, 0);
    const more = withActor(all, 'late', waiters('late', 3, 20_000));
    assert.deepEqual(found(run, more, signal('3', 20_002), by), [20_002]);
    assert.equal(evaluated, 3);
  });

  it('finds all that wait for the same, and follows any state to any other', () => {
    const by = reading('event.n == 7');
    const run = {};
    const more = withActor(all, 'late', waiters('late', 3, 20_000));
    assert.equal(found(run, more, signal('1', 7), by).length, 10_003);
    assert.equal(found(run, more, signal('1', 8), by).length, 0);
    assert.equal(found(run, all, signal('2', 7), by).length, 10_000);
    assert.equal(found(run, noActors, signal('3', 7), by).length, 0);
    assert.equal(found(run, all, signal('4', 7), by).length, 10_000);
  });

  it('gives those without a match in the order in which they began to wait', () => {
    const by = reading(undefined);
    const run = {};
    assert.deepEqual(found(run, all, signal('1', 0), by).slice(0, 4), [1, 2, 3, 4]);
    const early = withActor(all, 'early', waiters('early', 1, 0));
    assert.deepEqual(found(run, early, signal('2', 0), by).slice(0, 3), [0, 1, 2]);
  });

  it('remembers what nobody wants until somebody comes', () => {
    const by = reading(undefined);
    const run = {};
    const lookup = lookupFor(run, plan, all, by);
    assert.ok(lookup.isNew(signal('1', 0)));
    lookup.noteUnwanted(signal('1', 0));
    assert.ok(!lookupFor(run, plan, all, by).isNew(signal('1', 0)));
    assert.ok(lookupFor(run, plan, withActor(all, 'late', waiters('late', 1, 20_000)), by).isNew(signal('1', 0)));
  });
});
