/** Where a run leaves its files. */

import { join } from 'node:path';
import type { RunSummary } from '@scriptorium/core';

export interface RunPlaces {
  /** Stages lie below it; that of a test run has its own. */
  readonly outputs: string;
  readonly logs: string;
  readonly report: string;
  /** For people, where the flow has one. */
  readonly page: string;
  readonly trace: string;
  readonly log: string;
}

export function placesOf({ run, options }: Pick<RunSummary, 'run' | 'options'>): RunPlaces {
  const outputs = options.test ? `${options.out}_test` : options.out;
  const logs = join(outputs, 'logs', run);
  const report = join(logs, 'report.json');
  return { outputs, logs, report, page: join(logs, 'report.html'), trace: join(logs, 'trace.csv'), log: join(logs, 'run.log') };
}
