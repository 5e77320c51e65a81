/** What there is in a scenario and in the history that it gave: by these, those are found that can reach a mistake. */

import type { History } from './history.ts';
import type { Expected } from './expected.ts';

/**
 * Types of events, alone and with their error or reason (`step.caught e1`); and of plans every word that says something
 * (`until`, `undo fails`, `catch contract.*`).
 */
export function featuresOf({ rows }: History, expected: readonly Expected[]): ReadonlySet<string> {
  const features = new Set<string>();
  for (const { event } of rows) {
    features.add(event.type);
    if ('error' in event && event.error !== null) features.add(`${event.type} ${event.error.code}`);
    if ('reason' in event) features.add(`${event.type} ${event.reason}`);
  }
  for (const { plan } of expected) collect(plan, '', features);
  return features;
}

/** `word`: the key below which it stands. */
function collect(value: unknown, word: string, features: Set<string>): void {
  if (typeof value === 'string' || typeof value === 'number') features.add(`${word} ${value}`);
  if (Array.isArray(value)) for (const one of value) collect(one, word, features);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
  for (const [key, inner] of Object.entries(value)) {
    if (inner === null || (Array.isArray(inner) && inner.length === 0)) continue;
    features.add(key);
    collect(inner, key === 'errors' ? word : key, features);
  }
}
