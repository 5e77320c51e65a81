/** When an earlier result serves: the same handler and version on the same input, artifacts compared by content. */

import { hash } from 'node:crypto';
import type { Json, Mode } from '@scriptorium/core';

/** The key under which a pure handler's result is kept. The mode belongs to it, because handlers may read it. */
export function memoKey(handler: string, mode: Mode, input: Json): string {
  return hash('sha256', JSON.stringify([handler, mode, canonical(input)]), 'hex');
}

/** Keys sorted; an artifact is its hash, wherever it lies. */
function canonical(value: Json): Json {
  if (Array.isArray(value)) return value.map((element: Json) => canonical(element));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  if (isArtifact(entries)) return { artifact: (value as { readonly hash: string }).hash };
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, element]) => [key, canonical(element)]));
}

function isArtifact(entries: readonly (readonly [string, unknown])[]): boolean {
  if (entries.length !== 3) return false;
  const { path, hash: digest, bytes } = Object.fromEntries(entries);
  return typeof path === 'string' && typeof digest === 'string' && digest.startsWith('sha256:') && typeof bytes === 'number';
}
