/** A kind of crash: one round of it, what it needs of the machine, and an engine on which the judge must find a fault. */

import type { Outputs } from '../judge.ts';
import type { Program } from '../program.ts';
import type { Round } from '../round.ts';

export interface Setting {
  readonly programs: readonly Program[];
  readonly expected: Outputs;
  /** How much there is to do, as `workIn` says it of an undisturbed place. */
  readonly work: number;
  /** Number of the round within its kind, from 0. */
  readonly round: number;
  /** Between 0 and 1. */
  readonly chance: () => number;
  /** Most deaths in one round. */
  readonly deaths: number;
}

export interface CrashKind {
  readonly name: string;
  readonly needs: 'strace' | 'disk' | null;
  readonly round: (setting: Setting) => Promise<Round>;
  /** A round with an engine that breaks its promise; tried until the judge has noticed, a few times at most. */
  readonly control?: {
    readonly what: string;
    readonly round: (setting: Setting) => Promise<Round>;
    /** What must be found: acknowledgements that are missing, or a fault that says so. */
    readonly evidence: 'lost' | RegExp;
  };
}

export function between(chance: () => number, low: number, high: number): number {
  return low + chance() * (high - low);
}

export function oneOf<T>(chance: () => number, all: readonly [T, ...T[]]): T {
  return all[Math.floor(chance() * all.length)] ?? all[0];
}
