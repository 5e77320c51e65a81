import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ActorState, ChunkKind, ItemRow } from '@scriptorium/core';
import { chunkOf } from './item-keys.ts';
import type { States } from './states.ts';

/** A chunk of items of the root, two to a page; `outer` puts it into the first item of another chunk. */
function chunk(number: number, node = 'orders', outer?: string): ActorState {
  const parent = { actor: outer ?? 'root', item: 0 };
  const kind = { type: 'chunk', node, parent, size: 2, page: `page ${node} ${number}` } as ChunkKind;
  return { id: `${node} ${number}`, kind } as ActorState;
}

describe('the chunk of an item', () => {
  const states = new Map<string, ActorState>();
  let looks = 0;
  const reading: States = {
    get: (actor) => states.get(actor),
    all: () => {
      looks += 1;
      return states.values();
    },
    of: states,
  };
  let reads = 0;
  const values = {
    read: (ref: string): readonly ItemRow[] => {
      reads += 1;
      const number = Number(ref.split(' ')[2]);
      return [0, 1].map((item) => ({ key: `k${2 * number + item}`, value: null }));
    },
  };
  const at = (each: string, key: string): string | undefined => chunkOf(reading, values, each, key)?.id;

  it('is looked up among thousands, which are looked at once', () => {
    for (let number = 0; number < 1_000; number += 1) states.set(`orders ${number}`, chunk(number));
    assert.equal(at('orders', 'k1999'), 'orders 999');
    [looks, reads] = [0, 0];
    assert.deepEqual([at('orders', 'k0'), at('orders', 'k998')], ['orders 0', 'orders 499']);
    assert.deepEqual([looks, reads], [0, 0]);
  });

  it('is found when it has come later, in another step, or in an item of another one', () => {
    states.set('orders 1000', chunk(1_000));
    states.set('invoices 0', chunk(0, 'invoices'));
    states.set('orders/lines 0', chunk(0, 'orders/lines', 'orders 3'));
    assert.equal(at('orders', 'k2001'), 'orders 1000');
    assert.equal(at('invoices', 'k0'), 'invoices 0');
    assert.equal(at('orders/lines', 'k6/k1'), 'orders/lines 0');
    assert.equal(at('orders/lines', 'k1'), undefined);
  });

  it('is not found when it is gone, and is not remembered for ever', () => {
    for (let number = 0; number < 990; number += 1) states.delete(`orders ${number}`);
    assert.equal(at('orders', 'k0'), undefined);
    reads = 0;
    assert.equal(at('orders', 'k0'), undefined);
    assert.equal(reads, 0);
    assert.equal(at('orders', 'k1990'), 'orders 995');
  });
});
