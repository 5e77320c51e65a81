/** What agents, steps and people say to one another: typed messages, and the facts about them. */

import type { Carried } from '../carried.ts';
import type { Instant, Json, Schema } from '../json.ts';

export type MessageType = 'request' | 'response' | 'notification' | 'error';

export const messageTypes: readonly MessageType[] = ['request', 'response', 'notification', 'error'];

/** From 1 to this, which is the most urgent. */
export const MAX_MESSAGE_PRIORITY = 10;
export const NORMAL_MESSAGE_PRIORITY = 5;

/** All of a message but what it says. */
export interface MessageHeader {
  /** By which it is known when it is sent again. */
  readonly id: string;
  readonly type: MessageType;
  /** Who says it: an agent, or the step that sent it. */
  readonly from: string;
  /** Who is meant: a mailbox, or an agent of the same flow. */
  readonly to: string;
  /** The same for all messages of one conversation. */
  readonly correlation: string;
  /** The message that led to this one. */
  readonly causation: string | null;
  readonly priority: number;
  /** After which nobody waits for what becomes of it. */
  readonly deadline: Instant | null;
  /** Messages with the same key are worked on one after the other, in the order in which they were sent. */
  readonly key: string | null;
  /** Where it was published. */
  readonly topic: string | null;
}

/** What a message says, and what its receiver has to know for it. */
export interface MessageBody {
  readonly payload: Json;
  readonly context: Json;
}

/** Who has taken a message: a step of a run. Its key is that of one call, however often that is tried. */
export interface Taker {
  readonly run: string;
  readonly step: string;
  readonly key: string;
}

/** What became of a message in the end. */
export type Outcome = 'answered' | 'refused' | 'returned' | 'expired' | 'discarded';

export interface MailboxSettings {
  /** Messages that have not settled, dead ones included; what comes beyond is refused. */
  readonly capacity: number;
  /** How often a message is given to somebody before it counts as dead. */
  readonly deliveries: number;
  /** What the payload has to be. */
  readonly accepts: Schema;
  /** What is published there is put in here, too. */
  readonly topics: readonly string[];
}

/** Facts about one mailbox. */
export type PostEvent = { readonly mailbox: string } & (
  | { readonly type: 'mailbox.opened'; readonly settings: MailboxSettings; readonly by: string }
  | { readonly type: 'message.sent'; readonly header: MessageHeader; readonly body: Carried; readonly by: string }
  /** Somebody has accepted it, and works on it. */
  | { readonly type: 'message.taken'; readonly id: string; readonly taker: Taker }
  /** Whoever had it has ended without a word about it: it is there for the next one. */
  | { readonly type: 'message.released'; readonly id: string; readonly reason: string }
  /** It was given out so often as the mailbox allows, and nobody came to an end with it. */
  | { readonly type: 'message.died'; readonly id: string; readonly reason: string }
  /** A dead one is there again, as if nobody had had it. */
  | { readonly type: 'message.revived'; readonly id: string; readonly by: string }
  | {
      readonly type: 'message.settled';
      readonly id: string;
      readonly outcome: Outcome;
      /** Why it was refused, handed back or discarded. */
      readonly reason: string | null;
      /** The answer, or what was done before it was handed back. */
      readonly reply: Carried | null;
      readonly by: string;
    }
);
