/**
 * Two engines on one store: one is suspended, another takes the store over, and then the first one wakes up. The lock is
 * taken away from it first, as a filesystem may do that does not keep locks; what is left is the epoch in the journal.
 */

import { globSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { journalExitCodes } from '@scriptorium/engine';
import type { Control } from '../controls.ts';
import { atWork } from '../moment.ts';
import { awaitDeath, conclude, describe, leavePlace, makePlace, sendVictim } from '../round.ts';
import type { Place, Round, Victim } from '../round.ts';
import type { CrashKind, Setting } from './kind.ts';

/** Of what is left to do, when one of them is replaced, and when it wakes up: it has something left to write. */
const MOST_DONE = 0.4;
/** One in so many is suspended wherever it is, in the midst of a commit too: nobody else can write until it wakes up or dies. */
const ANYWHERE_ONE_IN = 8;
/** Bouts in which nobody is replaced, because the other one was in the midst of a commit, are made up for. */
const MOST_REFUSED = 5;
/** So often is one suspended that is not to be in the midst of a commit. */
const TRIES = 200;
const BETWEEN_TRIES_MS = 3;
/** A replaced engine finds out within this. */
const ENDS_WITHIN_MS = 20_000;

export const fight: CrashKind = {
  name: 'two engines on one store',
  needs: null,
  round: (setting) => fought(setting, null),
  control: {
    what: 'an engine that writes on after it was replaced',
    round: (setting) => fought(setting, 'unfenced'),
    evidence: /the replaced engine ended with/,
  },
};

async function fought({ programs, expected, work, chance, deaths }: Setting, control: Control | null): Promise<Round> {
  const place = makePlace(programs);
  const sent: Victim[] = [];
  const send = (): Victim => {
    const victim = sendVictim(place, { control });
    sent.push(victim);
    return victim;
  };
  try {
    let crashes = 0;
    const faults: string[] = [];
    let first = send();
    for (let bout = 0; crashes < deaths && bout < deaths + MOST_REFUSED; bout += 1) {
      await atWork(place, first, work, chance, MOST_DONE);
      if (hasEnded(first)) break;
      await suspend(first, place, chance() * ANYWHERE_ONE_IN < 1);
      for (const name of ['lock.db', 'lock.db-journal']) rmSync(join(place.home, name), { force: true });
      const second = send();
      await Promise.race([second.opened, second.death]);
      if (hasEnded(second)) {
        const refused = await second.death;
        if (refused.code !== journalExitCodes.fenced)
          faults.push(`an engine that could not take the store over ended with ${describe(refused)}`);
        first.signal('SIGKILL');
        await first.death;
        first = send();
        continue;
      }
      await atWork(place, second, work, chance, MOST_DONE);
      first.signal('SIGCONT');
      const replaced = await awaitDeath(first, ENDS_WITHIN_MS);
      crashes += 1;
      // It may have had nothing left to write.
      if (replaced.code !== journalExitCodes.fenced && replaced.code !== 0)
        faults.push(`the replaced engine ended with ${describe(replaced)}, not with ${journalExitCodes.fenced}`);
      first = second;
    }
    const last = await awaitDeath(first);
    if (last.code !== 0) faults.push(`the last engine ended with ${describe(last)}`);
    // What a replaced engine was writing when it woke up stays as it would after its death: a run that goes on removes it.
    for (const name of globSync('**/.scriptorium-*.tmp', { cwd: place.out })) rmSync(join(place.out, name));
    return await conclude(place, expected, { crashes, faults });
  } finally {
    for (const victim of sent) victim.signal('SIGKILL');
    leavePlace(place);
  }
}

function hasEnded({ child }: Victim): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function suspend(victim: Victim, { home }: Place, anywhere: boolean): Promise<void> {
  victim.signal('SIGSTOP');
  for (let tried = 0; !anywhere && tried < TRIES && !isFree(home); tried += 1) {
    victim.signal('SIGCONT');
    await sleep(BETWEEN_TRIES_MS);
    victim.signal('SIGSTOP');
  }
}

/** Whether nobody is in the midst of a commit. */
function isFree(home: string): boolean {
  const db = new DatabaseSync(join(home, 'journal.db'), { timeout: 0 });
  try {
    db.exec('BEGIN IMMEDIATE; ROLLBACK');
    return true;
  } catch (error) {
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error;
    return false;
  } finally {
    db.close();
  }
}

const SQLITE_BUSY = 5;
