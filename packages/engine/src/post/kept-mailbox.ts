/**
 * A mailbox as the journal has it: from what was kept of it on the way, if there is any, and what followed. It is kept with
 * the commit by which enough facts have come since the last time, so that what is kept stays less than the facts themselves.
 */

import { decodeMailbox, encodeMailbox, evolveMailbox, noMailbox } from '@scriptorium/core';
import type { MailboxState, PostEvent } from '@scriptorium/core';
import { MAILBOX_PREFIX } from '../journal/holes.ts';
import type { JournalReads } from '../journal/journal-reads.ts';
import type { Snapshot } from '../journal/snapshot-rows.ts';

/** Facts that are folded at once. */
const PAGE = 1_000;

/** So many facts of a mailbox are folded again at most, where it does not hold very much. */
const KEPT_EVERY = 5_000;
/** Bytes of what is kept for each fact that comes before it is kept again: less than half of what a fact takes. */
const BYTES_PER_FACT = 128;

type Reads = Pick<JournalReads, 'actors' | 'readActor' | 'snapshot'>;

export function actorOf(mailbox: string): string {
  return `${MAILBOX_PREFIX}${mailbox}`;
}

/** Of all mailboxes that there are. */
export function mailboxNames(journal: Pick<Reads, 'actors'>): readonly string[] {
  return journal.actors('').flatMap(({ actor }) => (actor.startsWith(MAILBOX_PREFIX) ? [actor.slice(MAILBOX_PREFIX.length)] : []));
}

function keptMailbox(journal: Reads, name: string): MailboxState | null {
  const snapshot = journal.snapshot('', actorOf(name));
  if (snapshot === null) return null;
  const state = decodeMailbox(Buffer.from(snapshot.body).toString('utf8'));
  return state?.name === name && state.seq === snapshot.seq ? state : null;
}

/** With what followed, up to the fact of that number. */
function foldOn(journal: Reads, from: MailboxState, to: number = Infinity): MailboxState {
  let state = from;
  for (;;) {
    const facts = journal.readActor('', actorOf(from.name), state.seq, PAGE);
    for (const { event, seq, at } of facts) if (seq <= to) state = evolveMailbox(state, event as PostEvent, seq, at);
    if (facts.length < PAGE || (facts.at(-1)?.seq ?? to) >= to) return state;
  }
}

export interface Keeping {
  readonly read: (name: string) => MailboxState;
  /** What is due with this commit, in which the mailbox has come to this state by so many facts. */
  readonly due: (state: MailboxState, facts: number) => readonly Snapshot[];
  /** The same whether it is due or not. */
  readonly take: (state: MailboxState) => Snapshot;
}

export function createKeeping(journal: Reads): Keeping {
  /** Facts of each mailbox until it is kept. */
  const left = new Map<string, number>();
  const take = (state: MailboxState): Snapshot => {
    const body = Buffer.from(encodeMailbox(state));
    left.set(state.name, Math.max(KEPT_EVERY, body.byteLength / BYTES_PER_FACT));
    return { run: '', actor: actorOf(state.name), seq: state.seq, body };
  };
  return {
    take,
    read: (name) => {
      const kept = keptMailbox(journal, name) ?? noMailbox(name);
      const state = foldOn(journal, kept);
      left.set(name, KEPT_EVERY - (state.seq - kept.seq));
      return state;
    },
    due: (state, facts) => {
      const still = (left.get(state.name) ?? KEPT_EVERY) - facts;
      left.set(state.name, still);
      return still > 0 ? [] : [take(state)];
    },
  };
}

/** One line for each mailbox that was kept, is whole, and is not what the facts up to it give. */
export function mailboxFaults(journal: Reads): readonly string[] {
  return mailboxNames(journal).flatMap((name) => {
    const kept = keptMailbox(journal, name);
    if (kept === null || encodeMailbox(kept) === encodeMailbox(foldOn(journal, noMailbox(name), kept.seq))) return [];
    return [`what is kept of the mailbox ${name} after its fact ${kept.seq} is not what its facts give`];
  });
}
