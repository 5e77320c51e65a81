/** What an answer to "why?" consists of. */

import type { Instant } from '@scriptorium/core';

export type Standing =
  /** It has not begun. */
  | 'waiting'
  /** It has begun, and what it does is to wait. */
  | 'awaiting'
  | 'queued'
  | 'backing_off'
  | 'running'
  | 'succeeded'
  | 'reused'
  | 'degraded'
  | 'skipped'
  | 'failed'
  | 'cancelled'
  | 'not_reached'
  | 'paused'
  | 'interrupted'
  | 'parked';

/** An event of the journal that a reason rests on. */
export interface Evidence {
  /** Position in the whole journal. */
  readonly event: number;
  readonly at: Instant;
  readonly type: string;
}

export interface Reason {
  readonly says: string;
  readonly evidence: readonly Evidence[];
}

export interface Help {
  /** As it is typed, without the name of the program: `limits set disk --concurrent 8`. */
  readonly command: string;
  readonly does: string;
}

export interface Explanation {
  readonly run: string;
  /** Null when it is about the run as a whole. */
  readonly step: string | null;
  readonly item: string | null;
  readonly standing: Standing;
  /** One sentence. */
  readonly answer: string;
  readonly because: readonly Reason[];
  readonly help: readonly Help[];
}

/** How instants and durations are written in sentences: the reader's zone and language are not known here. */
export interface Words {
  readonly time: (at: Instant) => string;
  readonly duration: (ms: number) => string;
}
