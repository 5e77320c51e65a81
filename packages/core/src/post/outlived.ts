/**
 * Which facts about a mailbox say nothing any more: those of messages that have settled and are forgotten. Without them
 * `evolveMailbox` comes to the same states, because nothing that it asks of a message goes beyond what it remembers.
 *
 * 1. A message goes with all facts about it, and with all that were forgotten at the same time: a page of them, so that
 *    those which follow fill the same pages as before.
 * 2. What has not settled stays, and so does the last fact about a mailbox: it is about a message that is still known.
 */

import { FORGOTTEN_AT_ONCE, KNOWN_MESSAGES } from './mailbox.ts';
import type { PostEvent } from './message.ts';

/**
 * Takes the facts about one mailbox in their order, each with its place in whatever the caller has; returns the places of
 * those that say nothing any more with this one.
 */
export function followingMailbox(): (event: PostEvent, place: number) => readonly number[] {
  const held = new Map<string, number[]>();
  /** In the order in which they settled. */
  const known = new Map<string, number[]>();
  return (event, place) => {
    if (event.type === 'mailbox.opened') return [];
    const id = event.type === 'message.sent' ? event.header.id : event.id;
    const own = held.get(id) ?? known.get(id);
    own?.push(place);
    if (own === undefined && event.type === 'message.sent') held.set(id, [place]);
    if (event.type !== 'message.settled' || own === undefined || !held.delete(id)) return [];
    const forgotten = known.size < KNOWN_MESSAGES ? [] : [...known].slice(0, FORGOTTEN_AT_ONCE);
    for (const [other] of forgotten) known.delete(other);
    known.set(id, own);
    return forgotten.flatMap(([, places]) => places);
  };
}
