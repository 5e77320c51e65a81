/** A short round of `npm run crash`: what it proves on this machine in a quarter of a minute. */

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { chanceOf } from './chance.ts';
import { isClean } from './judge.ts';
import { flippedBits, lostWal } from './kinds/damage-kinds.ts';
import { fight } from './kinds/fight.ts';
import { kill, killAtCall } from './kinds/kill.ts';
import type { CrashKind, Setting } from './kinds/kind.ts';
import type { Program } from './program.ts';
import { undisturbed } from './round.ts';
import type { Round } from './round.ts';
import { lacksStrace } from './strace.ts';

const rule = { retryEvery: 4, breakEvery: 7, payEvery: 3, callEvery: 5 };
const programs: readonly Program[] = [
  { label: 'work', kind: 'work', count: 8, ...rule },
  { label: 'saga', kind: 'saga', count: 3, ...rule },
  { label: 'left', kind: 'left', count: 2, ...rule },
];

/** By which the first victim of each test is hit early, at work. */
const SEED = 'short';

/** Rounds in which an engine that breaks its promise must be found out. */
const CONTROL_ROUNDS = 20;

const strace = lacksStrace();

describe('an engine that is crashed', () => {
  let calm: Awaited<ReturnType<typeof undisturbed>> = { expected: new Map(), work: 0 };
  before(async () => {
    calm = await undisturbed(programs);
  });
  /** The same choices each time, and by how far the work is: what they hit depends on no clock. */
  const setting = (deaths: number, round = 0): Setting => ({ programs, ...calm, round, chance: chanceOf(`${SEED} ${round}`), deaths });

  async function held(kind: CrashKind, deaths: number): Promise<Round> {
    const round = await kind.round(setting(deaths));
    assert.deepEqual(
      { ...round.verdict, acknowledged: 0, engines: 0 },
      { acknowledged: 0, engines: 0, lost: [], repeated: [], faults: [] },
    );
    return round;
  }

  it('loses nothing and repeats nothing when it is killed at random moments', async (t) => {
    const { crashes, verdict } = await held(kill, 4);
    t.diagnostic(`${crashes} deaths, ${verdict.acknowledged} acknowledgements`);
    assert.ok(crashes > 0 && verdict.acknowledged > 100);
  });

  it('nor when it is killed at the Nth sync', { skip: strace ?? false }, async () => {
    const { crashes } = await held(killAtCall, 3);
    assert.ok(crashes > 0);
  });

  it('says that a deleted write-ahead log has taken events with it, and goes on when it is put back', async () => {
    const { detected } = await held(lostWal, 1);
    assert.equal(detected, 1);
  });

  it('goes on with a flipped bit, or refuses the store by a code of its own', async () => {
    await held(flippedBits, 1);
  });

  it('writes nothing more once another engine has taken the store over', async () => {
    const { crashes } = await held(fight, 1);
    assert.equal(crashes, 1);
  });

  it('is found out when it acknowledges before it commits', async (t) => {
    const kind = strace === null ? killAtCall : kill;
    for (let round = 0; round < CONTROL_ROUNDS; round += 1) {
      const { verdict } = (await kind.control?.round(setting(2, round))) ?? assert.fail('the kind has no control');
      if (verdict.lost.length === 0) continue;
      assert.equal(isClean(verdict), false);
      t.diagnostic(`found out in round ${round + 1}`);
      return;
    }
    assert.fail(`not found out in ${CONTROL_ROUNDS} rounds`);
  });
});
