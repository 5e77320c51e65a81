/** All mistakes that the simulator must find. */

import { engineMutants } from './engine-mutants.ts';
import type { Mutant } from './mutant.ts';
import { reducerMutants } from './reducer-mutants.ts';

export const mutants: readonly Mutant[] = [...reducerMutants, ...engineMutants];
