/** What a run took over from the one before it, in a line of its summary. */

import { reuseAccount } from '@scriptorium/advisor';
import type { ChangedItem, ReuseAccount, RunPast } from '@scriptorium/advisor';
import type { Host, Recorded, RunSummary } from '@scriptorium/core';
import { shortName } from '../progress/lines.ts';
import { plural } from './quantity.ts';

/** A larger batch says how many were taken over, and `why` of each the reason. */
const MAX_ITEMS = 5_000;
/** Events of one run that are read for it. */
const MAX_EVENTS = 200_000;
/** Runs that are looked through for the one before. */
const MAX_RUNS = 50;
/** Runs that results were taken over from, which are read. */
const MAX_SOURCES = 12;
/** Keys that are named of each reason. */
const MAX_NAMED = 3;

/** What a run took over, and whether its items are files. */
export interface Reuse extends ReuseAccount {
  readonly items: 'files' | 'values';
}

/** Null where nothing was taken over, or nothing is known of a run before. */
export async function reuseOf(host: Host, summary: RunSummary): Promise<Reuse | null> {
  const { progress, flow, startedAt, options } = summary;
  const [first] = progress.stages;
  if (first === undefined || summary.endedAt === null || options.fresh || progress.items.total > MAX_ITEMS) return null;
  if (progress.stages.every(({ reused }) => reused === 0)) return null;
  const runs = await host.list({ flow: flow.name, limit: MAX_RUNS });
  const before = runs.find(
    ({ run, startedAt: at, endedAt, options: { out } }) =>
      run !== summary.run && at <= startedAt && endedAt !== null && out === options.out,
  );
  if (before === undefined || before.pruned !== undefined) return null;
  const each = first.id.includes('/') ? first.id.slice(0, first.id.lastIndexOf('/')) : first.id;
  const [now, earlier] = await Promise.all([pastOf(host, summary.run, each), pastOf(host, before.run, each)]);
  const sources = await sourcesOf(host, earlier, runs);
  return { ...reuseAccount(now, earlier, sources, first.id), items: (await areFiles(host, summary.run)) ? 'files' : 'values' };
}

/** The runs that one had results from, and those that they had them from, the oldest first. */
async function sourcesOf(host: Host, past: RunPast, runs: readonly RunSummary[]): Promise<readonly RunPast[]> {
  const found = new Map<string, { readonly at: number; readonly past: RunPast }>();
  const left = takenFrom(past);
  for (let name = left.shift(); name !== undefined && found.size < MAX_SOURCES; name = left.shift()) {
    const run = runs.find((one) => one.run === name);
    if (run === undefined || run.pruned !== undefined || found.has(name)) continue;
    const source = { items: [], events: await eventsOf(host, name) };
    found.set(name, { at: run.startedAt, past: source });
    left.push(...takenFrom(source));
  }
  return [...found.values()].sort((one, other) => one.at - other.at).map((one) => one.past);
}

function takenFrom({ events }: RunPast): string[] {
  return [...new Set(events.flatMap(({ event }) => (event.type === 'attempt.reused' ? [event.reusedFrom] : [])))];
}

/** The first file that the run wrote for an item was made of a file that no run wrote. */
async function areFiles(host: Host, run: string): Promise<boolean> {
  for await (const { key, from } of host.artifacts(run)) if (key !== null) return from.some((source) => source.startsWith('file:'));
  return false;
}

/** `68 reused, 2 changed: file, 1 new`, with some of the items. */
export function reuseText({ reused, added, changed, items: kind }: Reuse): string {
  const groups = [...Map.groupBy(changed, (item) => reasonOf(item, kind))].map(
    ([reason, items]) => `${items.length} ${reason} (${named(items.map(({ key }) => key))})`,
  );
  return [`${reused} reused`, ...groups, ...(added.length === 0 ? [] : [`${added.length} new (${named(added)})`])].join(', ');
}

function reasonOf({ because, step, detail }: ChangedItem, kind: Reuse['items']): string {
  switch (because) {
    case 'item':
      return kind === 'files' ? 'changed: file' : 'changed: item';
    case 'handler':
      return `changed: ${detail}`;
    case 'input':
      return `changed: input of ${shortName(step)}`;
    case 'failed':
      return 'without a result before';
    case 'unknown':
      return `again: ${shortName(step)}`;
  }
}

function named(keys: readonly string[]): string {
  const more = keys.length - MAX_NAMED;
  return [...keys.slice(0, MAX_NAMED), ...(more > 0 ? [`and ${plural(more, 'other')}`] : [])].join(', ');
}

async function pastOf(host: Host, run: string, each: string): Promise<RunPast> {
  const items: RunPast['items'][number][] = [];
  for await (const { key, status } of host.results(run, each)) items.push({ key, status });
  return { items, events: await eventsOf(host, run) };
}

async function eventsOf(host: Host, run: string): Promise<readonly Recorded[]> {
  const events: Recorded[] = [];
  for (let after = 0; events.length < MAX_EVENTS;) {
    const page = await host.events(run, after, 1_000);
    events.push(...page.filter(({ event }) => event.type === 'attempt.started' || event.type === 'attempt.reused'));
    const last = page.at(-1);
    if (last === undefined) break;
    after = last.gseq;
  }
  return events;
}
