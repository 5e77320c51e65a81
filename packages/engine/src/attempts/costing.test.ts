import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Collection, defineHandler } from '@scriptorium/core';
import type { Cost, Handler } from '@scriptorium/core';
import type { Contracts } from '../calls/contracts.ts';
import { addCost, foreseenCost, reserveFor, usedBy } from './costing.ts';

const refusing: Contracts = { compile: () => () => [{ path: '', message: 'is wrong' }] };
const content: Contracts = { compile: () => () => [] };

function priced(cost?: (input: { readonly texts: { readonly size: number } }) => Cost | null): Handler {
  const handler = { name: 'a/b', version: '1.0.0', doc: '', input: true, output: true, effects: 'none', run: () => null } as const;
  return defineHandler<{ readonly texts: { readonly size: number } }>(cost === undefined ? handler : { ...handler, cost });
}

const bare = { step: 'a', notes: {}, returns: true, settings: {} } as const;

describe('what is reserved for a call', () => {
  const input = { texts: new Collection('ok', 40, [], () => []) };

  it('is what the handler declares for its input, where a collection is known by its size', () => {
    const handler = priced(({ texts }) => ({ usd: texts.size / 100 }));
    assert.deepEqual(
      reserveFor(handler, input, () => bare, content),
      { reserved: { usd: 0.4, tokens: 0, calls: 1 }, account: null },
    );
  });

  it('is nothing where it declares no cost, or none for this input', () => {
    assert.deepEqual(
      reserveFor(priced(), input, () => bare, content),
      { reserved: null, account: null },
    );
    assert.deepEqual(
      reserveFor(
        priced(() => null),
        input,
        () => bare,
        content,
      ),
      { reserved: null, account: null },
    );
  });

  it('is foreseen for a call that is not made, and not known where the handler cannot say', () => {
    const handler = priced(({ texts }) => ({ usd: texts.size / 100 }));
    assert.deepEqual(foreseenCost(handler, input, bare), { usd: 0.4, tokens: 0, calls: 1 });
    assert.equal(foreseenCost(priced(), input, bare), null);
    assert.equal(
      foreseenCost(
        priced(() => ({ usd: -1 })),
        input,
        bare,
      ),
      null,
    );
  });

  it('is a failure where the handler cannot say, unless the input is at fault, which the call itself tells', () => {
    const broken = priced(() => ({ usd: -1 }));
    const reserve = reserveFor(broken, input, () => bare, content);
    assert.ok('failure' in reserve);
    assert.deepEqual(
      [reserve.failure.code, reserve.failure.message],
      ['unexpected', 'the cost of a/b: `usd` of a cost must be a number of at least 0, not -1'],
    );
    assert.deepEqual(
      reserveFor(broken, input, () => bare, refusing),
      { reserved: null, account: null },
    );
  });
});

describe('what an attempt has used', () => {
  const reserved = { usd: 1, tokens: 100, calls: 1 };

  it('is what it told, and all that was reserved of what it did not tell', () => {
    assert.deepEqual(usedBy(reserved, { usd: 0.2 }, 'known'), { usd: 0.2, tokens: 100, calls: 1 });
    assert.deepEqual(usedBy(reserved, { usd: 0, tokens: 0 }, 'known'), { usd: 0, tokens: 0, calls: 1 });
  });

  it('is at least all that was reserved when it was cut off', () => {
    assert.deepEqual(usedBy(reserved, { usd: 0.2, tokens: 300 }, 'unknown'), { usd: 1, tokens: 300, calls: 1 });
  });

  it('is told also where nothing was declared, and nothing where neither', () => {
    assert.deepEqual(usedBy(null, { tokens: 7 }, 'known'), { usd: 0, tokens: 7, calls: 0 });
    assert.equal(usedBy(null, {}, 'known'), undefined);
  });

  it('adds up over several tellings, by unit', () => {
    assert.deepEqual(addCost(addCost({}, { usd: 0.1 }), { usd: 0.2 }), { usd: 0.3 });
    assert.deepEqual(addCost({ usd: 0.1 }, { tokens: 4 }), { usd: 0.1, tokens: 4 });
  });
});
