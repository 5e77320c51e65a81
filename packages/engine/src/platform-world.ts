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
import type { World } from './world.ts';

export const platformWorld: World = {
  clock: systemClock,
  chance: (_stream, bytes) => randomBytes(bytes),
  pid: process.pid,
  acquire: (home, options = {}) => {
    prepareHome(home, options);
    return acquire(home);
  },
  openJournal,
  spaceOf,
  createRecorder,
  outputs: { link: linkArtifact, move: moveArtifact, removeLeftovers },
  createInvoker,
  watchLoop: (home) => watchLoop(home),
};
