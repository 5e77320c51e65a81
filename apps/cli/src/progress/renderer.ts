/** How the progress of a run is shown while it goes on. */

import type { RunSummary, Streamed } from '@scriptorium/core';

export interface ProgressRenderer {
  readonly update: (summary: RunSummary) => void;
  /** A line for people, above or between what is shown. */
  readonly note: (text: string) => void;
  /** What the run waits for now, in place of what it waited for before; absent where each wait is a note when it begins. */
  readonly waiting?: (lines: readonly string[]) => void;
  /** A piece of what an attempt writes; absent where nobody sees it. */
  readonly text?: (piece: Streamed) => void;
  /** Shows the last state and gives the terminal back. `exitCode` is what the command will end with. */
  readonly close: (exitCode: number) => void;
}
