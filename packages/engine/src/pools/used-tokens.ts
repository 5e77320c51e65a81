/**
 * The tokens that attempts used shortly before an engine began, for pools that count them: the service goes on counting
 * when an engine ends. Which pool an attempt was in is not asked: all of them count in each, so that there are never
 * too few.
 */

import type { Instant } from '@scriptorium/core';
import type { JournalReads } from '../journal/journal-reads.ts';
import type { UsedTokens } from './pool-board.ts';

/** So many of the latest events are looked at. */
const MAX_EVENTS = 20_000;

export function usedSince(
  journal: Pick<JournalReads, 'readFrom'> & { readonly head: () => number },
  since: Instant,
): readonly UsedTokens[] {
  const started = new Map<string, UsedTokens>();
  const used: UsedTokens[] = [];
  for (const { run, actor, at, event } of journal.readFrom(Math.max(1, journal.head() - MAX_EVENTS + 1), MAX_EVENTS)) {
    if (event.type !== 'attempt.started' && !('used' in event)) continue;
    const key = `${run} ${actor} ${event.item} ${event.node} ${event.attempt}`;
    if (event.type === 'attempt.started') {
      if (event.reserved !== undefined && event.reserved.tokens > 0) started.set(key, { tokens: event.reserved.tokens, at });
      continue;
    }
    started.delete(key);
    if (event.used !== undefined && at > since) used.push({ tokens: event.used.tokens, at });
  }
  // What was under way at the end may have used all that it could, until then.
  const last = journal.readFrom(journal.head(), 1)[0]?.at ?? since;
  return [...used, ...[...started.values()].filter(({ at }) => at > since).map(({ tokens }) => ({ tokens, at: last }))];
}
