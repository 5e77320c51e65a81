/**
 * Whether an attempt fails with `limit.open` while its pool's breaker is open, rather than wait until it closes. Waiting
 * loses nothing, so only who names the code is refused: the step's own `retry` or `catch`, or the `catch` of a scope
 * around it that the failure comes to. Beyond an `each` it arrives as `each.failed`, so there both must be named.
 */

import type { Catch, ErrorNames } from '../ir.ts';
import type { Place } from '../plan.ts';

const OPEN: ErrorNames = ['limit.open', 'limit.*'];
const EACH: ErrorNames = ['each.failed', 'each.*', '*'];

export function isRefusable(place: Place): boolean {
  if (place.node.retry.some(({ errors }) => isNamed(errors, OPEN))) return true;
  let isBeyondEach = false;
  for (let at: Place | null = place; at !== null; at = aroundOf(at)) {
    // The body of a `catch` speaks about each item of an `each`; only its `to` and the scopes outside see the whole.
    const isWhole: boolean = isBeyondEach || (at.catches ?? at).node.each !== undefined;
    if (at.node.catch.some((entry) => isOffered(entry, entry.to === undefined ? isBeyondEach : isWhole))) return true;
    isBeyondEach = isWhole;
  }
  return false;
}

/** A catch body's failure is not caught by the step that it replaces, but by what is around that. */
function aroundOf(place: Place): Place | null {
  return place.catches === null ? place.scope : place.catches.scope;
}

function isOffered({ errors }: Catch, isBeyondEach: boolean): boolean {
  return isNamed(errors, OPEN) && (!isBeyondEach || isNamed(errors, EACH));
}

function isNamed(errors: ErrorNames, wanted: ErrorNames): boolean {
  return errors.some((name) => wanted.includes(name));
}
