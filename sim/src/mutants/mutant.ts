/** A mistake of one line that the simulator must find. */

import type { Level } from '../history.ts';
import type { Kind } from '../kinds.ts';

export interface Mutant {
  readonly name: string;
  /** Below `packages`; without a package, below `packages/core/src`. */
  readonly file: string;
  /** Stands in the file once. */
  readonly from: string;
  readonly to: string;
  /** Where it can be found, and in which scenarios. */
  readonly level: Level;
  readonly kind: Kind;
  /** What a scenario must say to reach it, and what must happen in it, by the names of `features.ts`: others are passed over. */
  readonly needs?: readonly string[];
  readonly happens?: readonly string[];
  /** It shows only when a scenario is played twice and goes another way: nothing is wrong with either. */
  readonly twice?: boolean;
}

export function pathOf({ file }: Mutant): string {
  return file.includes('/src/') ? `packages/${file}` : `packages/core/src/${file}`;
}
