/**
 * A mailbox: messages on their way to whoever takes them, kept until it is known what became of each.
 *
 * Boundary: folds facts and says what may be given out next; who waits, and what time it is, is the host's to know.
 *
 * 1. A message is received once under its id, and at any time it is queued, taken by one taker, dead, or settled.
 * 2. A taker has one message at most, and asked again it has the same.
 * 3. Of the messages with one key at most one is taken, and it is the one that was sent first of those that are not dead.
 * 4. What is not settled and not dead is given out again and again, but never more often than `deliveries` says.
 */

import type { Carried } from '../carried.ts';
import { unreachable } from '../errors.ts';
import type { Instant } from '../json.ts';
import type { MailboxSettings, MessageHeader, Outcome, PostEvent, Taker } from './message.ts';
import { pagedMap, withoutPaged, withPaged } from './paged-map.ts';
import type { PagedMap } from './paged-map.ts';

/** Of a mailbox that nobody has opened yet. */
export const plainMailbox: MailboxSettings = { capacity: 1_000, deliveries: 3, accepts: true, topics: [] };

/** About so many of the latest settled messages are known, so that one that is sent again is not a second one. */
export const KNOWN_MESSAGES = 4_096;

/** The oldest of them are forgotten together, so many. */
export const FORGOTTEN_AT_ONCE = 256;

export interface MailboxState {
  readonly name: string;
  /** Of the last fact about it. */
  readonly seq: number;
  readonly settings: MailboxSettings;
  /** In the order in which they were sent. */
  readonly held: PagedMap<HeldMessage>;
  /** In the order in which they settled, so many to a page: one that is added copies the last page alone. */
  readonly settled: readonly ReadonlyMap<string, SettledMessage>[];
}

export interface HeldMessage {
  readonly header: MessageHeader;
  readonly body: Carried;
  readonly sentAt: Instant;
  /** How often it was given to somebody. */
  readonly deliveries: number;
  readonly at: HeldAt;
}

export type HeldAt =
  | { readonly type: 'queued' }
  | { readonly type: 'taken'; readonly taker: Taker; readonly since: Instant }
  /** The taker is who had it last. */
  | { readonly type: 'dead'; readonly reason: string; readonly since: Instant; readonly taker: Taker | null };

export interface SettledMessage {
  readonly header: MessageHeader;
  readonly body: Carried;
  readonly sentAt: Instant;
  readonly settledAt: Instant;
  readonly outcome: Outcome;
  readonly reason: string | null;
  readonly reply: Carried | null;
  readonly by: string;
  /** Who had it last. */
  readonly taker: Taker | null;
}

export function noMailbox(name: string): MailboxState {
  return { name, seq: 0, settings: plainMailbox, held: pagedMap<HeldMessage>([]), settled: [] };
}

/** An event that does not apply any more changes nothing but `seq`. */
export function evolveMailbox(before: MailboxState, event: PostEvent, seq: number, at: Instant): MailboxState {
  const state = { ...before, seq };
  switch (event.type) {
    case 'mailbox.opened':
      return { ...state, settings: event.settings };
    case 'message.sent': {
      const { header, body } = event;
      if (isKnown(state, header.id)) return state;
      return withHeld(state, header.id, { header, body, sentAt: at, deliveries: 0, at: { type: 'queued' } });
    }
    case 'message.taken': {
      const held = state.held.get(event.id);
      if (held?.at.type !== 'queued') return state;
      return withHeld(state, event.id, {
        ...held,
        deliveries: held.deliveries + 1,
        at: { type: 'taken', taker: event.taker, since: at },
      });
    }
    case 'message.released': {
      const held = state.held.get(event.id);
      return held?.at.type === 'taken' ? withHeld(state, event.id, { ...held, at: { type: 'queued' } }) : state;
    }
    case 'message.died': {
      const held = state.held.get(event.id);
      if (held === undefined) return state;
      const taker = held.at.type === 'taken' ? held.at.taker : null;
      return withHeld(state, event.id, { ...held, at: { type: 'dead', reason: event.reason, since: at, taker } });
    }
    case 'message.revived': {
      const held = state.held.get(event.id);
      return held?.at.type === 'dead' ? withHeld(state, event.id, { ...held, deliveries: 0, at: { type: 'queued' } }) : state;
    }
    case 'message.settled':
      return settle(state, event, at);
    default:
      return unreachable(event);
  }
}

function settle(state: MailboxState, event: Extract<PostEvent, { type: 'message.settled' }>, at: Instant): MailboxState {
  const known = state.held.get(event.id);
  if (known === undefined) return state;
  const { header, body, sentAt } = known;
  const { outcome, reason, reply, by } = event;
  const taker = known.at.type === 'taken' ? known.at.taker : null;
  const message = { header, body, sentAt, settledAt: at, outcome, reason, reply, by, taker };
  return { ...state, held: withoutPaged(state.held, event.id), settled: withSettled(state.settled, message) };
}

function withSettled(pages: MailboxState['settled'], message: SettledMessage): MailboxState['settled'] {
  const last = pages.at(-1);
  const { id } = message.header;
  if (last !== undefined && last.size < FORGOTTEN_AT_ONCE) return [...pages.slice(0, -1), new Map(last).set(id, message)];
  const kept = pages.length < KNOWN_MESSAGES / FORGOTTEN_AT_ONCE ? pages : pages.slice(1);
  return [...kept, new Map([[id, message]])];
}

function withHeld(state: MailboxState, id: string, message: HeldMessage): MailboxState {
  return { ...state, held: withPaged(state.held, id, message) };
}

/** Whether it was received already, as far as that is remembered. */
export function isKnown(state: MailboxState, id: string): boolean {
  return state.held.has(id) || settledMessage(state, id) !== undefined;
}

/** What became of a message, as far as that is remembered. */
export function settledMessage({ settled }: MailboxState, id: string): SettledMessage | undefined {
  return settled.find((page) => page.has(id))?.get(id);
}

/** All that are remembered, in the order in which they settled. */
export function settledMessages({ settled }: MailboxState): readonly SettledMessage[] {
  return settled.flatMap((page) => [...page.values()]);
}

export function isFull({ held, settings }: MailboxState): boolean {
  return held.size >= settings.capacity;
}

/** What follows when whoever had the message has ended without a word about it. */
export function afterLoss({ name, settings }: MailboxState, { header: { id }, deliveries }: HeldMessage, reason: string): PostEvent {
  const about = { mailbox: name, id, reason } as const;
  return deliveries >= settings.deliveries ? { type: 'message.died', ...about } : { type: 'message.released', ...about };
}
