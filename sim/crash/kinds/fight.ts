/**
 * Two engines on one store: one is suspended, another takes the store over, and then the first one wakes up. The lock is
 * taken away from it first, as a filesystem may do that does not keep locks; what is left is the epoch in the journal.
 */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { journalExitCodes } from '@scriptorium/engine';
import type { Control } from '../controls.ts';
import { awaitDeath, conclude, describe, leavePlace, makePlace, sendVictim } from '../round.ts';
import type { Round, Victim } from '../round.ts';
import { between } from './kind.ts';
import type { CrashKind, Setting } from './kind.ts';

const LATEST_MS = 700;
/** How long the one that took over works before the other one wakes up. */
const ALONE_MS = 250;
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

async function fought({ programs, expected, chance, deaths }: Setting, control: Control | null): Promise<Round> {
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
    for (let bout = 0; bout < deaths; bout += 1) {
      await first.opened;
      await Promise.race([sleep(between(chance, 0, LATEST_MS)), first.death]);
      if (first.child.exitCode !== null) break;
      first.signal('SIGSTOP');
      for (const name of ['lock.db', 'lock.db-journal']) rmSync(join(place.home, name), { force: true });
      const second = send();
      await Promise.race([second.opened, second.death]);
      if (second.child.exitCode !== null) {
        // The first one was suspended in the midst of a commit: nobody else can write until it wakes up or dies.
        const refused = await second.death;
        if (refused.code !== journalExitCodes.fenced)
          faults.push(`an engine that could not take the store over ended with ${describe(refused)}`);
        first.signal('SIGKILL');
        await first.death;
        first = send();
        continue;
      }
      await sleep(between(chance, 0, ALONE_MS));
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
    return await conclude(place, expected, { crashes, faults });
  } finally {
    for (const victim of sent) victim.signal('SIGKILL');
    leavePlace(place);
  }
}
