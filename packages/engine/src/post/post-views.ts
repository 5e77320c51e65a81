/** What somebody outside sees of the post, and says to it. */

import { HostError, jsonOf, settledMessage, settledMessages } from '@scriptorium/core';
import type {
  HeldMessage,
  MailboxState,
  MailboxSummary,
  MessageFilter,
  MessageSummary,
  MessageView,
  RedeliverRequest,
  SendRequest,
  Sent,
  SettledMessage,
} from '@scriptorium/core';
import type { Parts } from '../parts.ts';
import type { DeadMessage } from '../reports/report-head.ts';
import type { Post } from './post.ts';

/** Messages that are listed, unless somebody asks for more. */
const MAX_LISTED = 100;

/** Of the id of a message that its sender gave none. */
const ID_BYTES = 16;

/** By their names. */
export function listMailboxes({ post }: Parts): readonly MailboxSummary[] {
  return post
    .mailboxes()
    .map(summaryOf)
    .toSorted((a, b) => (a.mailbox < b.mailbox ? -1 : 1));
}

function summaryOf({ name, held, settings }: MailboxState): MailboxSummary {
  const count = (type: HeldMessage['at']['type']): number => held.values().reduce((sum, { at }) => sum + (at.type === type ? 1 : 0), 0);
  return { mailbox: name, queued: count('queued'), taken: count('taken'), dead: count('dead'), ...settings };
}

/** Those that have not settled first, in the order in which they were sent; then the others, the latest first. */
export function listMessages({ post }: Parts, { mailbox, status, limit = MAX_LISTED }: MessageFilter = {}): readonly MessageSummary[] {
  const boxes = post.mailboxes().filter(({ name }) => mailbox === undefined || name === mailbox);
  if (mailbox !== undefined && boxes.length === 0) throw noMailbox(mailbox);
  const open = boxes.flatMap(({ name, held }) => [...held.values()].map((message) => openSummary(name, message)));
  const settled = boxes.flatMap((box) => settledMessages(box).map((message) => settledSummary(box.name, message)));
  const ordered = [
    ...open.toSorted((a, b) => a.sentAt - b.sentAt),
    ...settled.toSorted((a, b) => b.settledAt - a.settledAt).map(({ settledAt: _settledAt, ...message }) => message),
  ];
  return ordered.filter((message) => status === undefined || message.status === status).slice(0, limit);
}

/** Dead messages that the run has sent, or had last; the latest first. */
export function deadMessagesOf(post: Post, run: string): readonly DeadMessage[] {
  const dead = post.mailboxes().flatMap(({ name, held }) => [...held.values()].flatMap((message) => deadMessage(name, message)));
  const own = dead.filter(({ id, taker }) => taker?.run === run || id.startsWith(`${run}:`));
  return own.toSorted((a, b) => b.since - a.since).slice(0, MAX_LISTED);
}

function deadMessage(mailbox: string, { header: { id, type, from }, at }: HeldMessage): readonly DeadMessage[] {
  if (at.type !== 'dead') return [];
  const { reason, since, taker } = at;
  return [{ mailbox, id, type, from, reason, since, taker }];
}

function noMailbox(name: string): HostError {
  return new HostError('not_found', `there is no mailbox '${name}'`, 'See which there are with `scriptorium mailboxes`.');
}

function openSummary(mailbox: string, { header, sentAt, deliveries, at }: HeldMessage): MessageSummary {
  const taker = at.type === 'queued' ? null : at.taker;
  const reason = at.type === 'dead' ? at.reason : null;
  return { ...header, mailbox, status: at.type, sentAt, deliveries, taker, reason };
}

function settledSummary(mailbox: string, message: SettledMessage): MessageSummary & { readonly settledAt: number } {
  const { header, sentAt, settledAt, outcome, taker, reason } = message;
  return { ...header, mailbox, status: outcome, sentAt, settledAt, deliveries: null, taker, reason };
}

/** Raises `not_found`; of one that was published, the copy in the first mailbox by its name, unless one is given. */
export function messageOf({ post, values }: Parts, id: string, mailbox?: string): MessageView {
  for (const box of post.mailboxes()) {
    if (mailbox !== undefined && box.name !== mailbox) continue;
    const open = box.held.get(id);
    if (open !== undefined) return { ...openSummary(box.name, open), ...post.bodyOf(open.body), reply: null };
    const settled = settledMessage(box, id);
    if (settled === undefined) continue;
    const { settledAt: _settledAt, ...summary } = settledSummary(box.name, settled);
    const { reply } = settled;
    const answer = reply === null ? null : jsonOf(reply, values);
    return { ...summary, ...post.bodyOf(settled.body), reply: answer };
  }
  throw new HostError('not_found', `there is no message '${id}'`, 'See which there are with `scriptorium messages`.');
}

export function sendFrom(parts: Parts, { to, topic, payload, key, priority, id: given, by }: SendRequest): Sent {
  const { post, world } = parts;
  const id = given ?? Buffer.from(world.chance('signals', ID_BYTES)).toString('hex');
  const draft = {
    id,
    type: 'notification',
    from: by,
    to,
    correlation: id,
    causation: null,
    priority,
    deadline: null,
    key,
    body: { payload, context: null },
  } as const;
  if (!topic) return { id, status: post.send(draft, by), mailboxes: [to] };
  return { id, status: 'received', mailboxes: post.publish(to, draft, by) };
}

export function redeliver({ post }: Parts, { mailbox, ids, by }: RedeliverRequest): readonly string[] {
  if (post.mailboxes().every(({ name }) => name !== mailbox)) throw noMailbox(mailbox);
  return post.revive(mailbox, ids, by);
}
