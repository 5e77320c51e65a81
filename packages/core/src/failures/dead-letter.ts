/** What failed for good, and which of it is meant. */

import type { Failure } from '../errors.ts';
import type { Instant, Json } from '../json.ts';

/** A call that failed for good: nothing tries it again by itself. */
export interface DeadLetter {
  readonly run: string;
  readonly flow: string;
  readonly step: string;
  /** Of the innermost item; null outside of an `each`. */
  readonly key: string | null;
  readonly error: Failure;
  readonly at: Instant;
  /** The latest ones. */
  readonly attempts: readonly DeadAttempt[];
  /** What it was given, where that is asked for and can still be told; secrets by reference. */
  readonly input: Json | null;
  /** The latest run that was started to try it again. */
  readonly retriedBy: string | null;
}

export interface DeadAttempt {
  readonly attempt: number;
  /** `name@version`; null where it was refused before it started. */
  readonly handler: string | null;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant;
  /** Null for one that was lost. */
  readonly error: Failure | null;
  /** How it was lost. */
  readonly lost: string | null;
}

/** Which of what failed for good; all that is given must hold. */
export interface DeadSelection {
  /** A path, or its last part. */
  readonly step?: string;
  readonly item?: string;
  /** As `catch` names codes: `io`, `http.*`. */
  readonly error?: string;
}

export interface DeadLetterFilter extends DeadSelection {
  readonly run?: string;
  /** With what the calls were given. */
  readonly input?: boolean;
}
