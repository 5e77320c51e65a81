/** What a host says of messages and mailboxes to whoever looks. */

import type { Instant, Json, Schema } from '../json.ts';
import type { MessageHeader, Outcome, Taker } from './message.ts';

/** One mailbox, with how many messages are where. */
export interface MailboxSummary {
  readonly mailbox: string;
  readonly queued: number;
  readonly taken: number;
  readonly dead: number;
  readonly capacity: number;
  readonly deliveries: number;
  readonly topics: readonly string[];
  readonly accepts: Schema;
}

export type MessageStatus = 'queued' | 'taken' | 'dead' | Outcome;

export interface MessageSummary extends MessageHeader {
  readonly mailbox: string;
  readonly status: MessageStatus;
  readonly sentAt: Instant;
  /** How often it was given to somebody; null of one that has settled. */
  readonly deliveries: number | null;
  /** Who has it, or had it last. */
  readonly taker: Taker | null;
  /** Why it is dead, or was refused or handed back. */
  readonly reason: string | null;
}

/** A whole message. */
export interface MessageView extends MessageSummary {
  readonly payload: Json;
  readonly context: Json;
  /** The answer, or what was done before it was handed back. */
  readonly reply: Json;
}

export interface MessageFilter {
  readonly mailbox?: string;
  readonly status?: MessageStatus;
  /** 100 unless given. */
  readonly limit?: number;
}

export interface SendRequest {
  /** A mailbox; or with `topic` the one that all subscribers have. */
  readonly to: string;
  readonly topic: boolean;
  readonly payload: Json;
  readonly key: string | null;
  readonly priority: number;
  /** By which it is known when it is sent again; null for one of its own. */
  readonly id: string | null;
  readonly by: string;
}

export interface Sent {
  readonly id: string;
  /** Where it is now. */
  readonly mailboxes: readonly string[];
  /** `already`: it had been received before. */
  readonly status: 'received' | 'already';
}

export interface RedeliverRequest {
  readonly mailbox: string;
  /** Of dead messages; null for all of them. */
  readonly ids: readonly string[] | null;
  readonly by: string;
}
