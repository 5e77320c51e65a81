/**
 * Durable deadlines: the clock decides what is due, one timer of it wakes us. Nothing here outlives the process;
 * after a restart the reducer asks for its timers again. To set one costs the logarithm of their number, and so does
 * each that fires, because a hundred thousand items may wait at once.
 */

import type { Instant, Ms } from '@scriptorium/core';
import type { Clock } from './clock.ts';

/** The clock is looked at this often, because the timers of a machine that sleeps stand still while its clock goes on. */
const MAX_NAP_MS: Ms = 3_600_000;

export interface Timers {
  /** Replaces the timer of the same key. */
  readonly set: (key: string, at: Instant, fire: () => void) => void;
  readonly clear: (key: string) => void;
  readonly close: () => void;
}

interface Timer {
  readonly key: string;
  readonly at: Instant;
  readonly fire: () => void;
}

export function createTimers(clock: Clock): Timers {
  const due = new Map<string, Timer>();
  /** A binary heap by `at`; a timer that was cleared or replaced stays in it until it comes to the top, or until they are the most. */
  let heap: Timer[] = [];
  let armed: { readonly at: Instant; readonly disarm: () => void } | null = null;

  /** Waking too early is harmless, so a cleared timer leaves the clock's timer as it is. */
  function arm(at: Instant): void {
    if (armed !== null && armed.at <= at) return;
    armed?.disarm();
    armed = { at, disarm: clock.after(Math.min(Math.max(0, at - clock.now()), MAX_NAP_MS), wake) };
  }

  function wake(): void {
    armed = null;
    const nowMs = clock.now();
    const ready: Timer[] = [];
    for (let first = heap[0]; first !== undefined && (first.at <= nowMs || due.get(first.key) !== first); first = heap[0]) {
      pop(heap);
      if (due.get(first.key) === first) ready.push(first);
    }
    for (const { key } of ready) due.delete(key);
    for (const { fire } of ready) fire();
    const [earliest] = heap;
    if (earliest !== undefined) arm(earliest.at);
  }

  function tidy(): void {
    if (heap.length > 2 * due.size + FEW) heap = [...due.values()].toSorted((a, b) => a.at - b.at);
  }

  return {
    set: (key, at, fire) => {
      const timer = { key, at, fire };
      due.set(key, timer);
      push(heap, timer);
      tidy();
      arm(at);
    },
    clear: (key) => {
      if (due.delete(key)) tidy();
    },
    close: () => {
      due.clear();
      heap = [];
      armed?.disarm();
      armed = null;
    },
  };
}

/** Cleared timers that a heap may have, beside as many as are set, before they are looked for. */
const FEW = 16;

function push(heap: Timer[], timer: Timer): void {
  let at = heap.length;
  for (let above = (at - 1) >> 1; at > 0 && timer.at < timerAt(heap, above).at; above = (at - 1) >> 1) {
    heap[at] = timerAt(heap, above);
    at = above;
  }
  heap[at] = timer;
}

function pop(heap: Timer[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (let below = 1; below < heap.length; below = 2 * at + 1) {
    if (below + 1 < heap.length && timerAt(heap, below + 1).at < timerAt(heap, below).at) below += 1;
    if (timerAt(heap, below).at >= last.at) break;
    heap[at] = timerAt(heap, below);
    at = below;
  }
  heap[at] = last;
}

function timerAt(heap: readonly Timer[], index: number): Timer {
  const timer = heap[index];
  if (timer === undefined) throw new RangeError(`the heap has no entry ${index}`);
  return timer;
}
