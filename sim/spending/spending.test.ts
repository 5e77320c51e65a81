import assert from 'node:assert/strict';
import { it } from 'node:test';
import { killedRun } from './killed.ts';
import { play } from './play.ts';

it('whatever is spent where, and whenever the engine ends, no more is charged than the budgets allow', async () => {
  const sum = { calls: 0, cutOff: 0, refused: 0, kills: 0 };
  for (let seed = 101; seed < 113; seed += 1) {
    const { faults, ...figures } = await play(seed);
    assert.deepEqual(faults, [], `seed ${seed}`);
    for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += figures[name];
  }
  for (const [name, count] of Object.entries(sum)) assert.ok(count > 0, `no ${name} in these runs`);
});

it('an agent whose process is killed in the midst of its calls does not spend more than it may', { timeout: 120_000 }, async () => {
  const { kills, charged, journaled, budget, ok } = await killedRun(7, 2);
  assert.equal(kills, 2);
  assert.ok(ok > 0);
  assert.ok(charged <= journaled + 1e-9 && journaled <= budget, `${charged} charged, ${journaled} in the journal, ${budget} allowed`);
});
