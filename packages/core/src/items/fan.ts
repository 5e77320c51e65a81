/** An `each` at work, as its events fold it: what was spawned and granted, what the chunks reported, and whether it fails. */

import { noNumbers, withNumber } from '../by-number.ts';
import { isGrave, isGraver, unreachable } from '../errors.ts';
import type { Failure } from '../errors.ts';
import type { Counts, Event } from '../events.ts';
import type { Instant } from '../json.ts';
import type { Place } from '../plan.ts';
import { noCounts } from '../state.ts';
import type { FannedStep } from '../state.ts';

/** Items per chunk: large enough that a million items are some thousands of actors, small enough that one folds at once. */
export const CHUNK_SIZE = 128;

export function openFan(event: Extract<Event, { type: 'each.opened' }>, at: Instant): FannedStep {
  const { total, pageSize, pages, workers, tolerate, env } = event;
  const nothing = { spawned: 0, live: new Map(), done: noCounts, results: noNumbers, ended: false, failure: null } as const;
  return { type: 'fanned', at, total, pageSize, pages, workers, tolerate, env, ...nothing };
}

export function evolveFan(
  step: FannedStep,
  event: Extract<Event, { type: 'chunk.spawned' | 'chunk.slots' | 'chunk.recalled' }>,
): FannedStep {
  const live = step.live.get(event.chunk);
  switch (event.type) {
    case 'chunk.spawned': {
      const fresh = { size: event.size, granted: event.slots, returned: 0, counts: noCounts, cancelling: false };
      return { ...step, spawned: event.chunk + 1, live: put(step.live, event.chunk, fresh) };
    }
    case 'chunk.slots':
      return live === undefined ? step : { ...step, live: put(step.live, event.chunk, { ...live, granted: event.slots }) };
    case 'chunk.recalled':
      return live === undefined ? step : { ...step, live: put(step.live, event.chunk, { ...live, cancelling: true }) };
    default:
      return unreachable(event);
  }
}

/** What a live chunk reports; with its last report it settles. */
export function hearReport(step: FannedStep, event: Extract<Event, { type: 'chunk.reported' }>): FannedStep {
  const live = step.live.get(event.chunk);
  if (live === undefined) return step;
  const failure = worse(step.failure, event.failure);
  if (event.page === null) {
    return { ...step, failure, live: put(step.live, event.chunk, { ...live, counts: event.counts, returned: event.returned }) };
  }
  const remaining = new Map(step.live);
  remaining.delete(event.chunk);
  return {
    ...step,
    failure,
    live: remaining,
    done: addCounts(step.done, event.counts),
    results: withNumber(step.results, event.chunk, event.page),
  };
}

/** Why the `each` as a whole fails, if it does: a grave error of an item, which nothing tolerates, or more failures than tolerated. */
export function fanFailure({ node }: Place, step: FannedStep): Failure | null {
  if (step.failure !== null && isGrave(step.failure.error)) return step.failure.error;
  const failed = [...step.live.values()].reduce((sum, live) => sum + live.counts.failed, step.done.failed);
  if (step.tolerate === null || failed <= step.tolerate || step.failure === null) return null;
  const { key, error } = step.failure;
  return {
    code: 'each.failed',
    message: `${failed} of ${step.total} items of ${node.id} failed (tolerated: ${step.tolerate}); first ${key}: ${error.code}: ${error.message}`,
    details: { failed, total: step.total, tolerated: step.tolerate, first: { key, code: error.code, message: error.message } },
  };
}

function worse<F extends { readonly error: Failure }>(known: F | null, heard: F | null): F | null {
  if (known === null) return heard;
  return heard !== null && isGraver(heard.error, known.error) ? heard : known;
}

export function addCounts(a: Counts, b: Counts): Counts {
  return {
    succeeded: a.succeeded + b.succeeded,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    cancelled: a.cancelled + b.cancelled,
    degraded: a.degraded + b.degraded,
  };
}

function put<K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> {
  return new Map(map).set(key, value);
}
