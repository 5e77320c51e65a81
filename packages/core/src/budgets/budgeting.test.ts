import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Flow, Node } from '../index.ts';
import { call, each, flow, lit, scope, states, to, value } from '../../test/ir.ts';
import { ModelHost } from '../../test/model-host.ts';

const calls = (amount: number): { readonly budget: { readonly calls: number } } => ({ budget: { calls: amount } });

/** Every call that was asked for, as its place and the budgets around it. */
function asked(definition: Flow, fails: readonly string[] = []): readonly string[] {
  const host = new ModelHost(definition, {
    behave: (uses, _input, { node }) =>
      fails.includes(node) ? { fail: { code: 'io', message: 'no' } } : { ok: uses === 'list' ? ['a', 'b'] : 'x' },
  });
  host.finish();
  return host.given
    .map((text) => JSON.parse(text) as [string, { k: string; uses: string; node: string; budgets: { id: string }[] }])
    .filter(([, command]) => command.k === 'dispatch' && command.uses !== 'list')
    .map(([, { node, budgets }]) => `${node}: ${budgets.map(({ id }) => id).join(' ')}`)
    .toSorted();
}

const withFlow = (steps: readonly Node[]): Flow => ({ ...flow([call('list', 'list'), ...steps], lit(1)), ...calls(9) });

describe('the budgets around a call', () => {
  it('are none where there is none', () => {
    assert.deepEqual(asked(flow([call('a', 'x')], lit(1))), ['a: ']);
  });

  it('are its own, those of the scopes around it and of the flow', () => {
    const inner = scope('s', [call('s/a', 'x', lit(null), calls(1))], lit(1), calls(2));
    assert.deepEqual(asked(withFlow([inner])), ['s/a: root/0:s.a root/0:s root/0:']);
  });

  it('are of one item each, through an `each` in an `each`', () => {
    const innermost = call('s/t', 'x', lit(null), { each: each('list'), needs: [], ...calls(1) });
    const steps = [scope('s', [innermost], lit(1), { each: each('list', { captures: ['list'] }), needs: ['list'], ...calls(2) })];
    assert.deepEqual(asked(withFlow(steps)), [
      's/t: root/0:s:0/0:s.t:0/0:s.t root/0:s:0/0:s root/0:',
      's/t: root/0:s:0/0:s.t:0/1:s.t root/0:s:0/0:s root/0:',
      's/t: root/0:s:0/1:s.t:0/0:s.t root/0:s:0/1:s root/0:',
      's/t: root/0:s:0/1:s.t:0/1:s.t root/0:s:0/1:s root/0:',
    ]);
  });

  it('are of one visit each, also as seen from the items of a state', () => {
    const work = scope('m/work', [call('m/work/a', 'x', lit(null), { each: each('list', { captures: [] }), ...calls(1) })], lit(1), {
      next: [to('again', 'visits < 2'), to('done')],
      max: 3,
      ...calls(2),
    });
    const machine = states('m', [work, value('m/again', lit(1), { next: [to('work')] }), value('m/done', lit(1))], {
      needs: ['list'],
      ...calls(3),
    });
    assert.deepEqual(asked(withFlow([machine])), [
      'm/work/a: root/0:m.work.a@1:0/0:m.work.a root/0:m.work@1 root/0:m root/0:',
      'm/work/a: root/0:m.work.a@1:0/1:m.work.a root/0:m.work@1 root/0:m root/0:',
      'm/work/a: root/0:m.work.a@2:0/0:m.work.a root/0:m.work@2 root/0:m root/0:',
      'm/work/a: root/0:m.work.a@2:0/1:m.work.a root/0:m.work@2 root/0:m root/0:',
    ]);
  });

  it('of the body of a catch are those around the step that it stands in for, also when that is an item', () => {
    const body = { errors: ['io'], do: call('s/a/catch.0', 'y', lit(null), calls(1)) };
    const failing = call('s/a', 'x', lit(null), { each: each('list'), catch: [body], ...calls(2) });
    const steps = [scope('s', [failing], lit(1), { needs: ['list'], ...calls(3) })];
    assert.deepEqual(
      asked(withFlow(steps), ['s/a']).filter((line) => line.includes('catch')),
      ['s/a/catch.0: root/0:s.a:0/0:s.a.catch.0 root/0:s root/0:', 's/a/catch.0: root/0:s.a:0/1:s.a.catch.0 root/0:s root/0:'],
    );
  });
});
