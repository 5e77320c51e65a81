/** The state of an actor as the journal has it: from what was kept of it on the way, if there is any, and what followed. */

import { decodeState, evolve, foldActor, foldOn, isRollback } from '@scriptorium/core';
import type { ActorState, Instant, Recorded } from '@scriptorium/core';
import type { JournalReads } from './journal-reads.ts';

export interface FoldedActor {
  /** Null where nothing of it counts. */
  readonly state: ActorState | null;
  /** Of its last event; zeros where there is none. */
  readonly seq: number;
  readonly at: Instant;
}

/** Events in memory at once of an actor that nothing takes back: the root of a hundred thousand waits has as many of them. */
const PAGE = 1_000;

type Reads = Pick<JournalReads, 'readActor' | 'snapshot'>;

export function foldFrom(journal: Reads, run: string, actor: string): FoldedActor {
  const kept = keptState(journal, run, actor);
  const straight = foldPages(journal, run, actor, kept);
  if (straight !== null) return straight;
  if (kept !== null) {
    const events = journal.readActor(run, actor, kept.seq - 1) as readonly Recorded[];
    const state = foldOn(kept, events.slice(1));
    const last = events.at(-1);
    if (state !== null && last !== undefined) return { state, seq: last.seq, at: last.at };
  }
  const events = journal.readActor(run, actor) as readonly Recorded[];
  return { state: foldActor(events), seq: events.at(-1)?.seq ?? 0, at: events.at(-1)?.at ?? 0 };
}

/** Null where an event takes back others, or where the one that `kept` is after is not there. */
function foldPages(journal: Reads, run: string, actor: string, kept: ActorState | null): FoldedActor | null {
  let folded: FoldedActor = { state: kept, seq: Math.max(0, (kept?.seq ?? 0) - 1), at: 0 };
  for (;;) {
    const page = journal.readActor(run, actor, folded.seq, PAGE) as readonly Recorded[];
    if (page.some(({ event }) => isRollback(event))) return null;
    let { state } = folded;
    for (const recorded of page) if (recorded.seq !== kept?.seq) state = evolve(state, recorded);
    const last = page.at(-1);
    if (last !== undefined) folded = { state, seq: last.seq, at: last.at };
    else if (folded.at === 0 && kept !== null) return null;
    if (page.length < PAGE) return folded;
  }
}

function keptState(journal: Reads, run: string, actor: string): ActorState | null {
  const snapshot = journal.snapshot(run, actor);
  if (snapshot === null) return null;
  const state = decodeState(Buffer.from(snapshot.body).toString('utf8'));
  return state?.run === run && state.id === actor && state.seq === snapshot.seq ? state : null;
}
