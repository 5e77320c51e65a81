/**
 * Attempts that run while nothing else does, because the engine ended during earlier ones: if it ends again, it is known
 * whose fault that is.
 *
 * 1. While one waits or runs, nothing else starts; what runs already is waited for.
 * 2. They have their pools' permits meanwhile. The one with the fewest attempts comes first: an engine that is ended from
 *    outside soon after its start would otherwise hit the same one each time, until it is set aside for nothing.
 */

import type { Permit } from '../pools/pool.ts';
import type { LiveRun, Underway } from './live-run.ts';

interface Suspect {
  readonly live: LiveRun;
  readonly underway: Underway;
  readonly start: () => void;
}

export class Suspects {
  readonly #waiting = new Set<Suspect>();
  #current: Suspect | null = null;

  /** Whether it is to run alone and it is not its turn yet: `start` is called when it is. */
  take(live: LiveRun, underway: Underway, permit: Permit, start: () => void): boolean {
    const { alone, flow } = underway.dispatch;
    if (!alone || flow !== null || this.#current?.underway === underway) return false;
    const suspect = { live, underway, start };
    this.#waiting.add(suspect);
    underway.withdraw = () => {
      this.#waiting.delete(suspect);
      permit.release();
    };
    return true;
  }

  /** Starts the next one if it may; false when there is none, so that everybody may start. */
  serve(runs: Iterable<LiveRun>): boolean {
    if (this.#current !== null && !isUnderway(this.#current)) this.#current = null;
    if (this.#current === null && this.#waiting.size === 0) return false;
    if (this.#current !== null || isBusy(runs)) return true;
    for (const next of [...this.#waiting].toSorted(byAttempt)) {
      this.#waiting.delete(next);
      this.#current = next;
      next.start();
      if (isUnderway(next)) return true;
      // Nobody wants it any more: its run has ended meanwhile, or its step.
      this.#current = null;
    }
    return false;
  }
}

function byAttempt(a: Suspect, b: Suspect): number {
  return a.underway.dispatch.attempt - b.underway.dispatch.attempt;
}

function isUnderway({ live, underway }: Suspect): boolean {
  return live.underway.get(underway.key) === underway && underway.permit !== null;
}

/** Whether a handler is at work; what waits for a child run is not. */
function isBusy(runs: Iterable<LiveRun>): boolean {
  for (const { underway } of runs) for (const { permit, child } of underway.values()) if (permit !== null && child === null) return true;
  return false;
}
