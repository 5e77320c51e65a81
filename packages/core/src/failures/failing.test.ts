import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { $, call, flow, lit, value } from '../../test/ir.ts';
import { ModelHost } from '../../test/model-host.ts';
import type { Node } from '../ir.ts';

/** The checker relies on it: an entry that takes neither of these runs only where the step's `if` held. */
describe('a catch runs although the `if` of its step never held', () => {
  const replaced = (errors: readonly string[]): Pick<Node, 'catch'> => ({ catch: [{ errors, do: value('a/catch.0', lit('caught')) }] });
  const outcomeWith = (errors: readonly string[]): unknown => {
    const root = flow([call('a', 'x', lit(1), { if: '1 / input.n > 0', ...replaced(errors) })], $('a'));
    const { status, output, error } = new ModelHost(root, { input: { n: 0 } }).finish().outcome() ?? {};
    return status === 'succeeded' ? output : error?.code;
  };

  it('when the `if` itself fails, and the entry takes that', () => {
    assert.equal(outcomeWith(['expression']), 'caught');
    assert.equal(outcomeWith(['*']), 'caught');
    assert.equal(outcomeWith([]), 'caught');
  });

  it('never for an entry that names other codes only', () => {
    assert.equal(outcomeWith(['io', 'agent.*']), 'expression');
  });
});
