import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { inCall } from './strays.ts';

test('copies of the engine in one process listen once for what handlers leave behind', async () => {
  const owner = { name: 'try/one', onLog: () => undefined, secrets: [] };
  const before = process.listenerCount('unhandledRejection');
  for (let copy = 0; copy < 20; copy += 1) {
    const strays = (await import(`./strays.ts?copy=${copy}`)) as { readonly inCall: typeof inCall };
    assert.equal(
      strays.inCall(owner, () => copy),
      copy,
    );
  }
  assert.equal(process.listenerCount('unhandledRejection'), before + 1);
});
