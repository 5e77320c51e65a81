/**
 * Attempts that run while nothing else does, because the engine ended during earlier ones: if it ends again, it is known
 * whose fault that is.
 *
 * 1. Each first waits a while, the longer the more often it was hit, and the others go on meanwhile. An engine that is
 *    ended from outside soon after its start ends during that, and nothing is charged for it; one that its step ends ends
 *    later, during the step.
 * 2. From then on, and while one runs, nothing else starts; what runs already is waited for.
 * 3. They have their pools' permits meanwhile. The one with the fewest attempts comes first: an engine that is ended from
 *    outside again and again would otherwise hit the same one each time, until it is set aside for nothing.
 */

import type { Instant, Ms } from '@scriptorium/core';
import type { Permit } from '../pools/pool.ts';
import type { LiveRun, Underway } from './live-run.ts';
import type { Timers } from './timers.ts';

/** The wait before the first attempt that runs alone, which is the third or a later one; each further one waits longer. */
const FIRST_WAIT_MS: Ms = 100;
const FIRST_ALONE = 3;
const GROWTH = 3;
/** Longer than it takes to see a start fail, and short enough not to keep a run from going on. */
const MAX_WAIT_MS: Ms = 1_000;

interface Suspect {
  readonly live: LiveRun;
  readonly underway: Underway;
  readonly from: Instant;
  readonly start: () => void;
}

export interface SuspectPorts {
  readonly now: () => Instant;
  readonly timers: Pick<Timers, 'set' | 'clear'>;
}

export class Suspects {
  readonly #ports: SuspectPorts;
  readonly #wake: () => void;
  readonly #waiting = new Set<Suspect>();
  #current: Suspect | null = null;

  /** `wake` is called when one of them has waited for long enough. */
  constructor(ports: SuspectPorts, wake: () => void) {
    this.#ports = ports;
    this.#wake = wake;
  }

  /** Whether it is to run alone and it is not its turn yet: `start` is called when it is. */
  take(live: LiveRun, underway: Underway, permit: Permit, start: () => void): boolean {
    const { alone, flow, attempt } = underway.dispatch;
    if (!alone || flow !== null || this.#current?.underway === underway) return false;
    const { now, timers } = this.#ports;
    const suspect = { live, underway, from: now() + waitOf(attempt), start };
    const timer = `suspect ${live.id}/${underway.key}`;
    this.#waiting.add(suspect);
    timers.set(timer, suspect.from, this.#wake);
    underway.withdraw = () => {
      this.#waiting.delete(suspect);
      timers.clear(timer);
      permit.release();
    };
    return true;
  }

  /** Whether nothing else may start now: one of them runs, or waits for what runs already. */
  get areDue(): boolean {
    if (this.#current !== null && isUnderway(this.#current)) return true;
    if (this.#waiting.size === 0) return false;
    const now = this.#ports.now();
    return this.#waiting.values().some(({ from }) => from <= now);
  }

  /** Starts the next one if it may; false when none is to, so that everybody may start. */
  serve(runs: Iterable<LiveRun>): boolean {
    if (this.#current !== null && !isUnderway(this.#current)) this.#current = null;
    if (this.#current !== null) return true;
    if (this.#waiting.size === 0) return false;
    const now = this.#ports.now();
    const due = [...this.#waiting].filter(({ from }) => from <= now).toSorted(byAttempt);
    if (due.length === 0) return false;
    if (isBusy(runs)) return true;
    for (const next of due) {
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

function waitOf(attempt: number): Ms {
  return Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * GROWTH ** Math.max(0, attempt - FIRST_ALONE));
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
