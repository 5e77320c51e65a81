/** The files of what was rolled back: moved to where nobody takes them for results, and none of them deleted. */

import { rename } from 'node:fs/promises';
import type { RunRow } from '../journal/journal-reads.ts';
import { holdDirectory, plainSegments } from '../outputs/output-place.ts';
import type { Parts } from '../parts.ts';
import { readAll } from '../reports/run-views.ts';
import { artifactsIn, countingEvents } from './turning-points.ts';

/** Moves the files of what was rolled back to where the last rollback says; those that count again stay. Returns them. */
export async function setAside({ journal }: Parts, row: RunRow): Promise<readonly string[]> {
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
      if (!remaining.has(file) && aside !== null && (await moveFile(row, file, aside))) files.push(file);
    }
  }
  return files;
}

/** Whether the file was still there. */
async function moveFile({ options: { out, test } }: RunRow, file: string, aside: string): Promise<boolean> {
  const segments = plainSegments(file);
  const name = segments.at(-1) ?? '';
  const place = { out, test, stage: '', batch: '' };
  const from = holdDirectory(place, segments.slice(0, -1));
  const to = holdDirectory(place, [...aside.split('/'), ...segments.slice(0, -1)]);
  try {
    await rename(`${from.path}/${name}`, `${to.path}/${name}`);
    to.sync();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  } finally {
    from.close();
    to.close();
  }
}
