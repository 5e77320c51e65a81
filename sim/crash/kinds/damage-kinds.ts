/**
 * Files that are damaged while no engine has them open. The next engine refuses the store and says what to do, or what
 * was damaged did not matter; nothing acknowledged is missing without anybody saying so.
 */

import { cpSync, rmSync } from 'node:fs';
import { journalExitCodes } from '@scriptorium/engine';
import type { Control } from '../controls.ts';
import { cutOff, flipBit, has, parts, takeAway } from '../damage.ts';
import type { Damage, Part } from '../damage.ts';
import { isClean, judge } from '../judge.ts';
import { atWork } from '../moment.ts';
import { awaitDeath, conclude, describe, finish, leavePlace, makePlace, sendVictim } from '../round.ts';
import type { Death, Place, Round } from '../round.ts';
import { oneOf } from './kind.ts';
import type { CrashKind, Setting } from './kind.ts';

/** Work is left when the store is damaged. */
const MOST_DONE = 0.9;
/** The store is refused because of what is in it. */
const { damaged: broken, lost, altered, format } = journalExitCodes;
const refusals: ReadonlySet<Death['code']> = new Set([broken, lost, altered, format]);

export const flippedBits: CrashKind = {
  name: 'a flipped bit',
  needs: null,
  round: (setting) => damaged(setting, null, (place) => flipBit(place.home, partAt(place, setting.chance), setting.chance())),
};

export const cutFiles: CrashKind = {
  name: 'a truncated file',
  needs: null,
  round: (setting) => damaged(setting, null, (place) => cutOff(place.home, partAt(place, setting.chance), setting.chance())),
};

export const lostWal: CrashKind = {
  name: 'a deleted -wal',
  needs: null,
  round: (setting) => damaged(setting, null, (place) => takeAway(place.home, '-wal')),
  control: {
    what: 'an engine that goes on from a store that has lost events',
    round: (setting) => damaged(setting, 'careless', (place) => takeAway(place.home, '-wal')),
    evidence: 'lost',
  },
};

/** One of them; the write-ahead log is gone where the last engine closed the store. */
function partAt({ home }: Place, chance: () => number): Part {
  const part = oneOf(chance, parts);
  return has(home, part) ? part : '';
}

/** One store with work under way is damaged several times, each time from the same state. */
async function damaged(setting: Setting, control: Control | null, harm: (place: Place) => Damage): Promise<Round> {
  const place = makePlace(setting.programs);
  const kept = `${place.directory}-kept`;
  try {
    await killAtWork(place, setting);
    cpSync(place.directory, kept, { recursive: true });
    const rounds: Round[] = [];
    for (let made = 0; made < setting.deaths; made += 1) {
      rmSync(place.directory, { recursive: true });
      cpSync(kept, place.directory, { recursive: true });
      rounds.push(await damagedOnce(place, setting, control, harm));
    }
    return rounds.reduce(addRounds);
  } finally {
    rmSync(kept, { recursive: true, force: true });
    leavePlace(place);
  }
}

async function damagedOnce(place: Place, { expected }: Setting, control: Control | null, harm: (place: Place) => Damage): Promise<Round> {
  const { what, mend } = harm(place);
  const death = await finish(place, { control });
  // What the message asks for helps: with the file put back everything goes on.
  if (refusals.has(death.code) && /^fix: ./m.test(death.errors)) {
    mend();
    return conclude(place, expected, { crashes: 1, detected: 1 });
  }
  if (death.code !== 0) return { crashes: 1, detected: 0, verdict: failed(`${what}: the engine ended with ${describe(death)}`) };
  const verdict = judge(place, expected);
  // The whole chain is read by `doctor`: what it names is not silent.
  if (verdict.faults.some((fault) => fault.startsWith('the chain is broken'))) return { crashes: 1, detected: 1, verdict: failed() };
  const said = isClean(verdict) ? verdict : { ...verdict, faults: [`${what}, and nobody noticed`, ...verdict.faults] };
  return { crashes: 1, detected: 0, verdict: said };
}

function addRounds(one: Round, other: Round): Round {
  const [a, b] = [one.verdict, other.verdict];
  return {
    crashes: one.crashes + other.crashes,
    detected: one.detected + other.detected,
    verdict: {
      acknowledged: a.acknowledged + b.acknowledged,
      engines: a.engines + b.engines,
      lost: [...a.lost, ...b.lost],
      repeated: [...a.repeated, ...b.repeated],
      faults: [...a.faults, ...b.faults],
    },
  };
}

function failed(...faults: readonly string[]): Round['verdict'] {
  return { acknowledged: 0, engines: 0, lost: [], repeated: [], faults };
}

/** A store with some work done and some under way, and nobody at it. */
async function killAtWork(place: Place, { work, chance }: Setting): Promise<Death> {
  const victim = sendVictim(place, { lingers: true });
  await atWork(place, victim, work, chance, MOST_DONE);
  victim.signal('SIGKILL');
  return awaitDeath(victim);
}
