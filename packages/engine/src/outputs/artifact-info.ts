/** Artifacts as callers see them. */

import { join } from 'node:path';
import type { ArtifactInfo } from '@scriptorium/core';
import type { ArtifactRow, Journal } from '../journal/journal.ts';

export async function* artifactsOf(journal: Journal, run: string): AsyncGenerator<ArtifactInfo> {
  let last = 0;
  for (;;) {
    const page = journal.artifacts(run, last, 500);
    for (const row of page) {
      const info = infoOf(row);
      if (info !== null) yield info;
    }
    const end = page.at(-1);
    if (end === undefined) return;
    last = end.id;
  }
}

export function infoOf(row: ArtifactRow | null): ArtifactInfo | null {
  if (row === null) return null;
  const { root, path, hash, bytes, run, stage, key, handler, at, reusedFrom, from } = row;
  return { path: join(root, path), hash, bytes, run, stage, key, handler, at, reusedFrom, from };
}
