import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HostError } from '@scriptorium/core';
import { guardHost } from './door.ts';
import type { Engine } from './embedded.ts';
import { overloaded } from './overloaded.ts';
import type { Asked } from './runs/start-line.ts';

/** A host behind a door that finds no fault with any contract; `refusal` is what there is no room by. */
function bench(refusal: HostError | null) {
  const begun: unknown[] = [];
  const host = {
    start: async (request: unknown) => {
      begun.push(request);
      return 'run';
    },
    refusalOf: (one: Asked) => {
      asked.push(one);
      return refusal;
    },
  } as unknown as Engine;
  const asked: Asked[] = [];
  const guarded = guardHost(host, { compile: () => () => [] });
  return { begun, asked, start: (request: unknown) => guarded.start(request as never) };
}

const malformed = { input: { n: Number.NaN } };
const unread = {
  get input(): never {
    return assert.fail('somebody looks at it');
  },
};

describe('the door of the engine', () => {
  it('refuses a start for which there is no room before it is looked at', async () => {
    const refusal = overloaded('there is no room', 'Come again.', 700);
    const { begun, asked, start } = bench(refusal);
    for (const request of [unread, malformed, null]) await assert.rejects(start(request), refusal);
    assert.deepEqual([begun, asked.length], [[], 3]);
    const { name, code, message, fix, retryAfterMs } = refusal;
    assert.deepEqual([name, code, message, fix, retryAfterMs], ['HostError', 'overloaded', 'there is no room', 'Come again.', 700]);
  });

  it('finds what is wrong with one for which there is room', async () => {
    const { begun, start } = bench(null);
    await assert.rejects(start(malformed), { code: 'invalid', message: /start: request\/input\/n/ });
    assert.equal(await start({ input: {} }), 'run');
    assert.deepEqual(begun, [{ input: {} }]);
  });
});
