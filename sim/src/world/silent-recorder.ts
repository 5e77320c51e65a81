/** Reports that nobody reads. */

import type { Clock, Recorder } from '@scriptorium/engine';

/** How long it takes to write one. */
const REPORT_MS = 3;

/** Reports are for people; what an engine notices of them is that they take a while. */
export function silentRecorder({ after }: Clock): Recorder {
  const nothing = (): void => undefined;
  const aWhile = (): Promise<void> => new Promise((resolve) => void after(REPORT_MS, resolve));
  return {
    record: nothing,
    line: nothing,
    note: nothing,
    finish: aWhile,
    leave: nothing,
    write: aWhile,
    lacksReport: () => false,
    hasLog: () => true,
    close: nothing,
  };
}
