/** The mailboxes of an engine in memory, as their facts in the journal make them; what changes is a fact first. */

import { evolveMailbox, noMailbox } from '@scriptorium/core';
import type { Carried, Instant, MailboxState, MessageBody, PostEvent } from '@scriptorium/core';
import type { Entry, Journal } from '../journal/journal.ts';
import type { ValueStore } from '../journal/values.ts';
import { overloaded } from '../overloaded.ts';
import { actorOf, createKeeping, mailboxNames } from './kept-mailbox.ts';

/** Mailboxes that an engine has. */
const MAX_MAILBOXES = 10_000;

export interface BoxPorts {
  readonly journal: Pick<Journal, 'actors' | 'readActor' | 'snapshot' | 'commit'>;
  readonly values: Pick<ValueStore, 'settle' | 'takeNew' | 'read'>;
  readonly now: () => Instant;
}

export interface Boxes {
  readonly get: (name: string) => MailboxState;
  readonly all: () => readonly MailboxState[];
  /** Durable when it returns; facts about several mailboxes all at once. */
  readonly commit: (events: readonly PostEvent[]) => void;
  /** Keeps it beside the journal as it is now. */
  readonly keep: (name: string) => void;
  readonly bodyOf: (body: Carried) => MessageBody;
  /** Whether there are any, without reading them. */
  readonly isEmpty: () => boolean;
}

/** They are read when somebody first asks for one. `changed` is told of each mailbox that a commit was about. */
export function createBoxes({ journal, values, now }: BoxPorts, changed: (mailbox: string) => void): Boxes {
  let known: Map<string, MailboxState> | null = null;
  const keeping = createKeeping(journal);

  function load(): Map<string, MailboxState> {
    known ??= new Map(mailboxNames(journal).map((name) => [name, keeping.read(name)] as const));
    return known;
  }

  function commit(events: readonly PostEvent[]): void {
    if (events.length === 0) return;
    const boxes = load();
    const next = new Map<string, MailboxState>();
    const entries = events.map((event): Entry => {
      const { mailbox } = event;
      const state = next.get(mailbox) ?? boxes.get(mailbox) ?? noMailbox(mailbox);
      if (state.seq === 0 && boxes.size + next.size >= MAX_MAILBOXES)
        throw overloaded(`there are ${MAX_MAILBOXES} mailboxes, and can be no more`);
      const [seq, at] = [state.seq + 1, now()];
      next.set(mailbox, evolveMailbox(state, event, seq, at));
      return { run: '', actor: actorOf(mailbox), seq, at, event };
    });
    const snapshots = [...next.values()].flatMap((state) => keeping.due(state, state.seq - (boxes.get(state.name)?.seq ?? 0)));
    journal.commit({ events: entries, values: values.takeNew(), snapshots });
    for (const [name, state] of next) boxes.set(name, state);
    for (const name of next.keys()) changed(name);
  }

  const get = (name: string): MailboxState => load().get(name) ?? noMailbox(name);
  return {
    get,
    all: () => [...load().values()],
    keep: (name) => void journal.commit({ events: [], snapshots: [keeping.take(get(name))] }),
    commit,
    bodyOf: (body) => ('v' in body ? body.v : values.read(body.ref)) as MessageBody,
    isEmpty: () => mailboxNames(journal).length === 0,
  };
}
