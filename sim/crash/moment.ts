/**
 * When a victim is hit: by how much of the work is done and not by the clock, so that a fast machine is hit at work as a
 * slow one is. What handlers have written down of their effects says how far the work is.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { workIn } from './round.ts';
import type { Place, Victim } from './round.ts';

/** So close is looked at how far the work is. */
const LOOK_MS = 2;
/** Work that does not go on is not waited for any longer. */
const PATIENCE_MS = 30_000;
/** Between what handlers do there are commits, reports and the end: a victim is hit there too. */
const LATER_MS = 40;

/**
 * Resolves when the victim's store is open and a share, by chance up to `most`, of what was left to do then is done, or
 * when the victim has ended. `whole` is {@link workIn} an undisturbed place.
 */
export async function atWork(place: Place, { opened, death }: Victim, whole: number, chance: () => number, most = 1): Promise<void> {
  await opened;
  const from = workIn(place);
  const target = from + chance() * most * Math.max(0, whole - from);
  const over = new AbortController();
  const until = performance.now() + PATIENCE_MS;
  void death.then(() => over.abort());
  const pause = (ms: number): Promise<void> => sleep(ms, undefined, { signal: over.signal }).catch(() => undefined);
  while (workIn(place) < target && !over.signal.aborted && performance.now() < until) await pause(LOOK_MS);
  await pause(chance() * LATER_MS);
}
