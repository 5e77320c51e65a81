/** Keeps a run's log while it is live, and writes its report when it ends or is interrupted. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Instant, Json, JsonObject, PoolStatus, Recorded, Values } from '@scriptorium/core';
import type { Journal } from '../journal/journal.ts';
import { outputRoot } from '../outputs/output-place.ts';
import { writeReport } from './report.ts';
import { openRunLog } from './runlog.ts';
import type { LogLevel, RunLog } from './runlog.ts';
import { definitionOf, readEffective } from './run-views.ts';

export interface Recorder {
  /** Lines for what was committed; opens the log with the run's first event. */
  readonly record: (run: string, events: readonly Recorded[]) => void;
  readonly open: (run: string) => void;
  readonly line: (run: string, level: LogLevel, text: string, fields?: JsonObject) => void;
  /** The full stack behind a failure, which events do not carry. */
  readonly stack: (run: string, place: string, stack: string) => void;
  /** Writes the report and closes the log. */
  readonly finish: (run: string) => Promise<void>;
  /** Whether the run has left a log but no report, as when the engine ended in between. */
  readonly lacksReport: (run: string) => boolean;
  /** Closes the logs of all runs as they are. */
  readonly close: () => void;
}

export interface RecorderPorts {
  readonly journal: Journal;
  readonly values: Values;
  readonly now: () => Instant;
  readonly pools: () => readonly PoolStatus[];
}

export function createRecorder(ports: RecorderPorts): Recorder {
  const { journal, values, now, pools } = ports;
  const logs = new Map<string, RunLog>();

  function logOf(run: string): RunLog | null {
    const known = logs.get(run);
    if (known !== undefined) return known;
    const directory = logsOf(journal, run);
    if (directory === null) return null;
    const log = openRunLog(directory);
    logs.set(run, log);
    return log;
  }

  return {
    record: (run, events) => {
      const log = logOf(run);
      for (const recorded of events) log?.event(recorded);
    },
    open: (run) => void logOf(run),
    line: (run, level, text, fields) => logs.get(run)?.line(now(), level, text, fields),
    stack: (run, place, stack) => logs.get(run)?.stack(now(), place, stack),
    lacksReport: (run) => {
      const directory = logsOf(journal, run);
      return directory !== null && existsSync(join(directory, 'run.log')) && !existsSync(join(directory, 'report.json'));
    },
    close: () => {
      for (const log of logs.values()) log.close();
      logs.clear();
    },
    finish: async (run) => {
      const directory = logsOf(journal, run);
      const row = journal.run(run);
      if (directory === null || row === null) return;
      try {
        const value = (ref: string): Json => values.read(ref) as Json;
        await writeReport(
          { run, batch: run, flow: definitionOf(journal, row), events: readEffective(journal, run), value, pools: pools() },
          directory,
        );
      } catch (error) {
        logs
          .get(run)
          ?.stack(now(), 'the report could not be written', error instanceof Error ? (error.stack ?? error.message) : String(error));
      }
      logs.get(run)?.close();
      logs.delete(run);
    },
  };
}

/** `<out>/logs/<batch>`, below the test root for test runs. */
function logsOf(journal: Journal, run: string): string | null {
  const row = journal.run(run);
  return row === null ? null : join(outputRoot(row.options), 'logs', run);
}
