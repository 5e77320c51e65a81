/** What is different between two runs: definition, input, options, items, stages and files. */

import type { ArtifactInfo, ItemOutcome, Json, JsonObject, RunSummary, Usage } from '@scriptorium/core';

export interface RunFacts {
  readonly summary: RunSummary;
  /** Results of each outermost `each`, by step. */
  readonly items: ReadonlyMap<string, readonly ItemOutcome[]>;
  readonly artifacts: readonly ArtifactInfo[];
}

/** A value that differs; undefined on the side where it does not exist. */
export interface Change {
  /** Dotted path: `input.folder`, `output.books[3].title`. */
  readonly path: string;
  readonly a?: Json;
  readonly b?: Json;
}

export interface ItemChange {
  readonly step: string;
  readonly key: string;
  /** Null where the run has no such item. */
  readonly a: ItemOutcome['status'] | null;
  readonly b: ItemOutcome['status'] | null;
  /** How the outputs differ, at most {@link MAX_CHANGES}. */
  readonly output: readonly Change[];
}

export interface StageChange {
  readonly stage: string;
  readonly a: StageFigures | null;
  readonly b: StageFigures | null;
}

export interface StageFigures {
  readonly total: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly skipped: number;
  readonly reused: number;
  readonly retries: number;
  /** Half of the attempts took at most so long; null when none was measured. */
  readonly p50Ms: number | null;
  readonly totalMs: number;
}

export interface ArtifactChange {
  /** Of the run's id it holds none, so that files of two runs pair up. */
  readonly name: string;
  readonly a: string | null;
  readonly b: string | null;
}

export interface Comparison {
  readonly version: 1;
  readonly a: string;
  readonly b: string;
  readonly same: boolean;
  /** Name, version and hash of the definition. */
  readonly flow: readonly Change[];
  readonly input: readonly Change[];
  readonly options: readonly Change[];
  readonly outcome: readonly Change[];
  readonly items: { readonly compared: number; readonly same: number; readonly changed: readonly ItemChange[] };
  readonly stages: readonly StageChange[];
  readonly durationMs: { readonly a: number | null; readonly b: number | null };
  readonly used: { readonly a: Usage; readonly b: Usage };
  readonly artifacts: { readonly same: number; readonly changed: readonly ArtifactChange[] };
}

/** Differences within one value that are listed; the first ones say where to look. */
export const MAX_CHANGES = 20;

/**
 * Items pair up by step and key, files by their place below stage and batch. Times always differ, and are shown without
 * making two runs different.
 */
export function compareRuns(a: RunFacts, b: RunFacts): Comparison {
  const [one, two] = [a.summary, b.summary];
  const runs = [...runsIn(a), ...runsIn(b)];
  const flow = changes('flow', one.flow, two.flow);
  const input = changes('input', one.input, two.input);
  const options = changes('options', { ...one.options }, { ...two.options });
  const outcome = [
    ...changes('status', one.status, two.status),
    ...changes('output', withoutRuns(one.output, runs), withoutRuns(two.output, runs)),
    ...changes('error', one.error === null ? null : { ...one.error }, two.error === null ? null : { ...two.error }),
  ].slice(0, MAX_CHANGES);
  const items = compareItems(a, b);
  const artifacts = compareArtifacts(a, b);
  const same = [flow, input, outcome, items.changed, artifacts.changed].every(({ length }) => length === 0);
  return {
    version: 1,
    a: one.run,
    b: two.run,
    same,
    flow,
    input,
    options,
    outcome,
    items,
    stages: compareStages(one, two),
    durationMs: { a: duration(one), b: duration(two) },
    used: { a: one.progress.usage.used, b: two.progress.usage.used },
    artifacts,
  };
}

function duration({ startedAt, endedAt }: RunSummary): number | null {
  return endedAt === null ? null : endedAt - startedAt;
}

function compareItems(a: RunFacts, b: RunFacts): Comparison['items'] {
  const runs = [...runsIn(a), ...runsIn(b)];
  const changed: ItemChange[] = [];
  let [compared, same] = [0, 0];
  for (const step of new Set([...a.items.keys(), ...b.items.keys()])) {
    const [left, right] = [byKey(a.items.get(step)), byKey(b.items.get(step))];
    for (const key of new Set([...left.keys(), ...right.keys()])) {
      const [one, two] = [left.get(key), right.get(key)];
      const output =
        one?.status === 'succeeded' && two?.status === 'succeeded'
          ? changes('output', withoutRuns(one.output, runs), withoutRuns(two.output, runs))
          : [];
      compared += 1;
      if (one?.status === two?.status && output.length === 0) same += 1;
      else changed.push({ step, key, a: one?.status ?? null, b: two?.status ?? null, output });
    }
  }
  return { compared, same, changed };
}

function byKey(items: readonly ItemOutcome[] | undefined): ReadonlyMap<string, ItemOutcome> {
  return new Map((items ?? []).map((item) => [item.key, item]));
}

function compareStages(a: RunSummary, b: RunSummary): readonly StageChange[] {
  const figures = (summary: RunSummary): ReadonlyMap<string, StageFigures> =>
    new Map(
      summary.progress.stages.map(({ id, total, succeeded, failed, skipped, reused, retries, ms }) => [
        id,
        { total, succeeded, failed, skipped, reused, retries, p50Ms: ms.count === 0 ? null : ms.p50, totalMs: ms.total },
      ]),
    );
  const [left, right] = [figures(a), figures(b)];
  return [...new Set([...left.keys(), ...right.keys()])].map((stage) => ({
    stage,
    a: left.get(stage) ?? null,
    b: right.get(stage) ?? null,
  }));
}

function compareArtifacts(a: RunFacts, b: RunFacts): Comparison['artifacts'] {
  const [left, right] = [hashes(a), hashes(b)];
  const changed: ArtifactChange[] = [];
  let same = 0;
  for (const name of new Set([...left.keys(), ...right.keys()])) {
    const [one, two] = [left.get(name) ?? null, right.get(name) ?? null];
    if (one === two) same += 1;
    else changed.push({ name, a: one, b: two });
  }
  return { same, changed };
}

function hashes({ artifacts, summary }: RunFacts): ReadonlyMap<string, string> {
  return new Map(artifacts.map(({ path, hash, run, reusedFrom }) => [placeOf(path, [summary.run, run, reusedFrom ?? run]), hash]));
}

/** `clean/20261120-…/b.json` and an absolute path to the same are one place. */
function placeOf(path: string, runs: readonly string[]): string {
  const parts = path.split(/[/\\]/);
  const batch = parts.findIndex((part) => runs.includes(part));
  return batch < 1 ? path : [parts[batch - 1], ...parts.slice(batch + 1)].join('/');
}

/** That have written its files: others, of what was taken over. */
function runsIn({ artifacts, summary }: RunFacts): ReadonlySet<string> {
  return new Set([summary.run, ...artifacts.flatMap(({ run, reusedFrom }) => [run, ...(reusedFrom === null ? [] : [reusedFrom])])]);
}

/** Paths of outputs name the run that wrote them, which is no difference in what was made; the hashes beside them tell. */
function withoutRuns(value: Json, runs: readonly string[]): Json {
  if (typeof value === 'string') return runs.reduce((text, run) => text.replaceAll(run, '<run>'), value);
  if (Array.isArray(value)) return value.map((element: Json) => withoutRuns(element, runs));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, element]) => [key, withoutRuns(element, runs)]));
}

function changes(path: string, a: Json | undefined, b: Json | undefined): readonly Change[] {
  const found: Change[] = [];
  walk(path, a, b, found);
  return found;
}

function walk(path: string, a: Json | undefined, b: Json | undefined, found: Change[]): void {
  if (found.length >= MAX_CHANGES || a === b) return;
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let index = 0; index < Math.max(a.length, b.length); index += 1) walk(`${path}[${index}]`, a[index], b[index], found);
  } else if (isObject(a) && isObject(b)) {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) walk(`${path}.${key}`, a[key], b[key], found);
  } else if (JSON.stringify(a) !== JSON.stringify(b)) {
    found.push({ path, ...(a === undefined ? {} : { a }), ...(b === undefined ? {} : { b }) });
  }
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
