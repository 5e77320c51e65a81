/** What `logs/<batch>/report.json` says of a run, and the page that the makers of a flow add to it for people. */

import type { Failure } from './errors.ts';
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
