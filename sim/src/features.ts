/** What there is in a scenario, and in the history that it gave: by these, those are found that can reach a mistake. */

import type { History } from './history.ts';
import type { Scenario } from './scenario.ts';

/** Every word of it that says something, alone and with its value: `until`, `undo fails`, `catch contract.*`, `do pause`. */
export function saidIn(scenario: Scenario): ReadonlySet<string> {
  const words = new Set<string>();
  collect(scenario, '', words);
  return words;
}

/** Types of events, alone and with the code of their error: `step.caught e1`. */
export function happenedIn({ rows }: History): ReadonlySet<string> {
  const happened = new Set<string>();
  for (const { event } of rows) {
    happened.add(event.type);
    if ('error' in event && event.error !== null) happened.add(`${event.type} ${event.error.code}`);
  }
  return happened;
}

/** `word`: the key below which it stands. */
function collect(value: unknown, word: string, words: Set<string>): void {
  if (Array.isArray(value)) for (const one of value) collect(one, word, words);
  else if (typeof value !== 'object') words.add(`${word} ${String(value)}`);
  else if (value !== null)
    for (const [key, inner] of Object.entries(value)) {
      if (inner === null || (Array.isArray(inner) && inner.length === 0)) continue;
      words.add(key);
      collect(inner, key === 'errors' ? word : key, words);
    }
}
