/** What must be true of every history. */

import type { History } from '../history.ts';
import type { Expected } from '../expected.ts';
import type { Level } from '../history.ts';
import type { Lasting } from '../setting.ts';
import type { RunTrace } from './trace.ts';

/** A history with what can be read from it once for all invariants. */
export interface Played {
  readonly history: History;
  readonly expected: readonly Expected[];
  readonly runs: readonly RunTrace[];
  /** What was to be kept, where old runs were removed. */
  readonly lasting: Lasting | null;
}

export interface Invariant {
  /** As in the specification; 0 for what the page about the language says. */
  readonly number: number;
  readonly says: string;
  /** Where it cannot be looked at, and why. */
  readonly absent?: { readonly [level in Level]?: string };
  /** What breaks it, as sentences. */
  readonly check: (played: Played) => readonly string[];
}

export interface Violation {
  readonly number: number;
  readonly what: string;
}
