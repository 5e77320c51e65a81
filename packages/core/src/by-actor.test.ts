import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { noActors, valueFor, valuesOf, withActor, withoutActor } from './by-actor.ts';
import type { ByActor } from './by-actor.ts';

const actors = Array.from({ length: 200 }, (_, index) => `root/0:orders#${index}`);
const change = fc.record({ actor: fc.constantFrom(...actors), value: fc.option(fc.nat(), { nil: null }) });

describe('what is kept by actor', () => {
  it('is what a map would hold, after any changes, and earlier ones stay as they were', () => {
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        let kept: ByActor<number> = noActors;
        const model = new Map<string, number>();
        for (const { actor, value } of changes) {
          const before = [...valuesOf(kept)];
          const next = value === null ? withoutActor(kept, actor) : withActor(kept, actor, value);
          assert.deepEqual([...valuesOf(kept)], before);
          kept = next;
          if (value === null) model.delete(actor);
          else model.set(actor, value);
        }
        for (const actor of actors) assert.equal(valueFor(kept, actor), model.get(actor));
        assert.equal([...valuesOf(kept)].length, model.size);
        if (model.size === 0) assert.equal(kept, noActors);
      }),
    );
  });
});
