import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, it } from 'node:test';
import { replay, simulate } from './campaign.ts';
import { keptFiles, readKept } from './found.ts';
import { mutants } from './mutants/all.ts';
import { pathOf } from './mutants/mutant.ts';

/** Long enough for so few histories on any machine. */
const SECONDS = 200;

describe('a short simulation', () => {
  for (const { level, histories, seed } of [
    { level: 'reducer', histories: 400, seed: 1 },
    { level: 'engine', histories: 60, seed: 1 },
  ] as const) {
    // From other seeds with `npm run sim`: what it finds there is kept in `found`, and is a test from then on.
    it(`of the ${level} finds nothing wrong`, async () => {
      const campaign = await simulate({ level, seed, seconds: SECONDS, histories });
      assert.deepEqual(campaign.found, null, `npm run sim -- --level ${level} --seed ${seed}`);
      assert.ok(campaign.histories >= histories);
    });
  }
});

describe('what was found once', () => {
  for (const path of keptFiles())
    it(`${basename(path)} is mended`, async () => {
      const { level, scenario } = readKept(path);
      assert.deepEqual((await replay(level, scenario)).violations, []);
    });
});

describe('mistakes to plant', () => {
  it('are at least forty, of the reducer and of the engine, each with a name of its own', () => {
    assert.equal(new Set(mutants.map(({ name }) => name)).size, mutants.length);
    assert.ok(mutants.length >= 40);
    assert.deepEqual(new Set(mutants.map(({ level }) => level)), new Set(['reducer', 'engine']));
  });

  it('that cannot be looked for are told of, and nobody waits for them', async () => {
    const child = fork(new URL('grading-process.ts', import.meta.url), { silent: true });
    try {
      child.send(mutants.length);
      const [told] = (await Promise.race([once(child, 'message'), once(child, 'exit').then(() => [null])])) as [unknown];
      assert.deepEqual(told, { mutant: mutants.length, failed: `RangeError: there is no mistake ${mutants.length}` });
    } finally {
      child.kill();
    }
  });

  it('stand in their files once, as the code is now', () => {
    const lost = mutants.filter(
      (mutant) => readFileSync(new URL(`../../${pathOf(mutant)}`, import.meta.url), 'utf8').split(mutant.from).length !== 2,
    );
    assert.deepEqual(
      lost.map(({ name, from }) => `${name}: ${from}`),
      [],
    );
  });
});
