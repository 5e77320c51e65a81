import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Budget, Event, Usage } from '@scriptorium/core';
import { Ledger } from './ledger.ts';

const usage = (usd: number): Usage => ({ usd, tokens: 0, calls: 1 });
const at = { item: 0, node: 'a', attempt: 1 };

/** A ledger of one run, with what it granted and refused by name. */
function ledgerOf(): {
  readonly ledger: Ledger;
  readonly said: string[];
  readonly enter: (name: string, usd: number, ...scopes: readonly (readonly [string, Budget])[]) => () => void;
  readonly fold: (actor: string, event: Event) => void;
} {
  const ledger = new Ledger();
  const said: string[] = [];
  return {
    ledger,
    said,
    enter: (name, usd, ...scopes) => {
      const budgets = scopes.map(([id, budget]) => ({ run: 'r', id, node: id, budget }));
      const grant = (): number => said.push(`${name} granted`);
      const refuse = ({ code }: { readonly code: string }): number => said.push(`${name} ${code}`);
      return ledger.enter({ run: 'r', family: 'r', budgets, cost: usage(usd), grant, refuse });
    },
    fold: (actor, event) => ledger.fold({ run: 'r', actor, seq: 1, event }),
  };
}

function started(budgets: readonly string[], usd: number): Event {
  return { ...at, type: 'attempt.started', handler: 'h@1', key: null, reason: 'first', reserved: usage(usd), budgets };
}

describe('a ledger', () => {
  const flow = ['root/0:', { usd: 1 }] as const;

  it('grants nothing before it is asked to serve, and then in the order in which they came', () => {
    const { ledger, said, enter } = ledgerOf();
    enter('one', 0.5, flow);
    enter('two', 0.5, flow);
    enter('three', 0.5, flow);
    assert.deepEqual([said.length, ledger.hasChanged], [0, true]);
    ledger.serve();
    assert.deepEqual([said, ledger.hasChanged], [['one granted', 'two granted'], false]);
  });

  it('keeps the room that an older call waits for from those that came later', () => {
    const { ledger, said, enter } = ledgerOf();
    const leave = enter('small', 0.5, flow);
    enter('large', 0.9, flow);
    enter('late', 0.1, flow);
    enter('elsewhere', 0.1, ['root/0:b', { usd: 1 }]);
    ledger.serve();
    assert.deepEqual(said, ['small granted', 'elsewhere granted']);
    leave();
    ledger.serve();
    assert.deepEqual(said.slice(2), ['large granted', 'late granted']);
  });

  it('lets the runs of a family take turns at what they share, however many calls of one came first', () => {
    const ledger = new Ledger();
    const said: string[] = [];
    const around = { run: 'outer', id: 'root/0:', node: '', budget: { calls: 2 } };
    const enter = (name: string, run: string): (() => void) =>
      ledger.enter({ run, family: 'outer', budgets: [around], cost: usage(0), grant: () => said.push(name), refuse: () => undefined });
    const large = [1, 2, 3, 4, 5].map((call) => enter(`large ${call}`, 'large'));
    ledger.serve();
    const small = ['small 1', 'small 2'].map((name) => enter(name, 'small'));
    for (const leave of [large[0], large[1], small[0], large[2]]) {
      leave?.();
      ledger.serve();
    }
    assert.deepEqual(said, ['large 1', 'large 2', 'large 3', 'small 1', 'large 4', 'small 2']);
  });

  it('refuses what does not fit into what is left, and not what only has to wait', () => {
    const { ledger, said, enter, fold } = ledgerOf();
    fold('root', started(['root/0:'], 0.6));
    enter('waits', 0.7, flow);
    ledger.serve();
    assert.deepEqual(said, []);
    fold('root', { ...at, type: 'attempt.succeeded', output: { v: 1 }, artifacts: [], ms: 1, used: usage(0.4) });
    ledger.serve();
    assert.deepEqual(said, ['waits budget.exceeded']);
  });

  it('holds a cost in all budgets around or in none', () => {
    const { ledger, said, enter } = ledgerOf();
    const tight = ['root/0:a', { calls: 1 }] as const;
    enter('one', 0.5, tight, flow);
    enter('two', 0.5, tight, flow);
    enter('three', 0.5, flow);
    ledger.serve();
    assert.deepEqual(said, ['one granted', 'three granted']);
  });

  it('gives back what is held for a call that leaves before it starts, once', () => {
    const { ledger, said, enter } = ledgerOf();
    const leave = enter('one', 1, flow);
    ledger.serve();
    leave();
    leave();
    enter('two', 1, flow);
    enter('three', 0.1, flow);
    ledger.serve();
    assert.deepEqual(said, ['one granted', 'two granted']);
  });

  it('counts an attempt that was lost as used to the full, and knows nothing of a chunk that has settled', () => {
    const { ledger, said, enter, fold } = ledgerOf();
    const chunk = 'root/0:a:0';
    const item = `${chunk}/0:a`;
    fold(chunk, started([item, 'root/0:'], 0.6));
    fold(chunk, { ...at, type: 'attempt.lost', reason: 'engine', among: 1 });
    enter('item', 0.1, [item, { usd: 0.6 }], flow);
    ledger.serve();
    assert.deepEqual(said, ['item budget.exceeded']);
    fold(chunk, { type: 'chunk.settled', page: 'p' });
    enter('anew', 0.1, [item, { usd: 0.6 }], flow);
    enter('more', 0.4, flow);
    ledger.serve();
    assert.deepEqual(said.slice(1), ['anew granted']);
  });

  it('charges the calls of a run to the budgets of who waits for it, in units that are not held for it, and once', () => {
    const ledger = new Ledger();
    const said: string[] = [];
    const fold = (run: string, event: Event): void => ledger.fold({ run, actor: 'root', seq: 1, event });
    const around = { run: 'outer', id: 'root/0:', node: '', budget: { usd: 1 } };
    const enter = (name: string, run: string, usd: number): (() => void) =>
      ledger.enter({
        ...{ run, family: 'outer', budgets: [around], cost: usage(usd) },
        grant: () => said.push(`${name} granted`),
        refuse: ({ code }) => said.push(`${name} ${code}`),
      });
    const nothing = { usd: 0, tokens: 0, calls: 0 };
    for (const child of ['left', 'right'])
      fold('outer', {
        ...at,
        node: child,
        type: 'attempt.started',
        handler: 'f@1',
        key: null,
        reason: 'first',
        reserved: nothing,
        budgets: ['root/0:'],
        child,
      });
    enter('first', 'left', 0.6)();
    fold('left', { ...at, type: 'attempt.started', handler: 'h@1', key: null, reason: 'first', reserved: usage(0.6) });
    enter('second', 'right', 0.5);
    ledger.serve();
    assert.deepEqual(said, [], 'it waits: 0.6 are held by the other run');
    fold('left', { ...at, type: 'attempt.succeeded', output: { v: null }, artifacts: [], ms: 0, used: usage(0.4) });
    ledger.serve();
    assert.deepEqual(said, ['second granted']);
    // The run has ended, and is forgotten before whoever waits for it has heard.
    ledger.forget('left');
    enter('third', 'outer', 0.2);
    ledger.serve();
    assert.equal(said.length, 1);
    fold('outer', { ...at, node: 'left', type: 'attempt.succeeded', output: { v: null }, artifacts: [], ms: 0, used: usage(0.4) });
    enter('fourth', 'outer', 0.7);
    ledger.serve();
    assert.deepEqual(said.slice(1), ['fourth budget.exceeded']);
  });
});
