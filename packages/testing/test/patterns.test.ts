/** What docs/patterns.md says of each pattern can be seen: those that are claimed run, and the limits of the others show. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { demos } from './patterns/demos.ts';
import { waitingDemos } from './patterns/waiting-demos.ts';
import { play } from './patterns/playing.ts';
import { patterns } from './patterns/table.ts';

test('the table has all 43 patterns once, in their order', () => {
  assert.deepEqual(
    patterns.map(({ number }) => number),
    Array.from({ length: 43 }, (_, index) => index + 1),
  );
});

for (const { number, name, claim } of patterns) {
  const demo = demos[number] ?? waitingDemos[number];
  if (claim === 'no') test(`${number} ${name} is left out`, () => assert.equal(demo, undefined));
  else
    test(`${number} ${name}${claim === 'partly' ? ', and its limit' : ''}`, async () => {
      assert.ok(demo !== undefined, 'nothing shows it');
      await play(demo);
    });
}
