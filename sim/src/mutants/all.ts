/** All mistakes that the simulator must find. */

import { engineMutants } from './engine-mutants.ts';
import type { Mutant } from './mutant.ts';
import { postMutants } from './post-mutants.ts';
import { reducerMutants } from './reducer-mutants.ts';
import { retentionMutants } from './retention-mutants.ts';

const ofTheEngine = postMutants.map((mutant): Mutant => ({ ...mutant, level: 'engine' }));

export const mutants: readonly Mutant[] = [...reducerMutants, ...engineMutants, ...ofTheEngine, ...retentionMutants];
