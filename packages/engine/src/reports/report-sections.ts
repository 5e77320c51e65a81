/** The parts of `report.json` that the makers of handlers add: they are told of the run with all runs that worked for its steps. */

import type { Flow, JsonObject, Recorded, ReportedTree, ReportSection } from '@scriptorium/core';
import type { Journal, RunRow } from '../journal/journal.ts';
import { definitionOf, readAll } from './run-views.ts';

/** Events of a tree that are read for them; of a larger one only this is said. */
const MAX_EVENTS = 200_000;

export interface SectionPorts {
  readonly journal: Journal;
  /** Of modules whose handlers these flows call; raises where the run's modules cannot be loaded. */
  readonly sectionsOf: (row: RunRow, flows: Iterable<Flow>) => Promise<readonly ReportSection[]>;
  /** Lets the engine work between one piece of a long history and the next. */
  readonly unhurried: (events: Iterable<Recorded>) => AsyncIterable<Recorded>;
  /** What went wrong with one of them. */
  readonly failed: (name: string, error: unknown) => void;
}

export async function makeSections(ports: SectionPorts, row: RunRow): Promise<JsonObject> {
  const { journal, sectionsOf, failed } = ports;
  const rows = treeOf(journal, row);
  const flows = new Map(rows.map((one) => [one.run, definitionOf(journal, one)]));
  const made: { [name: string]: JsonObject } = {};
  for (const { name, make } of await sectionsOf(row, flows.values())) {
    try {
      const tree = await readTree(ports, rows, flows);
      made[name] = tree === null ? { omitted: `the run has more than ${MAX_EVENTS} events` } : make(tree);
    } catch (error) {
      failed(name, error);
    }
  }
  return made;
}

/** The run, and all that its steps have called. */
function treeOf(journal: Journal, row: RunRow): readonly RunRow[] {
  return [row, ...journal.childRuns(row.run).flatMap((child) => treeOf(journal, child))];
}

async function readTree(ports: SectionPorts, rows: readonly RunRow[], flows: ReadonlyMap<string, Flow>): Promise<ReportedTree | null> {
  const own = await readRuns(ports, [...flows.keys()], MAX_EVENTS);
  const seen = new Set(flows.keys());
  let earlier: readonly Recorded[] = [];
  for (let fresh = own; fresh !== null && fresh.length > 0;) {
    const runs = sourcesOf(fresh).filter((run) => !seen.has(run));
    for (const run of runs) seen.add(run);
    fresh = await readRuns(ports, runs, MAX_EVENTS - earlier.length);
    if (fresh !== null) earlier = [...fresh, ...earlier];
  }
  return own === null ? null : { run: rows[0]?.run ?? '', events: own, earlier, flows };
}

/** Null where there are more. */
async function readRuns({ journal, unhurried }: SectionPorts, runs: readonly string[], most: number): Promise<readonly Recorded[] | null> {
  const events: Recorded[] = [];
  for (const run of runs)
    for await (const recorded of unhurried(readAll(journal, run))) {
      if (events.length === most) return null;
      events.push(recorded);
    }
  return events;
}

/** The runs whose results were taken over. */
function sourcesOf(events: readonly Recorded[]): string[] {
  return [...new Set(events.flatMap(({ event }) => (event.type === 'attempt.reused' ? [event.reusedFrom] : [])))];
}
