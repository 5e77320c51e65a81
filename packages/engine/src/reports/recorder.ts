/**
 * Keeps a run's log while it is live, and writes its report, with the page of its flow, when it ends or is interrupted: for batches, and for runs whose
 * options ask for it. All of any other run is in the journal: it has no files until somebody wants to read them, or until
 * a handler says what no event does. Files are for people to read, so a disk that takes none stops no run.
 */

import { existsSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { planOf } from '@scriptorium/core';
import type { Flow, Instant, Json, JsonObject, PoolStatus, Recorded, ReportedRun, ReportPage, RunOptions, Values } from '@scriptorium/core';
import type { Journal, RunRow } from '../journal/journal.ts';
import { outputRoot, plainSegments } from '../outputs/output-place.ts';
import { writeReport } from './report.ts';
import type { DeadMessage } from './report-head.ts';
import { makeSections } from './report-sections.ts';
import type { SectionPorts } from './report-sections.ts';
import { isOfDisk, openRunLog } from './runlog.ts';
import type { LogLevel, RunLog } from './runlog.ts';
import { definitionOf, readAll, readEffective } from './run-views.ts';

/** Events of a report that are folded without a pause. */
const PIECE = 1_000;

export interface Recorder {
  /** Lines for what was committed; `row` where it is at hand. */
  readonly record: (run: string, events: readonly Recorded[], row?: RunRow) => void;
  /** Whether a run of which something was recorded has a log. */
  readonly hasLog: (run: string) => boolean;
  /** What no event says, and what every run therefore has a log for. */
  readonly line: (run: string, level: LogLevel, text: string, fields?: JsonObject) => void;
  /** What concerns other runs too: for those that have a log. */
  readonly note: (run: string, level: LogLevel, text: string) => void;
  /** Writes the report of a run that has a log, after those that were asked for before, and closes the log; neither once it `goesOn`. */
  readonly finish: (run: string, goesOn?: () => boolean) => Promise<void>;
  /** Closes the log of a run and leaves its report to the next engine; an earlier one, which would tell what is no longer so, is removed. */
  readonly leave: (run: string) => void;
  /** Writes the log of a run that has none, and its report as it now stands. */
  readonly write: (run: string) => Promise<void>;
  /** Whether the run has left a log but no report, as when the engine ended before it was written. */
  readonly lacksReport: (row: RunRow) => boolean;
  /** Closes the logs of all runs as they are. */
  readonly close: () => void;
}

export interface RecorderPorts {
  readonly journal: Journal;
  readonly values: Values;
  readonly now: () => Instant;
  readonly pools: () => readonly PoolStatus[];
  /** What makes the page of the flow of a run, if anything does; raises where its modules cannot be loaded. */
  readonly pageOf: (row: RunRow) => Promise<ReportPage | null>;
  /** What modules add to reports of runs that call their handlers, in these flows; raises as `pageOf` does. */
  readonly sectionsOf: SectionPorts['sectionsOf'];
  /** Dead messages that the run has sent, or had last. */
  readonly deadMessagesOf: (run: string) => readonly DeadMessage[];
  /** Calls back in the next turn. */
  readonly soon: (work: () => void) => void;
}

export function createRecorder(ports: RecorderPorts): Recorder {
  const { journal, now } = ports;
  /** Null for a live run without one. */
  const logs = new Map<string, RunLog | null>();
  const inTurn = turns();
  const keepsReport = keeping(journal);

  function open(run: string, directory: string | null): RunLog | null {
    const log = directory === null ? null : openOn(directory);
    logs.set(run, log);
    return log;
  }

  /** The log of a run that keeps one, or that has begun one. */
  function logOf(run: string, row = logs.has(run) ? null : journal.run(run)): RunLog | null {
    const known = logs.get(run);
    if (known !== undefined) return known;
    return open(run, row !== null && (keepsReport(row) || hasLog(row)) ? logsOf(row) : null);
  }

  /** The log of any run; a new one begins with the lines for all that is recorded. */
  function anyLogOf(run: string): RunLog | null {
    const known = logOf(run);
    const row = journal.run(run);
    if (known !== null || row === null) return known;
    const log = open(run, logsOf(row));
    for (const recorded of readAll(journal, run)) log?.event(recorded);
    return log;
  }

  function close(run: string): void {
    logs.get(run)?.close();
    logs.delete(run);
  }

  async function end(run: string, goesOn: () => boolean): Promise<void> {
    if (goesOn()) return;
    const log = logOf(run);
    const row = log === null ? null : journal.run(run);
    try {
      if (row !== null) await writeFor(ports, row, log, goesOn);
    } catch (error) {
      if (goesOn()) return;
      log?.stack(now(), 'the report could not be written', textOf(error));
    }
    close(run);
  }

  return {
    record: (run, events, row) => {
      const { event } = events[0] ?? {};
      const log = event?.type === 'run.started' ? open(run, keepsReport(event) ? logsOf({ run, ...event }) : null) : logOf(run, row);
      if (log !== null) for (const recorded of events) log.event(recorded);
    },
    hasLog: (run) => logOf(run) !== null,
    line: (run, level, text, fields) => anyLogOf(run)?.line(now(), level, text, fields),
    note: (run, level, text) => logs.get(run)?.line(now(), level, text),
    lacksReport: (row) => hasLog(row) && !existsSync(reportOf(row)),
    close: () => {
      for (const log of logs.values()) log?.close();
      logs.clear();
    },
    finish: async (run, goesOn = () => false) => (logOf(run) === null ? close(run) : inTurn(run, () => end(run, goesOn))),
    leave: (run) => {
      const row = logOf(run) === null ? null : journal.run(run);
      close(run);
      if (row !== null) removeReport(row);
    },
    write: async (run) => {
      const row = journal.run(run);
      if (row === null) return;
      const isLive = logs.has(run);
      await writeFor(ports, row, anyLogOf(run));
      if (!isLive) close(run);
    },
  };
}

/** Does one thing after another for each run. */
function turns(): (run: string, work: () => Promise<void>) => Promise<void> {
  const last = new Map<string, Promise<void>>();
  return (run, work) => {
    const own = (last.get(run) ?? Promise.resolve()).then(work).finally(() => last.get(run) === own && last.delete(run));
    last.set(run, own);
    return own;
  };
}

/** Whether the items of a definition make a batch of its runs is looked up once. */
function keeping(journal: Journal): (kept: Kept) => boolean {
  const batches = new Map<string, boolean>();
  return ({ flow, options }) => {
    const known = batches.get(flow.hash) ?? isBatch(journal.flow(flow.hash));
    batches.set(flow.hash, known);
    return known || options.report === true;
  };
}

/** By what a run keeps a report, or not. */
type Kept = { readonly flow: Pick<Flow, 'hash'>; readonly options: RunOptions };

async function writeFor(ports: RecorderPorts, row: RunRow, log: RunLog | null, goesOn = (): boolean => false): Promise<void> {
  const { journal, values, pools, soon, now } = ports;
  const { run } = row;
  const root = outputRoot(row.options);
  const value = (ref: string): Json => values.read(ref) as Json;
  const source = {
    run,
    batch: run,
    flow: definitionOf(journal, row),
    events: unhurried(readEffective(journal, run), soon, goesOn),
    value,
    pools: pools(),
    deadMessages: () => ports.deadMessagesOf(run),
    sections: () => sectionsFor(ports, row, log, goesOn),
    page: async (reported: Omit<ReportedRun, 'read'>) => {
      try {
        const page = await ports.pageOf(row);
        return (await page?.make({ ...reported, read: (path) => readBelow(root, path) })) ?? null;
      } catch (error) {
        log?.stack(now(), 'the page of the report could not be made', textOf(error));
        return null;
      }
    },
  };
  await writeReport(source, logsOf(row));
}

function sectionsFor(
  { journal, sectionsOf, soon, now }: RecorderPorts,
  row: RunRow,
  log: RunLog | null,
  goesOn: () => boolean,
): Promise<JsonObject> {
  const failed = (name: string, error: unknown): void =>
    log?.stack(now(), `the part of the report about ${name} could not be made`, textOf(error));
  const made = makeSections({ journal, sectionsOf, unhurried: (events) => unhurried(events, soon, goesOn), failed }, row);
  return made.catch((error: unknown) => {
    if (goesOn()) throw error;
    failed('what handlers did', error);
    return {};
  });
}

/** Null for what is gone. */
function readBelow(root: string, path: string): Promise<string | null> {
  return readFile(join(root, ...plainSegments(path)), 'utf8').catch(() => null);
}

/** Lets the engine work between one piece of a long history and the next. */
async function* unhurried(events: Iterable<Recorded>, soon: RecorderPorts['soon'], goesOn: () => boolean): AsyncGenerator<Recorded> {
  let count = 0;
  for (const recorded of events) {
    yield recorded;
    count += 1;
    if (count % PIECE > 0) continue;
    await new Promise<void>((resolve) => soon(resolve));
    if (goesOn()) throw new Error('the run goes on');
  }
}

/** Whether a run of it has items; of a definition that is gone nobody knows. */
function isBatch(flow: Flow | null): boolean {
  return flow === null || [...planOf(flow).values()].some(({ node }) => node.each !== undefined);
}

/** `<out>/logs/<batch>`, below the test root for test runs. */
function logsOf({ run, options }: Pick<RunRow, 'run' | 'options'>): string {
  return join(outputRoot(options), 'logs', run);
}

function reportOf(row: RunRow): string {
  return join(logsOf(row), 'report.json');
}

/** One that cannot be removed stays as it is. */
function removeReport(row: RunRow): void {
  try {
    for (const name of ['report.json', 'report.html']) rmSync(join(logsOf(row), name), { force: true });
  } catch (error) {
    if (!isOfDisk(error)) throw error;
  }
}

function hasLog(row: RunRow): boolean {
  return existsSync(join(logsOf(row), 'run.log'));
}

/** Null on a disk that does not take it. */
function openOn(directory: string): RunLog | null {
  try {
    return openRunLog(directory);
  } catch (error) {
    if (isOfDisk(error)) return null;
    throw error;
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
