/** Where a run leaves its files. */

import { join } from 'node:path';
import type { RunSummary } from '@scriptorium/core';

export interface RunPlaces {
  /** Stages lie below it; that of a test run has its own. */
  readonly outputs: string;
  readonly logs: string;
  readonly report: string;
  readonly trace: string;
  readonly log: string;
}

export function placesOf({ run, options }: Pick<RunSummary, 'run' | 'options'>): RunPlaces {
  const outputs = options.test ? `${options.out}_test` : options.out;
  const logs = join(outputs, 'logs', run);
  return { outputs, logs, report: join(logs, 'report.json'), trace: join(logs, 'trace.csv'), log: join(logs, 'run.log') };
}
