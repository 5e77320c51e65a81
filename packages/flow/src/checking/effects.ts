/** What calls do to the world, from nothing to something that cannot be taken back. */

import type { Callable } from './callable.ts';

type Effects = Callable['effects'];

const STRENGTH: readonly Effects[] = ['none', 'read', 'write'];

/** Of two, what does more. */
export function stronger(a: Effects, b: Effects): Effects {
  return STRENGTH.indexOf(a) < STRENGTH.indexOf(b) ? b : a;
}

export function isEffects(value: unknown): value is Effects {
  return STRENGTH.some((one) => one === value);
}
