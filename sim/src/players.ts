/** How a scenario is played at each level, and what is then wrong: all of the simulator that works with the code it is about. */

import type { History, Level } from './history.ts';
import { readHistory, violationsOf } from './invariants/all.ts';
import type { Played, Violation } from './invariants/invariant.ts';
import type { Prepared } from './preparing.ts';
import { playReducer } from './reducer/play.ts';
import type { Setting } from './setting.ts';
import { situations } from './situations.ts';

export interface Outcome {
  readonly violations: readonly Violation[];
  /** Null where the play itself failed. */
  readonly played: Played | null;
}

/** What throws breaks the rule that nothing throws, which has no number of its own. */
const NO_NUMBER = -1;

export async function tryOut(level: Level, prepared: Prepared): Promise<Outcome> {
  try {
    const setting = prepared.setting();
    const history = await play(level, setting);
    const played = readHistory(history, prepared.expected, setting.lasting ?? null);
    return { violations: violationsOf(played), played };
  } catch (error) {
    return { violations: [{ number: NO_NUMBER, what: String((error as Error).stack ?? error) }], played: null };
  }
}

async function play(level: Level, setting: Setting): Promise<History> {
  if (level === 'reducer') return playReducer(setting);
  const { playEngine } = await import('./world/play.ts');
  return playEngine(setting);
}

export { situations };
