/** The events of a run by what they are about: each step of each item has a trail of its own. */

import { amend, amendmentsOf, plannedId, ROOT } from '@scriptorium/core';
import type { Event, Recorded, StepEvent } from '@scriptorium/core';
import type { Evidence } from './explanation.ts';

/** One step of one item of an actor. */
export interface Spot {
  readonly actor: string;
  readonly item: number;
  readonly node: string;
}

export type Entry<T extends Event['type'] = Event['type']> = Recorded<Extract<Event, { type: T }>>;
type Told = 'chunk.spawned' | 'chunk.slots' | 'chunk.recalled';
export type StepEntry = Recorded<Exclude<StepEvent, { type: Told }>>;

export interface History {
  /** What a run's root was told about itself, in order. */
  readonly run: readonly Recorded[];
  /** The events of one step of one item, in order. */
  readonly trail: (spot: Spot) => readonly StepEntry[];
  /** All trails of a step, whatever the item. */
  readonly trailsOf: (node: string) => readonly { readonly spot: Spot; readonly trail: readonly StepEntry[] }[];
  readonly chunk: (actor: string) => Entry<'chunk.started'> | undefined;
  /** The latest word of each chunk of a fanned step. */
  readonly reports: (spot: Spot) => readonly Entry<'chunk.reported'>[];
}

/** Expects the events in the journal's order, and leaves out what was rolled back; those of actors that nothing is asked about may be left out. */
export function historyOf(events: Iterable<Recorded>): History {
  const all = [...events];
  const amendments = amendmentsOf(all);
  return foldHistory(all.flatMap((recorded) => amend(amendments, recorded) ?? []));
}

function foldHistory(events: readonly Recorded[]): History {
  const run: Recorded[] = [];
  const trails = new Map<string, { readonly spot: Spot; readonly trail: StepEntry[] }>();
  const chunks = new Map<string, Entry<'chunk.started'>>();
  const reports = new Map<string, Map<number, Entry<'chunk.reported'>>>();
  for (const recorded of events) {
    const { actor, event } = recorded;
    if (event.type === 'chunk.started') chunks.set(actor, recorded as Entry<'chunk.started'>);
    else if (event.type === 'chunk.reported') {
      const spot = keyOf({ actor, item: event.item, node: event.node });
      const known = reports.get(spot) ?? new Map<number, Entry<'chunk.reported'>>();
      if (event.from !== undefined) reports.set(spot, known.set(event.chunk, recorded as Entry<'chunk.reported'>));
    } else if (event.type.startsWith('run.')) {
      if (actor === ROOT) run.push(recorded);
    } else if ('node' in event && !event.type.startsWith('chunk.')) {
      const spot: Spot = { actor, item: event.item, node: event.node };
      const known = trails.get(keyOf(spot)) ?? { spot, trail: [] };
      known.trail.push(recorded as StepEntry);
      trails.set(keyOf(spot), known);
    }
  }
  return {
    run,
    trail: (spot) => trails.get(keyOf(spot))?.trail ?? [],
    trailsOf: (node) => [...trails.values()].filter(({ spot }) => plannedId(spot.node) === node),
    chunk: (actor) => chunks.get(actor),
    reports: (spot) => [...(reports.get(keyOf(spot))?.values() ?? [])],
  };
}

export function evidenceOf(...recorded: readonly (Recorded<{ readonly type: string }> | undefined)[]): readonly Evidence[] {
  return recorded.filter((one) => one !== undefined).map(({ gseq, at, event }) => ({ event: gseq, at, type: event.type }));
}

/** The last event of a type, as what it is. */
export function lastOf<T extends StepEntry['event']['type']>(trail: readonly StepEntry[], type: T): Entry<T> | undefined {
  return trail.findLast(({ event }) => event.type === type) as Entry<T> | undefined;
}

function keyOf({ actor, item, node }: Spot): string {
  return `${actor}|${item}|${node}`;
}
