/** A mailbox as text, to be kept beside the journal and read again: a shortcut for whoever folds, and never more than that. */

import type { HeldMessage, MailboxState, SettledMessage } from './mailbox.ts';
import { pagedMap } from './paged-map.ts';

/** To be raised whenever `evolveMailbox` makes another state of the same events, or the text changes. */
const MAILBOX_VERSION = 1;

interface Written {
  readonly version: number;
  readonly state: Pick<MailboxState, 'name' | 'seq' | 'settings'>;
  readonly held: readonly HeldMessage[];
  readonly settled: readonly (readonly SettledMessage[])[];
}

export function encodeMailbox({ name, seq, settings, held, settled }: MailboxState): string {
  const pages = settled.map((page) => [...page.values()]);
  return JSON.stringify({
    version: MAILBOX_VERSION,
    state: { name, seq, settings },
    held: [...held.values()],
    settled: pages,
  } satisfies Written);
}

/** Null for text that another version wrote, or that is none of a mailbox. */
export function decodeMailbox(text: string): MailboxState | null {
  try {
    const { version, state, held, settled } = JSON.parse(text) as Written;
    if (version !== MAILBOX_VERSION) return null;
    const byId = <M extends HeldMessage | SettledMessage>(messages: readonly M[]): [string, M][] =>
      messages.map((message) => [message.header.id, message]);
    return { ...state, held: pagedMap(byId(held)), settled: settled.map((page) => new Map(byId(page))) };
  } catch {
    return null;
  }
}
