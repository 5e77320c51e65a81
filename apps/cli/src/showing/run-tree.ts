/** A run with all runs that worked for its steps: their events and definitions. */

import type { Flow, Host, Recorded } from '@scriptorium/core';
import { eventsOf } from './run-events.ts';

export interface RunTree {
  readonly run: string;
  /** Each run's in its order; the run itself is the first. */
  readonly events: readonly Recorded[];
  readonly flows: ReadonlyMap<string, Flow>;
}

/** Runs of one step that are listed at once. */
const MAX_CHILDREN = 100_000;

export async function runTreeOf(host: Host, run: string): Promise<RunTree> {
  const events: Recorded[] = [];
  const flows = new Map<string, Flow>();
  const runs = [run];
  for (let next = runs.shift(); next !== undefined; next = runs.shift()) {
    for (const recorded of await eventsOf(host, next)) events.push(recorded);
    flows.set(next, await host.definition(next));
    runs.push(...(await host.list({ parent: next, limit: MAX_CHILDREN })).map((child) => child.run));
  }
  return { run, events, flows };
}

/** The runs that results were taken over from, and those that these took them over from: as far as they are still there. */
export async function earlierEvents(host: Host, events: readonly Recorded[], known: ReadonlySet<string>): Promise<readonly Recorded[]> {
  const found: Recorded[] = [];
  const seen = new Set(known);
  let fresh: readonly Recorded[] = events;
  while (fresh.length > 0) {
    const runs = new Set(
      fresh.flatMap(({ event }) => (event.type === 'attempt.reused' && !seen.has(event.reusedFrom) ? [event.reusedFrom] : [])),
    );
    const next: Recorded[] = [];
    for (const run of runs) {
      seen.add(run);
      // What is left of a pruned run has no events, and one that was removed has none at all.
      for (const recorded of await eventsOf(host, run).catch(() => [])) next.push(recorded);
    }
    found.unshift(...next);
    fresh = next;
  }
  return found;
}
