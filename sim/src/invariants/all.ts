/** All invariants, by number, and what breaks them in a history. */

import type { History } from '../history.ts';
import type { Expected } from '../expected.ts';
import type { Lasting } from '../setting.ts';
import { attempts, backOff, effects } from './attempts.ts';
import { budgets } from './budgets.ts';
import { definition } from './definition.ts';
import type { Invariant, Played, Violation } from './invariant.ts';
import { ackDurability, contiguity, effectsAfterCommit } from './journal.ts';
import { language } from './language.ts';
import { singleTerminal, triggerRule } from './lifecycle.ts';
import { breakers, limits } from './limits.ts';
import { post } from './post.ts';
import { boundedness, noStuckRun, ownershipAndViews } from './progress.ts';
import { fencing, replayIsLive, snapshotNeutrality } from './replay.ts';
import { retention } from './retention.ts';
import { saga } from './saga.ts';
import { signals } from './signals.ts';
import { timers } from './timers.ts';
import { tracesOf } from './trace.ts';
import { turningBack, versions } from './turning.ts';

export const invariants: readonly Invariant[] = [
  language,
  definition,
  contiguity,
  ackDurability,
  effectsAfterCommit,
  replayIsLive,
  snapshotNeutrality,
  singleTerminal,
  triggerRule,
  attempts,
  fencing,
  effects,
  backOff,
  timers,
  signals,
  limits,
  budgets,
  breakers,
  saga,
  turningBack,
  versions,
  noStuckRun,
  ownershipAndViews,
  boundedness,
  post,
  retention,
];

export function violationsOf(played: Played): readonly Violation[] {
  return invariants.flatMap(({ number, check }) => check(played).map((what) => ({ number, what })));
}

export function readHistory(history: History, expected: readonly Expected[], lasting: Lasting | null = null): Played {
  return { history, expected, runs: tracesOf(history), lasting };
}
