/** A mistake of one line that the simulator must find. */

import type { Level } from '../history.ts';

export interface Mutant {
  readonly name: string;
  /** Below `packages`; without a package, below `packages/core/src`. */
  readonly file: string;
  /** Stands in the file once. */
  readonly from: string;
  readonly to: string;
  /** Where it can be found. */
  readonly level: Level;
  /** What a scenario must have to reach it, by the names of `features.ts`; scenarios without are left out while it is looked for. */
  readonly needs?: readonly string[];
}

export function pathOf({ file }: Mutant): string {
  return file.includes('/src/') ? `packages/${file}` : `packages/core/src/${file}`;
}
