/** Which items of a run were taken over from earlier runs, and why the others were worked on again. */

import type { Event, ItemOutcome, Recorded } from '@scriptorium/core';

export interface ReuseAccount {
  readonly reused: number;
  readonly added: readonly string[];
  readonly changed: readonly ChangedItem[];
}

export interface ChangedItem {
  readonly key: string;
  /** The first step of the item that had to run. */
  readonly step: string;
  /** `item`: what the item itself is; `input`: what else the step is given; `handler`: another version of it; `failed`: it had no result before; `unknown`: nothing tells. */
  readonly because: 'item' | 'input' | 'handler' | 'failed' | 'unknown';
  /** Of a handler: from which version to which. */
  readonly detail: string;
}

export interface RunPast {
  readonly items: readonly Pick<ItemOutcome, 'key' | 'status'>[];
  readonly events: readonly Recorded[];
}

type Started = Extract<Event, { type: 'attempt.started' }>;

/**
 * `earlier` is the run before, `sources` are those that it had results from itself. `firstStep` is the first step of the
 * items: its input is the item.
 */
export function reuseAccount(now: RunPast, earlier: RunPast, sources: readonly RunPast[], firstStep: string): ReuseAccount {
  const keys = new Set(now.items.map(({ key }) => key));
  const before = new Map(earlier.items.map(({ key, status }) => [key, status]));
  const starts = firstStarts(now.events, keys);
  const known = new Map<string, Started>();
  for (const past of [...sources, earlier]) for (const start of startsOf(past.events)) known.set(`${start.key ?? ''} ${start.node}`, start);
  const added: string[] = [];
  const changed: ChangedItem[] = [];
  for (const [key, start] of starts) {
    const status = before.get(key);
    if (status === undefined) added.push(key);
    else changed.push(changeOf(key, start, status, known.get(`${key} ${start.node}`), firstStep));
  }
  const reused = now.items.filter(({ key, status }) => status === 'succeeded' && !starts.has(key)).length;
  return { reused, added, changed };
}

function changeOf(key: string, start: Started, status: ItemOutcome['status'], old: Started | undefined, firstStep: string): ChangedItem {
  const step = start.node;
  if (old === undefined) return { key, step, because: status === 'succeeded' ? 'unknown' : 'failed', detail: '' };
  if (old.handler !== start.handler) return { key, step, because: 'handler', detail: `${old.handler} → ${start.handler}` };
  if (old.input !== start.input) return { key, step, because: step === firstStep ? 'item' : 'input', detail: '' };
  return { key, step, because: status === 'succeeded' ? 'unknown' : 'failed', detail: '' };
}

/** Of each item the first attempt that was made; those of items within items are not theirs. */
function firstStarts(events: readonly Recorded[], keys: ReadonlySet<string>): ReadonlyMap<string, Started> {
  const starts = new Map<string, Started>();
  for (const start of startsOf(events))
    if (start.key !== null && keys.has(start.key) && !starts.has(start.key)) starts.set(start.key, start);
  return starts;
}

function startsOf(events: readonly Recorded[]): Started[] {
  return events.flatMap(({ event }) => (event.type === 'attempt.started' ? [event] : []));
}
