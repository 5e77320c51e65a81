/**
 * How fast a run goes: an active clock that stands still while the run is held, and what was done in its last minute.
 * Times come from the events; nothing here reads a clock.
 */

import type { Event } from '../events.ts';
import type { Instant, Ms } from '../json.ts';

/** Length of the window of recent activity. */
const WINDOW_MS = 60_000;
const SLOT_MS = 1_000;
const SLOTS: number = WINDOW_MS / SLOT_MS;

interface Slot {
  /** Number of the second, on the active clock, that the slot holds now. */
  second: number;
  settled: number;
  workMs: Ms;
  attempts: number;
}

export interface Pace {
  /** Instant of the last event; null before the first. */
  last: Instant | null;
  /** Active time up to the last event. */
  active: Ms;
  held: boolean;
  ended: boolean;
  /** Work of all attempts that ended. */
  workMs: Ms;
  readonly slots: Slot[];
}

export function beginPace(): Pace {
  return { last: null, active: 0, held: false, ended: false, workMs: 0, slots: [] };
}

/** Moves the active clock to an event. What a crash left between the last event and its discovery does not count, nor what
 * lies between a fork and its parent. */
export function tick(pace: Pace, at: Instant, event: Event): void {
  const isGap =
    (event.type === 'run.interrupted' && event.reason === 'crashed') || event.type === 'run.forked' || event.type === 'run.rolled_back';
  if (!isGap) pace.active = activeMs(pace, at);
  pace.last = Math.max(pace.last ?? at, at);
  if (event.type === 'run.paused' || event.type === 'run.interrupted' || event.type === 'run.parked' || event.type === 'run.rolled_back')
    pace.held = true;
  if (event.type === 'run.resumed' || event.type === 'run.forked') pace.held = false;
  if (event.type === 'run.settled') pace.ended = true;
}

/** Active time up to `at`, an instant not before the last event. */
export function activeMs(pace: Pace, at: Instant): Ms {
  if (pace.last === null || pace.held || pace.ended) return pace.active;
  return pace.active + Math.max(0, at - pace.last);
}

/** Notes what the last event brought: items settled, or the work of an attempt. */
export function credit(pace: Pace, settled: number, workMs: Ms | null): void {
  const second = Math.floor(pace.active / SLOT_MS);
  const place = second % SLOTS;
  const known = pace.slots[place];
  const slot = known?.second === second ? known : { second, settled: 0, workMs: 0, attempts: 0 };
  while (pace.slots.length < place) pace.slots.push({ second: -1, settled: 0, workMs: 0, attempts: 0 });
  pace.slots[place] = slot;
  slot.settled += settled;
  if (workMs !== null) {
    pace.workMs += workMs;
    slot.workMs += workMs;
    slot.attempts += 1;
  }
}

/** Sums over the window that ends now, and its length. */
export function recent(
  pace: Pace,
  nowActiveMs: Ms,
): { readonly ms: Ms; readonly settled: number; readonly workMs: Ms; readonly attempts: number } {
  const newest = Math.floor(nowActiveMs / SLOT_MS);
  const ms = Math.min(nowActiveMs, WINDOW_MS - SLOT_MS + (nowActiveMs % SLOT_MS));
  const sums = { ms, settled: 0, workMs: 0, attempts: 0 };
  for (const { second, settled, workMs, attempts } of pace.slots) {
    if (second <= newest - SLOTS || second < 0) continue;
    sums.settled += settled;
    sums.workMs += workMs;
    sums.attempts += attempts;
  }
  return sums;
}

export function itemsPerMinute(pace: Pace, nowActiveMs: Ms): number {
  const { ms, settled } = recent(pace, nowActiveMs);
  return settled === 0 ? 0 : (settled * 60_000) / Math.max(1, ms);
}
