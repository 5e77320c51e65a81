/**
 * `logs/<batch>/report.json`, `trace.csv` and the page of the flow: what a run did, as one fold over its journal. It may be written at any
 * moment, also for a run that crashed; what had not settled by then is reported as interrupted. Memory grows with the
 * items in flight: the list of files goes to disk as chunks settle, and is put in item order at the end.
 */

import { chmod, copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { evolveProgress, ROOT, showProgress, startProgress } from '@scriptorium/core';
import type {
  FileReport,
  FileStatus,
  Flow,
  Json,
  JsonObject,
  PoolStatus,
  Progress,
  Recorded,
  ReportedRun,
  ReportSummary,
} from '@scriptorium/core';
import { foldFacts, headOf, noFacts } from './report-head.ts';
import type { DeadMessage, IssueGroup, RunFacts } from './report-head.ts';
import { createHistories } from './item-history.ts';
import type { ChunkHistory, ItemHistory } from './item-history.ts';
import { openTextFile } from '../outputs/text-file.ts';
import type { TextFile } from '../outputs/text-file.ts';
import { createTrace, csvLine, isoTime, traceColumns } from './trace.ts';

const MAX_ISSUES_PER_FILE = 100;
const MAX_ISSUE_TYPES = 500;
const MAX_EXAMPLES = 3;

export interface ReportSource {
  readonly run: string;
  readonly batch: string;
  readonly flow: Flow;
  /** All events of the run, in journal order. */
  readonly events: AsyncIterable<Recorded> | Iterable<Recorded>;
  /** The JSON value stored under a hash. */
  readonly value: (ref: string) => Json;
  readonly pools: readonly PoolStatus[];
  /** As they are when the run has been read: what it had may die with it. */
  readonly deadMessages: () => readonly DeadMessage[];
  /** What the makers of handlers add, by the names of their parts; it raises nothing. */
  readonly sections: () => Promise<JsonObject>;
  /** What the makers of the flow add for people; it raises nothing. */
  readonly page?: (run: Omit<ReportedRun, 'read'>) => Promise<string | null>;
}

/** An entry of `issues` in an item's output; other fields go along as they are. */
export interface Issue {
  readonly type: string;
  readonly severity: string;
  readonly message: string;
}

export interface WrittenReport {
  readonly status: string;
  readonly summary: ReportSummary;
  readonly report: string;
  readonly trace: string;
}

interface Totals {
  readonly statuses: { [status in FileStatus]: number };
  degraded: number;
  readonly issues: Map<string, IssueGroup>;
}

/** Writes `report.json`, `report.schema.json`, `trace.csv` and the page, `report.html`, into `directory`, each whole or not at all. */
export async function writeReport(source: ReportSource, directory: string): Promise<WrittenReport> {
  const report = join(directory, 'report.json');
  const tracePath = join(directory, 'trace.csv');
  const trace = await openTextFile(tracePath);
  const files = await openTextFile(join(directory, 'files.json'));
  const whole = await openTextFile(report);
  try {
    const { facts, progress, totals, places } = await readRun(source, trace, files);
    const summary = summarise(progress, totals);
    await writeWhole(whole, { ...headOf(source, facts, summary, progress, totals.issues), ...(await source.sections()) }, files, places);
    await writePage(source, facts, summary, () => linesOf(files, places), join(directory, 'report.html'));
    await trace.commit();
    const schema = join(directory, 'report.schema.json');
    await copyFile(fileURLToPath(new URL('report.schema.json', import.meta.url)), schema);
    await chmod(schema, 0o600);
    await whole.commit();
    return { status: facts.status, summary, report, trace: tracePath };
  } finally {
    await Promise.all([files.discard(), whole.discard(), trace.discard()]);
  }
}

async function writePage(
  source: ReportSource,
  facts: RunFacts,
  summary: ReportSummary,
  lines: () => AsyncIterable<string>,
  path: string,
): Promise<void> {
  const { run, batch, flow, value } = source;
  const { input, status, error, output } = facts;
  const { mode = 'flexible', test = false } = facts.options ?? {};
  const files = async function* (): AsyncGenerator<FileReport> {
    for await (const line of lines()) yield JSON.parse(line) as FileReport;
  };
  const given = output === null ? null : 'v' in output ? output.v : value(output.ref);
  const page = await source.page?.({ run, batch, flow, mode, test, input, status, error, output: given, summary, files });
  if (page === undefined || page === null) return;
  const file = await openTextFile(path);
  try {
    await file.write(page);
    await file.commit();
  } finally {
    await file.discard();
  }
}

/** Where a chunk's files lie in the draft of the list. */
interface ChunkPlace {
  readonly node: string;
  readonly chunk: number;
  readonly start: number;
  readonly end: number;
}

async function readRun(
  source: ReportSource,
  traceFile: TextFile,
  files: TextFile,
): Promise<{ facts: RunFacts; progress: Progress; totals: Totals; places: readonly ChunkPlace[] }> {
  const facts = noFacts();
  const totals = new Map<string, Totals>();
  const histories = createHistories(source.flow, source.value);
  const trace = createTrace(histories.nameOf);
  const view = startProgress(source.flow);
  let places: ChunkPlace[] = [];
  const put = async (chunk: ChunkHistory): Promise<void> => {
    const start = files.bytes();
    const own = totals.get(chunk.node) ?? noTotals();
    totals.set(chunk.node, own);
    for (const item of chunk.items) await files.write(`${JSON.stringify(countFile(own, fileReport(item)))}\n`);
    places.push({ node: chunk.node, chunk: chunk.chunk, start, end: files.bytes() });
  };
  await traceFile.write(csvLine(traceColumns));
  for await (const recorded of source.events) {
    evolveProgress(view, recorded);
    foldFacts(facts, recorded);
    facts.compensations.fold(recorded);
    const row = trace.fold(recorded);
    if (row !== null) await traceFile.write(row);
    const { actor, event } = recorded;
    if (event.type === 'each.opened' && actor === ROOT && totals.delete(event.node)) {
      // A state with items that is entered again: the report is about the last visit, as the counters are.
      places = places.filter(({ node }) => node !== event.node);
    }
    const chunk = histories.fold(recorded);
    if (chunk !== null) await put(chunk);
  }
  for (const chunk of histories.rest()) await put(chunk);
  for (const row of trace.rest()) await traceFile.write(row);
  places.sort((a, b) => (a.node < b.node ? -1 : a.node > b.node ? 1 : a.chunk - b.chunk));
  return { facts, progress: showProgress(view, facts.lastAt ?? 0), totals: [...totals.values()].reduce(addTotals, noTotals()), places };
}

function noTotals(): Totals {
  const statuses = { SUCCESS: 0, COMPLETED_WITH_ISSUES: 0, FAILED: 0, SKIPPED: 0, CANCELLED: 0, INTERRUPTED: 0 };
  return { statuses, degraded: 0, issues: new Map() };
}

function addTotals(sum: Totals, more: Totals): Totals {
  for (const status of Object.keys(sum.statuses) as FileStatus[]) sum.statuses[status] += more.statuses[status];
  sum.degraded += more.degraded;
  for (const [type, { count, severities, examples }] of more.issues) {
    const group = groupOf(sum, type);
    group.count += count;
    for (const [severity, number] of Object.entries(severities)) group.severities[severity] = (group.severities[severity] ?? 0) + number;
    group.examples.push(...examples.slice(0, MAX_EXAMPLES - group.examples.length));
  }
  return sum;
}

function groupOf(totals: Totals, type: string): IssueGroup {
  const known = totals.issues.get(type);
  const name = known === undefined && totals.issues.size >= MAX_ISSUE_TYPES ? '(other types)' : type;
  const group = totals.issues.get(name) ?? { count: 0, severities: {}, examples: [] };
  totals.issues.set(name, group);
  return group;
}

function fileReport(item: ItemHistory): FileReport {
  const output = isObject(item.output) ? item.output : {};
  const issues = Array.isArray(output['issues']) ? (output['issues'] as readonly Json[]) : [];
  const reason =
    typeof output['skipped'] === 'string'
      ? output['skipped']
      : (Object.values(item.stages).find((stage) => stage.status === 'skipped')?.reason ?? null);
  const status = statusOf(item, output, issues);
  return {
    id: item.key,
    status,
    degraded: item.degraded,
    reason: status === 'SKIPPED' ? reason : null,
    started: item.startedAt === null ? null : isoTime(item.startedAt),
    ended: item.endedAt === null ? null : isoTime(item.endedAt),
    stages: item.stages,
    issueCount: issues.length,
    issues: issues.slice(0, MAX_ISSUES_PER_FILE),
    stats: isObject(output['stats']) ? output['stats'] : {},
    outputs: item.artifacts.map(({ stage, path, hash, bytes }) => ({ stage, path, hash, bytes })),
    error: item.error,
  };
}

/**
 * An item whose output says `skipped: <reason>` was looked at and left out; one with `issues` of severity warning or
 * worse completed with issues. Findings of severity `info` are not held against it.
 */
function statusOf(item: ItemHistory, output: JsonObject, issues: readonly Json[]): FileStatus {
  switch (item.status) {
    case 'succeeded':
      if (typeof output['skipped'] === 'string') return 'SKIPPED';
      return issues.some((issue) => issueOf(issue).severity !== 'info') ? 'COMPLETED_WITH_ISSUES' : 'SUCCESS';
    case 'failed':
      return 'FAILED';
    case 'skipped':
      return 'SKIPPED';
    case 'cancelled':
      return 'CANCELLED';
    case 'interrupted':
      return 'INTERRUPTED';
  }
}

function issueOf(value: Json): Issue {
  const issue = isObject(value) ? value : {};
  const text = (field: string): string | null => (typeof issue[field] === 'string' ? issue[field] : null);
  const severity = text('severity') ?? 'warning';
  return { type: text('type') ?? severity, severity, message: text('message') ?? text('text') ?? JSON.stringify(value) };
}

function countFile(totals: Totals, file: FileReport): FileReport {
  totals.statuses[file.status] += 1;
  if (file.degraded) totals.degraded += 1;
  for (const value of file.issues) {
    const { type, severity, message } = issueOf(value);
    const group = groupOf(totals, type);
    group.count += 1;
    group.severities[severity] = (group.severities[severity] ?? 0) + 1;
    if (group.examples.length < MAX_EXAMPLES) group.examples.push({ id: file.id, message });
  }
  return file;
}

/** A flow without an `each` has no files; its steps are counted instead. */
function summarise(progress: Progress, { statuses, degraded }: Totals): ReportSummary {
  const { items } = progress;
  const counted = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  const outcomes =
    counted > 0
      ? {
          total: counted,
          succeeded: statuses.SUCCESS,
          succeededWithIssues: statuses.COMPLETED_WITH_ISSUES,
          failed: statuses.FAILED,
          skipped: statuses.SKIPPED,
          cancelled: statuses.CANCELLED,
          interrupted: statuses.INTERRUPTED,
          degraded,
        }
      : {
          total: items.total,
          succeeded: items.succeeded,
          succeededWithIssues: 0,
          failed: items.failed,
          skipped: items.skipped,
          cancelled: items.cancelled,
          interrupted: items.waiting + items.running,
          degraded: items.degraded,
        };
  const stages = progress.stages.map(
    ({ id, waiting, running, ms, used, ...stage }) =>
      [id, { ...stage, interrupted: waiting + running, ms: { ...ms }, used: { ...used } }] as const,
  );
  return { ...outcomes, stages: Object.fromEntries(stages) };
}

async function writeWhole(file: TextFile, head: object, files: TextFile, places: readonly ChunkPlace[]): Promise<void> {
  await file.write(JSON.stringify(head, null, 2).replace(/\n\}$/, ',\n  "files": ['));
  let separator = '\n    ';
  for await (const line of linesOf(files, places)) {
    await file.write(separator + line);
    separator = ',\n    ';
  }
  await file.write(separator === '\n    ' ? ']\n}\n' : '\n  ]\n}\n');
}

/** The files, in item order, a line of JSON each. */
async function* linesOf(files: TextFile, places: readonly ChunkPlace[]): AsyncGenerator<string> {
  for (const { start, end } of places) {
    let tail = '';
    for await (const text of files.readBack(start, end)) {
      const lines = (tail + text).split('\n');
      tail = lines.pop() ?? '';
      yield* lines;
    }
  }
}

function isObject(value: Json | null | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
