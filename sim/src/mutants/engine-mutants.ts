/** Mistakes in the engine around the reducer: commits, pools, timers, clients. */

import type { Mutant } from './mutant.ts';

export const engineMutants: readonly Mutant[] = [];
