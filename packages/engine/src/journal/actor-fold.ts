/** The state of an actor as the journal has it: from what was kept of it on the way, if there is any, and what followed. */

import { decodeState, foldActor, foldOn } from '@scriptorium/core';
import type { ActorState, Instant, Recorded } from '@scriptorium/core';
import type { JournalReads } from './journal-reads.ts';

export interface FoldedActor {
  /** Null where nothing of it counts. */
  readonly state: ActorState | null;
  /** Of its last event; zeros where there is none. */
  readonly seq: number;
  readonly at: Instant;
}

export function foldFrom(journal: Pick<JournalReads, 'readActor' | 'snapshot'>, run: string, actor: string): FoldedActor {
  const kept = keptState(journal, run, actor);
  if (kept !== null) {
    const events = journal.readActor(run, actor, kept.seq - 1) as readonly Recorded[];
    const state = foldOn(kept, events.slice(1));
    const last = events.at(-1);
    if (state !== null && last !== undefined) return { state, seq: last.seq, at: last.at };
  }
  const events = journal.readActor(run, actor) as readonly Recorded[];
  return { state: foldActor(events), seq: events.at(-1)?.seq ?? 0, at: events.at(-1)?.at ?? 0 };
}

function keptState(journal: Pick<JournalReads, 'snapshot'>, run: string, actor: string): ActorState | null {
  const snapshot = journal.snapshot(run, actor);
  if (snapshot === null) return null;
  const state = decodeState(Buffer.from(snapshot.body).toString('utf8'));
  return state?.run === run && state.id === actor && state.seq === snapshot.seq ? state : null;
}
