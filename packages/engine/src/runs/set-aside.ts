/** The files of what was rolled back: moved to where nobody takes them for results, and none of them deleted. */

import type { RunRow } from '../journal/journal-reads.ts';
import type { Parts } from '../parts.ts';
import { readAll } from '../reports/run-views.ts';
import { artifactsIn, countingEvents } from './turning-points.ts';

/** Moves the files of what was rolled back to where the last rollback says; those that count again stay. Returns them. */
export async function setAside({ journal, world }: Parts, row: RunRow): Promise<readonly string[]> {
  if (row.amendments.rollbacks.length === 0) return [];
  const events = [...readAll(journal, row.run)];
  const remaining = new Set(
    countingEvents(row, events)
      .flatMap(artifactsIn)
      .map(({ path }) => path),
  );
  let aside: string | null = null;
  const files: string[] = [];
  for (const { event } of events) {
    if (event.type === 'run.rolled_back') ({ aside } = event);
    if (event.type !== 'run.rolled_back' && event.type !== 'actor.rolled_back') continue;
    // What a fork has from its parent lies in the parent's batch, and stays there.
    for (const file of event.files.filter((path) => path.includes(`/${row.run}/`))) {
      if (!remaining.has(file) && aside !== null && (await world.outputs.move(row.options, file, aside))) files.push(file);
    }
  }
  return files;
}
