/**
 * The post of an engine: mailboxes that outlive the runs that send and receive, and who waits for what of them.
 *
 * Boundary: what a mailbox is, and what it gives out next, is core's to say; how somebody waits is that of any run: a
 * flow with a `wait`, which is signalled. Only who waits is kept in memory, and that follows from the runs that do.
 *
 * 1. What is said here has been committed: a message that was received is not lost, and one that was given to somebody is
 *    known to be theirs.
 * 2. The lease of a message is the life of the run that took it: when that run has ended without a word about the
 *    message, it is given to somebody else, or is dead.
 * 3. A signal to whoever waits may be sent twice, and is received once; it says only that there is something to look at.
 */

import { HostError, isFull, isKnown, jsonOf, overdue, plainMailbox, settledMessage, takenBy } from '@scriptorium/core';
import type {
  Carried,
  Json,
  MailboxSettings,
  MailboxState,
  MessageBody,
  MessageHeader,
  Outcome,
  PostEvent,
  RunStatus,
  Taker,
} from '@scriptorium/core';
import { AWAIT_POST, POST_EVENT } from './await-post.ts';
import type { Awaited } from './await-post.ts';
import { createBoxes } from './boxes.ts';
import type { BoxPorts, Boxes } from './boxes.ts';
import type { Contracts } from '../calls/contracts.ts';
import type { Send } from '../handlers/core-signals.ts';
import type { JournalEvent } from '../journal/journal.ts';
import type { Timers } from '../kernel/timers.ts';
import { createLeases, misfitOf } from './leases.ts';
import type { Leases } from './leases.ts';
import { overloaded } from '../overloaded.ts';

export interface PostPorts extends BoxPorts {
  readonly contracts: Contracts;
  readonly timers: Pick<Timers, 'set'>;
  readonly soon: (turn: () => void) => void;
  readonly signal: Send;
  /** Told of what must not happen; the engine cannot go on. */
  readonly fault: (error: unknown) => void;
  /** How a run ended; null for one that has not. */
  readonly endOf: (run: string) => RunStatus | null;
}

/** A message as somebody sends it. */
export type Draft = Omit<MessageHeader, 'topic'> & { readonly body: MessageBody };

/** What became of a message, as far as it is known. */
export type Fate =
  | { readonly type: 'open' }
  | { readonly type: 'dead'; readonly header: MessageHeader; readonly reason: string }
  | {
      readonly type: 'settled';
      readonly header: MessageHeader;
      readonly outcome: Outcome;
      readonly reason: string | null;
      readonly reply: Json;
      readonly by: string;
    };

export interface Received {
  readonly header: MessageHeader;
  readonly body: MessageBody;
  readonly delivery: number;
}

export interface Settling {
  readonly mailbox: string;
  readonly id: string;
  readonly outcome: Outcome;
  readonly reason: string | null;
  readonly reply: Json;
  readonly by: string;
}

/** Of a run that has gone on, or has ended. */
export interface Seen {
  readonly run: string;
  readonly flow: string;
  readonly event: JournalEvent;
  /** What the run was given. */
  readonly input: () => Json;
}

export interface Post {
  /** Says how a mailbox is to be, where that is something new. */
  readonly open: (name: string, settings: Partial<MailboxSettings>, by: string) => void;
  /** Raises `overloaded` for a full mailbox, and `invalid` for what it does not accept. */
  readonly send: (draft: Draft, by: string) => 'received' | 'already';
  /** The mailboxes that it was put in. */
  readonly publish: (topic: string, draft: Draft, by: string) => readonly string[];
  /** The message that the taker has, or has now; null where there is none for it. */
  readonly take: (mailbox: string, taker: Taker) => Received | null;
  /** What the same place had before counts as done: it asks for more. */
  readonly finish: (mailbox: string, taker: Taker) => void;
  /** False where nobody has the message any more. */
  readonly settle: (settling: Settling) => boolean;
  readonly fateOf: (mailbox: string, id: string) => Fate;
  readonly revive: (mailbox: string, ids: readonly string[] | null, by: string) => readonly string[];
  readonly mailboxes: () => readonly MailboxState[];
  /** Keeps the mailbox beside the journal as it is now. */
  readonly keep: (mailbox: string) => void;
  readonly bodyOf: (body: Carried) => MessageBody;
  /** Told of what the journal has of runs. */
  readonly hear: (seen: Seen) => void;
  /** Takes up what an engine before has left. */
  readonly start: () => void;
  readonly close: () => void;
}

export function createPost(ports: PostPorts): Post {
  const due = new Set<string>();
  let isClosed = false;
  /** After what is going on now: whoever sends need not wait for those who receive. */
  const later = (mailbox: string): void => {
    if (due.size === 0) ports.soon(serveDue);
    due.add(mailbox);
  };
  const boxes = createBoxes(ports, later);
  const leases = createLeases(boxes, ports.contracts);
  const sending = sendingOf(ports, boxes);
  const waiting = createWaiting(ports, leases, {
    isSettled: (name, id) => sending.fateOf(name, id).type !== 'open',
    takenBy: (name, key) => takenBy(boxes.get(name), key)?.header.id ?? '',
    isClosed: () => isClosed,
  });

  function serveDue(): void {
    const names = [...due];
    due.clear();
    try {
      for (const name of isClosed ? [] : names) {
        expire(name);
        waiting.serve(name);
      }
    } catch (error) {
      ports.fault(error);
    }
  }

  function expire(name: string): void {
    const { ids, next } = overdue(boxes.get(name), ports.now());
    const about = { type: 'message.settled', mailbox: name, outcome: 'expired', reason: null, reply: null, by: 'the clock' } as const;
    boxes.commit(ids.map((id) => ({ ...about, id })));
    if (next !== null) ports.timers.set(`mailbox ${name}`, next, () => later(name));
  }

  return {
    ...sending,
    take: (name, taker) => {
      expire(name);
      const message = leases.give(name, taker);
      return message === null ? null : { header: message.header, body: boxes.bodyOf(message.body), delivery: message.deliveries };
    },
    finish: (name, taker) => {
      const place = placeOf(taker.key);
      leases.finish(name, ({ key }) => key !== taker.key && placeOf(key) === place);
    },
    settle: ({ mailbox, id, reply, ...more }) => {
      expire(mailbox);
      if (boxes.get(mailbox).held.get(id)?.at.type !== 'taken') return false;
      boxes.commit([{ type: 'message.settled', mailbox, id, reply: ports.values.settle({ v: reply }), ...more }]);
      return true;
    },
    mailboxes: boxes.all,
    keep: boxes.keep,
    bodyOf: boxes.bodyOf,
    hear: (seen) => {
      const mailbox = waiting.hear(seen);
      if (mailbox !== null) later(mailbox);
      if (seen.event.type === 'run.settled') leases.conclude(seen.run, seen.event.status);
    },
    start: () => {
      if (boxes.isEmpty()) return;
      leases.restore(ports.endOf);
      for (const { name } of boxes.all()) later(name);
    },
    close: () => {
      isClosed = true;
    },
  };
}

/** What whoever sends asks of the post. */
function sendingOf({ values, contracts }: PostPorts, boxes: Boxes): Pick<Post, 'open' | 'send' | 'publish' | 'fateOf' | 'revive'> {
  function fateOf(mailbox: string, id: string): Fate {
    const box = boxes.get(mailbox);
    const settled = settledMessage(box, id);
    if (settled !== undefined) {
      const { header, outcome, reason, reply, by } = settled;
      const answer = reply === null ? null : jsonOf(reply, values);
      return { type: 'settled', header, outcome, reason, reply: answer, by };
    }
    const held = box.held.get(id);
    return held?.at.type === 'dead' ? { type: 'dead', header: held.header, reason: held.at.reason } : { type: 'open' };
  }

  function sent(mailbox: string, { body, ...header }: Draft, topic: string | null, by: string): PostEvent {
    const carried = values.settle({ v: { payload: body.payload, context: body.context } });
    return { type: 'message.sent', mailbox, header: { ...header, to: mailbox, topic }, body: carried, by };
  }

  return {
    open: (name, settings, by) => {
      const known = boxes.get(name);
      const wanted = { ...plainMailbox, ...known.settings, ...settings };
      if (known.seq > 0 && JSON.stringify(wanted) === JSON.stringify(known.settings)) return;
      boxes.commit([{ type: 'mailbox.opened', mailbox: name, settings: wanted, by }]);
    },
    send: (draft, by) => {
      const box = boxes.get(draft.to);
      if (isKnown(box, draft.id)) return 'already';
      requireRoom(box);
      const unfit = misfitOf(contracts, box, draft.body.payload);
      if (unfit !== null) throw new HostError('invalid', unfit, `Its contract is ${JSON.stringify(box.settings.accepts)}.`);
      boxes.commit([sent(draft.to, draft, null, by)]);
      return 'received';
    },
    publish: (topic, draft, by) => {
      const subscribed = boxes.all().filter(({ settings }) => settings.topics.includes(topic));
      const fresh = subscribed.filter((box) => !isKnown(box, draft.id));
      for (const box of fresh) requireRoom(box);
      // One that does not accept it says so when it would be given out: the others have it nevertheless.
      boxes.commit(fresh.map(({ name }) => sent(name, draft, topic, by)));
      return subscribed.map(({ name }) => name);
    },
    fateOf,
    revive: (name, ids, by) => {
      const dead = [...boxes.get(name).held.values()].filter(({ at, header }) => at.type === 'dead' && (ids?.includes(header.id) ?? true));
      const found = dead.map(({ header: { id } }) => id);
      boxes.commit(found.map((id) => ({ type: 'message.revived', mailbox: name, id, by })));
      return found;
    },
  };
}

/** What is asked about mailboxes on behalf of those who wait. */
interface Looks {
  /** Whether it is known what became of a message. */
  readonly isSettled: (mailbox: string, id: string) => boolean;
  /** The id of the message that the taker has; empty for none. */
  readonly takenBy: (mailbox: string, key: string) => string;
  readonly isClosed: () => boolean;
}

interface Waiting {
  /** Tells those who wait that there is something for them, the longest waiting first. */
  readonly serve: (mailbox: string) => void;
  /** The mailbox that somebody waits at now who did not before, if so. */
  readonly hear: (seen: Seen) => string | null;
}

/** The runs that wait, in the order in which they began to. */
function createWaiting({ signal, fault }: PostPorts, leases: Leases, looks: Looks): Waiting {
  const runs = new Map<string, Awaited>();

  /** Whoever waits looks for itself what there is. */
  function tell(run: string, { mailbox, id, taker }: Awaited): void {
    runs.delete(run);
    const about = id === '' ? looks.takenBy(mailbox, taker.key) : id;
    signal(run, { name: POST_EVENT, payload: true, id: `${mailbox}:${about}`, by: `mailbox ${mailbox}` }).catch((error: unknown) => {
      if (looks.isClosed()) return;
      if (!(error instanceof HostError)) return fault(error);
      // It has ended meanwhile; what it was given is for somebody else.
      if (id === '') leave(mailbox, taker);
    });
  }

  function leave(mailbox: string, { key: gone }: Taker): void {
    leases.lose(mailbox, ({ key }) => key === gone, 'who waited for it has gone');
  }

  return {
    serve: (name) => {
      for (const [run, awaited] of runs) {
        const { mailbox, id, taker } = awaited;
        if (mailbox !== name) continue;
        if (id === '' ? leases.give(name, taker) !== null : looks.isSettled(name, id)) tell(run, awaited);
      }
    },
    hear: ({ run, flow, event, input }) => {
      if (flow !== AWAIT_POST) return null;
      if (event.type === 'run.started' || event.type === 'run.resumed') {
        const awaited = input() as unknown as Awaited;
        runs.set(run, awaited);
        return awaited.mailbox;
      }
      const awaited = runs.get(run);
      if (event.type === 'run.paused' || event.type === 'run.settled') runs.delete(run);
      if (event.type === 'run.settled' && event.status !== 'succeeded' && awaited?.id === '') leave(awaited.mailbox, awaited.taker);
      return null;
    },
  };
}

function requireRoom(box: MailboxState): void {
  if (!isFull(box)) return;
  const dead = box.held.values().reduce((sum, { at }) => sum + (at.type === 'dead' ? 1 : 0), 0);
  throw overloaded(
    `the mailbox ${box.name} has ${box.held.size} messages${dead === 0 ? '' : `, ${dead} of them dead`}, and takes no more`,
    dead === 0 ? 'Send it again when some have been worked on.' : `See \`scriptorium messages ${box.name} --status dead\`.`,
    FULL_MS,
  );
}

/** When to try again at a mailbox that is full. */
const FULL_MS = 1_000;

/** The step of a run, whichever visit of it. */
function placeOf(key: string): string {
  return key.split('@')[0] ?? key;
}
