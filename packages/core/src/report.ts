/** What `logs/<batch>/report.json` says of a run, and what makers of flows and handlers add to it: a page for people, parts of their own. */

import type { Failure } from './errors.ts';
import type { Recorded } from './events.ts';
import type { Flow, Mode } from './ir.ts';
import type { Json, JsonObject } from './json.ts';

export type FileStatus = 'SUCCESS' | 'COMPLETED_WITH_ISSUES' | 'FAILED' | 'SKIPPED' | 'CANCELLED' | 'INTERRUPTED';

export type StageStatus = 'succeeded' | 'failed' | 'skipped' | 'cancelled' | 'interrupted' | 'not_reached';

export interface StageHistory {
  readonly status: StageStatus;
  readonly attempts: number;
  /** Time of all attempts in the stage. */
  readonly ms: number;
  readonly degraded: boolean;
  readonly reused: boolean;
  /** Why it was skipped or cancelled. */
  readonly reason: string | null;
}

/** One item of the outermost `each`. */
export interface FileReport {
  readonly id: string;
  readonly status: FileStatus;
  /** The item's result came by a fallback. */
  readonly degraded: boolean;
  /** Why it was skipped. */
  readonly reason: string | null;
  readonly started: string | null;
  readonly ended: string | null;
  readonly stages: { readonly [id: string]: StageHistory };
  /** How many issues there are; `issues` lists at most 100. */
  readonly issueCount: number;
  readonly issues: readonly Json[];
  readonly stats: JsonObject;
  /** What was written until then, whatever became of the item; paths are relative to the output root. */
  readonly outputs: readonly { readonly stage: string; readonly path: string; readonly hash: string; readonly bytes: number }[];
  readonly error: (Failure & { readonly step: string }) | null;
}

export interface ReportSummary {
  readonly total: number;
  readonly succeeded: number;
  readonly succeededWithIssues: number;
  readonly failed: number;
  readonly skipped: number;
  readonly cancelled: number;
  readonly interrupted: number;
  /** Of the succeeded with or without issues, those that owe their result to a fallback. */
  readonly degraded: number;
  readonly stages: { readonly [id: string]: JsonObject };
}

/** A run as its page is told of it: the head of its report, and its items one after another. */
export interface ReportedRun {
  readonly run: string;
  readonly batch: string;
  readonly flow: Pick<Flow, 'name' | 'version'>;
  readonly mode: Mode;
  readonly test: boolean;
  readonly input: JsonObject;
  /** `interrupted`: it has not ended, because the engine did. */
  readonly status: string;
  readonly error: Failure | null;
  readonly output: Json;
  readonly summary: ReportSummary;
  /** In item order; may be read more than once. */
  readonly files: () => AsyncIterable<FileReport>;
  /** The text of a file below the output root, or null where it cannot be read. */
  readonly read: (path: string) => Promise<string | null>;
}

/**
 * Makes `report.html` beside `report.json` whenever that is written: when a run has ended, in whatever way, when it was
 * interrupted, and when somebody asks. It works in the engine's own thread, so it reads item by item and waits between
 * them; what it throws is a line in the run's log.
 */
export interface ReportPage {
  /** The flow whose runs it is for. */
  readonly flow: string;
  readonly make: (run: ReportedRun) => Promise<string>;
}

/** A run with all runs that worked for its steps, as the makers of handlers are told of it. */
export interface ReportedTree {
  readonly run: string;
  /** Each run's in its order, those of the run itself first. */
  readonly events: readonly Recorded[];
  /** Of other runs, whose results were taken over. */
  readonly earlier: readonly Recorded[];
  /** The definition of each run that has `events`. */
  readonly flows: ReadonlyMap<string, Flow>;
}

/**
 * A part of `report.json` under a name of its own, for runs in which handlers of the module were called. It works in the
 * engine's own thread, on so many events as an engine can have in memory; what it throws is a line in the run's log.
 */
export interface ReportSection {
  readonly name: string;
  readonly make: (tree: ReportedTree) => JsonObject;
}
