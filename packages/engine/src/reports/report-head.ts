/** The head of `report.json`: what is said of a run as a whole, before its items. */

import type {
  Carried,
  Failure,
  Flow,
  Instant,
  JsonObject,
  MessageType,
  PoolStatus,
  Progress,
  Recorded,
  ReportSummary,
  RunOptions,
  Taker,
} from '@scriptorium/core';
import { createCompensations } from './compensation-report.ts';
import type { Compensations } from './compensation-report.ts';
import { isoTime } from './trace.ts';

/** To be raised when a field changes its meaning or goes; new fields may come without. */
export const REPORT_VERSION = 1;

/** What a run's events say of the run as a whole. */
export interface RunFacts {
  options: RunOptions | null;
  input: JsonObject;
  by: string;
  startedAt: number | null;
  endedAt: number | null;
  lastAt: number | null;
  status: string;
  error: Failure | null;
  output: Carried | null;
  interruptions: number;
  readonly compensations: Compensations;
}

export interface IssueGroup {
  count: number;
  readonly severities: { [severity: string]: number };
  readonly examples: { readonly id: string; readonly message: string }[];
}

/** A message that nobody came to an end with. */
export interface DeadMessage {
  readonly mailbox: string;
  readonly id: string;
  readonly type: MessageType;
  readonly from: string;
  readonly reason: string;
  readonly since: Instant;
  /** Who had it last. */
  readonly taker: Taker | null;
}

/** Where the head is made from. */
interface HeadSource {
  readonly run: string;
  readonly batch: string;
  readonly flow: Flow;
  readonly pools: readonly PoolStatus[];
  readonly deadMessages: () => readonly DeadMessage[];
}

export function noFacts(): RunFacts {
  return {
    options: null,
    input: {},
    by: '',
    startedAt: null,
    endedAt: null,
    lastAt: null,
    status: 'interrupted',
    error: null,
    output: null,
    interruptions: 0,
    compensations: createCompensations(),
  };
}

export function foldFacts(facts: RunFacts, { at, event }: Recorded): void {
  facts.lastAt = at;
  switch (event.type) {
    case 'run.started':
      facts.startedAt = at;
      facts.options = event.options;
      facts.input = event.input;
      facts.by = event.by;
      break;
    case 'run.interrupted':
      facts.interruptions += 1;
      break;
    case 'run.settled':
      facts.endedAt = at;
      facts.status = event.status;
      facts.error = event.error;
      facts.output = event.output;
      break;
    default:
  }
}

export function headOf(
  source: HeadSource,
  facts: RunFacts,
  summary: ReportSummary,
  progress: Progress,
  issues: ReadonlyMap<string, IssueGroup>,
): object {
  const { run, batch, flow, pools, deadMessages } = source;
  const byCount = [...issues].sort(([, a], [, b]) => b.count - a.count);
  return {
    $schema: './report.schema.json',
    version: REPORT_VERSION,
    batch,
    run,
    flow: { name: flow.name, version: flow.version, hash: flow.hash },
    mode: facts.options?.mode ?? 'flexible',
    test: facts.options?.test ?? false,
    limit: facts.options?.limit ?? null,
    by: facts.by,
    input: facts.input,
    started: facts.startedAt === null ? null : isoTime(facts.startedAt),
    ended: facts.endedAt === null ? null : isoTime(facts.endedAt),
    status: facts.status,
    interrupted: facts.status === 'interrupted',
    interruptions: facts.interruptions,
    error: facts.error,
    compensations: facts.compensations.show(),
    usage: progress.usage,
    summary,
    issues: Object.fromEntries(byCount),
    errors: progress.errors,
    deadMessages: deadMessages().map(({ since, ...message }) => ({ ...message, since: isoTime(since) })),
    pools: pools.map(({ pool, limit }) => ({ pool, limit })),
  };
}
