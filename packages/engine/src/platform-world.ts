/** The world as it is: the clock, the chance, the files and the threads of the machine that the engine runs on. */

import { randomBytes } from 'node:crypto';
import { createInvoker } from './calls/invoke.ts';
import { watchLoop } from './calls/loop-watch.ts';
import { spaceOf } from './space/ballast.ts';
import { prepareHome } from './space/home.ts';
import { openJournal } from './journal/journal.ts';
import { acquire } from './journal/ownership.ts';
import { systemClock } from './kernel/clock.ts';
import { linkArtifact, moveArtifact, removeLeftovers } from './outputs/artifacts.ts';
import { createRecorder } from './reports/recorder.ts';
import { openRemovalLock } from './retention/removal-lock.ts';
import type { World } from './world.ts';

/** Drawn from the system at once: some bytes of it cost as much as a page. */
const DRAWN_BYTES = 4_096;

export const platformWorld: World = {
  clock: systemClock,
  chance: drawing(),
  pid: process.pid,
  acquire: (home, options = {}) => {
    prepareHome(home, options);
    return acquire(home);
  },
  openJournal,
  openRemovalLock,
  spaceOf,
  createRecorder,
  outputs: { link: linkArtifact, move: moveArtifact, removeLeftovers },
  createInvoker,
  watchLoop: (home) => watchLoop(home),
};

/** No byte is given twice. */
function drawing(): World['chance'] {
  let drawn: Uint8Array = new Uint8Array();
  return (_stream, bytes) => {
    if (drawn.byteLength < bytes) drawn = randomBytes(Math.max(bytes, DRAWN_BYTES));
    const given = drawn.subarray(0, bytes);
    drawn = drawn.subarray(bytes);
    return given;
  };
}
