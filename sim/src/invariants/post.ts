/**
 * Invariant 23: messages. What the journal says of each mailbox is read by rules of its own, row by row, so that what was
 * wrong for one commit only is found too; who takes a message, and who is told what became of it, is read from the runs.
 */

import type { Carried, Event, Json, MessageHeader, Outcome, PostEvent, Taker } from '@scriptorium/core';
import type { History, Observation, Row } from '../history.ts';
import type { Invariant, Played } from './invariant.ts';
import { isSame } from './same.ts';
import { callKey, isOfStep } from './trace.ts';
import type { Fact, RunTrace } from './trace.ts';

export const post: Invariant = {
  number: 23,
  says: 'A message is received once under its id, has one taker at a time while its run lives, in the order of its key, and one fate; a mailbox never holds more than it may; who asks hears that fate, and nobody waits for what is there.',
  absent: { reducer: 'It has no mailboxes.' },
  check: (played) => {
    const boxes = new Boxes(played);
    for (const row of played.history.rows) boxes.take(row);
    return [...boxes.wrong, ...unreceived(played), ...misinformed(played, boxes), ...forgotten(played, boxes), ...misseen(played, boxes)];
  },
};

/** What became of a message so far. */
type At =
  | { readonly type: 'queued' | 'dead' }
  | { readonly type: 'taken'; readonly taker: Taker }
  | { readonly type: 'settled'; readonly outcome: Outcome; readonly reply: Json; readonly by: string };

interface Message {
  readonly header: MessageHeader;
  readonly payload: Json;
  readonly deliveries: number;
  readonly at: At;
  /** Each step with the row in which it came about. */
  readonly history: readonly { readonly gseq: number; readonly at: At }[];
}

interface Box {
  readonly messages: Map<string, Message>;
  capacity: number;
  deliveries: number;
  accepts: unknown;
  topics: readonly string[];
}

/** How a run ended, and in which row; null where it was taken back and goes on. */
interface End {
  readonly gseq: number;
  readonly status: string | null;
}

/** All mailboxes as far as the journal was read, and what is wrong with them. */
class Boxes {
  readonly wrong: string[] = [];
  readonly all = new Map<string, Box>();
  readonly #history: History;
  readonly #ends: ReadonlyMap<string, readonly End[]>;
  /** Runs that wait for a message, by whom they wait for. */
  readonly #waits: ReadonlyMap<string, readonly RunTrace[]>;

  /** Beginnings of attempts, by run. */
  readonly #calls: ReadonlyMap<string, readonly { readonly gseq: number; readonly key: string }[]>;

  constructor({ history, runs }: Played) {
    this.#history = history;
    this.#ends = new Map(runs.map((trace) => [trace.run, endsOf(trace)]));
    this.#calls = new Map(runs.map(({ run, all }) => [run, all.flatMap(callsIn)]));
    this.#waits = Map.groupBy(runs.filter(isWait), (trace) => awaitedBy(trace).taker.key);
  }

  take({ gseq, at, actor, event }: Row): void {
    if (!actor.startsWith('mailbox:')) return;
    const of = event as PostEvent;
    const box = this.#box(of.mailbox);
    if (of.type === 'mailbox.opened') {
      const { capacity, deliveries, accepts, topics } = of.settings;
      Object.assign(box, { capacity, deliveries, accepts, topics });
      return;
    }
    const id = of.type === 'message.sent' ? of.header.id : of.id;
    const known = box.messages.get(id);
    const why = of.type === 'message.sent' ? this.#whyNotSent(of, box, known, gseq) : this.#whyNot(of, box, known, { gseq, at });
    if (why !== null) this.wrong.push(`row ${gseq}, ${of.type} of ${id} in ${of.mailbox}: ${why}`);
    if (of.type === 'message.sent') {
      const { payload } = valueOf(this.#history, of.body) as { payload: Json };
      const queued = { type: 'queued' } as const;
      box.messages.set(id, { header: of.header, payload, deliveries: 0, at: queued, history: [{ gseq, at: queued }] });
    } else if (known !== undefined) box.messages.set(id, this.#after(of, known, gseq));
  }

  #box(name: string): Box {
    const known = this.all.get(name) ?? { messages: new Map(), capacity: 1_000, deliveries: 3, accepts: true, topics: [] };
    this.all.set(name, known);
    return known;
  }

  #whyNotSent({ header }: Extract<PostEvent, { type: 'message.sent' }>, box: Box, known: Message | undefined, gseq: number): string | null {
    if (known !== undefined) return 'it was received before';
    if (heldIn(box).length >= box.capacity) return `the mailbox has ${box.capacity} already`;
    const { topic, id } = header;
    if (topic === null) return null;
    const commit = this.#history.commits.find(({ from, to, outcome }) => outcome.endsWith('written') && from <= gseq && to >= gseq);
    const together = this.#history.rows.slice((commit?.from ?? gseq) - 1, commit?.to ?? gseq);
    const left = [...this.all].find(
      ([name, other]) =>
        other.topics.includes(topic) &&
        !other.messages.has(id) &&
        !together.some(({ actor, event }) => actor === `mailbox:${name}` && event.type === 'message.sent' && event.header.id === id),
    );
    return left === undefined ? null : `${left[0]} has subscribed to ${topic}, and does not have it`;
  }

  #whyNot(
    event: Exclude<PostEvent, { type: 'mailbox.opened' | 'message.sent' }>,
    box: Box,
    known: Message | undefined,
    { gseq, at }: { readonly gseq: number; readonly at: number },
  ): string | null {
    if (known === undefined) return 'nobody has sent it';
    const { at: now, deliveries } = known;
    if (now.type === 'settled') return `it has settled: ${now.outcome}`;
    const { deadline } = known.header;
    switch (event.type) {
      case 'message.taken': {
        const { run } = event.taker;
        if (now.type !== 'queued') return `it is ${now.type}`;
        if (deliveries >= box.deliveries) return `it was given out ${deliveries} times`;
        if (deadline !== null && at >= deadline) return `its time was over ${at - deadline} ms before`;
        const place = placeOf(event.taker);
        if (heldIn(box).some((other) => other.at.type === 'taken' && placeOf(other.at.taker) === place)) return `${place} has another one`;
        if (this.#endBefore(run, gseq) !== null) return `${run} has ended`;
        const next = nextIn(box);
        return next === known ? null : `${next?.header.id} comes first`;
      }
      case 'message.released':
      case 'message.died': {
        if (now.type !== 'taken') return `it is ${now.type}`;
        if (event.type === 'message.died' && deliveries < box.deliveries) return `it was given out ${deliveries} times only`;
        return this.#isGone(now.taker, gseq) ? null : `${now.taker.key} lives, and has it`;
      }
      case 'message.revived':
        return now.type === 'dead' ? null : `it is ${now.type}`;
      case 'message.settled': {
        if (event.outcome === 'expired') return deadline !== null && at >= deadline ? null : 'there is time left';
        if (event.by.startsWith('mailbox ')) return now.type === 'queued' && box.accepts !== true ? null : 'the mailbox accepts it';
        if (now.type !== 'taken') return `it is ${now.type}`;
        if (event.by !== now.taker.step) return null;
        const wanted = known.header.type === 'request' ? 'returned' : 'answered';
        return event.outcome === wanted && this.#isDone(known, now.taker, gseq) ? null : `nobody has said that it is ${event.outcome}`;
      }
    }
  }

  /** Whether whoever took it has ended without success, or stopped waiting for it. */
  #isGone({ run, key }: Taker, gseq: number): boolean {
    const isOver = (of: string): boolean => !['succeeded', null].includes(this.#endBefore(of, gseq));
    return isOver(run) || (this.#waits.get(key) ?? []).some((wait) => isOver(wait.run));
  }

  #endBefore(run: string, gseq: number): string | null {
    return (this.#ends.get(run) ?? []).findLast((end) => end.gseq < gseq)?.status ?? null;
  }

  /** Whether whoever took it has ended well, or asks for more at the same place. */
  #isDone({ history }: Message, taker: Taker, gseq: number): boolean {
    if (this.#endBefore(taker.run, gseq) === 'succeeded') return true;
    const since = history.at(-1)?.gseq ?? 0;
    return (this.#calls.get(taker.run) ?? []).some(
      (call) => call.gseq > since && call.gseq < gseq && call.key !== taker.key && placeOf(call) === placeOf(taker),
    );
  }

  #after(event: Exclude<PostEvent, { type: 'mailbox.opened' | 'message.sent' }>, known: Message, gseq: number): Message {
    const change = (at: At, deliveries = known.deliveries): Message => ({
      ...known,
      at,
      deliveries,
      history: [...known.history, { gseq, at }],
    });
    switch (event.type) {
      case 'message.taken':
        return change({ type: 'taken', taker: event.taker }, known.deliveries + 1);
      case 'message.released':
        return change({ type: 'queued' });
      case 'message.died':
        return change({ type: 'dead' });
      case 'message.revived':
        return change({ type: 'queued' }, 0);
      case 'message.settled': {
        const reply = event.reply === null ? null : (valueOf(this.#history, event.reply) as Json);
        return change({ type: 'settled', outcome: event.outcome, reply, by: event.by });
      }
    }
  }
}

function heldIn({ messages }: Box): readonly Message[] {
  return [...messages.values()].filter(({ at }) => at.type !== 'settled');
}

/** The most urgent of those that may be worked on: of each key the first one that was sent, and nobody has. */
function nextIn(box: Box): Message | undefined {
  const alive = heldIn(box).filter(({ at }) => at.type !== 'dead');
  const first = alive.filter(({ header: { key } }, index) => key === null || alive.findIndex((one) => one.header.key === key) === index);
  const free = first.filter(({ at }) => at.type === 'queued');
  const most = Math.max(...free.map(({ header }) => header.priority));
  return free.find(({ header }) => header.priority === most);
}

function valueOf({ read }: History, carried: Carried): unknown {
  return 'v' in carried ? carried.v : read(carried.ref);
}

function endsOf({ all }: RunTrace): readonly End[] {
  return all.flatMap(({ gseq, event }): readonly End[] => {
    if (event.type === 'run.settled') return [{ gseq, status: event.status }];
    return event.type === 'run.rolled_back' ? [{ gseq, status: null }] : [];
  });
}

function callsIn(fact: Fact): readonly { readonly gseq: number; readonly key: string }[] {
  return isOfStep(fact) && fact.event.type === 'attempt.started' ? [{ gseq: fact.gseq, key: callKey(fact) }] : [];
}

/** The step of a run, whichever visit of it. */
function placeOf({ key }: { readonly key: string }): string {
  return key.split('@')[0] ?? key;
}

const AWAIT = 'core/await-post';

function isWait({ flow }: RunTrace): boolean {
  return flow.name === AWAIT;
}

function awaitedBy({ all }: RunTrace): { readonly mailbox: string; readonly id: string; readonly taker: Taker } {
  const started = all[0]?.event;
  if (started?.type !== 'run.started') throw new Error('a run that did not start');
  return started.input as unknown as { mailbox: string; id: string; taker: Taker };
}

/** What somebody was told that it was received, and is not in the mailbox by then. */
function unreceived({ history: { observations, rows } }: Played): readonly string[] {
  const isThere = (mailbox: string, id: string | null, head: number): boolean =>
    rows.some(
      ({ gseq, actor, event }) => gseq <= head && actor === `mailbox:${mailbox}` && event.type === 'message.sent' && event.header.id === id,
    );
  return observations.flatMap((seen) =>
    seen.type === 'client.acked' && seen.act === 'send'
      ? (seen.mailboxes ?? []).flatMap((box) =>
          isThere(box, seen.id, seen.head) ? [] : [`${seen.id} was acknowledged, and is not in ${box}`],
        )
      : [],
  );
}

/** What steps say of messages, and what the mailboxes had by then. */
function misinformed({ history, runs }: Played, { all }: Boxes): readonly string[] {
  const messages = Map.groupBy(
    [...all].flatMap(([mailbox, { messages: own }]) => [...own.values()].map((message) => ({ mailbox, message }))),
    ({ message }) => message.header.id,
  );
  const before = (id: string, gseq: number, isMeant: (at: At) => boolean): boolean =>
    (messages.get(id) ?? []).some(({ message }) => message.history.some((step) => step.gseq < gseq && isMeant(step.at)));
  return runs.flatMap(({ run, nodes, facts, copied }) =>
    facts.flatMap((fact) => {
      const body = isOfStep(fact) && fact.place >= copied ? nodes.get(fact.event.node)?.do : undefined;
      if (body?.k !== 'call' || !isOfStep(fact)) return [];
      const { event, gseq } = fact;
      const key = callKey(fact);
      const say = (what: string): readonly string[] => [`row ${gseq}: ${key} of ${run} ${what}`];
      if (event.type === 'attempt.failed') {
        const at = failures[event.error.code];
        return body.uses !== 'core/request' || at === undefined || before(key, gseq, at)
          ? []
          : say(`fails with ${event.error.code}, and that is not what became of its message`);
      }
      if (event.type !== 'attempt.succeeded') return [];
      const output = valueOf(history, event.output);
      switch (body.uses) {
        case 'core/send':
          return before(key, gseq, () => true) ? [] : say('has sent what nobody has');
        case 'core/publish':
          return (output as { mailboxes: readonly string[] }).mailboxes.every((name) => all.get(name)?.messages.has(key) === true)
            ? []
            : say('has published what not all have');
        case 'core/request': {
          const { payload } = output as { payload: Json };
          const isAnswer = (at: At): boolean => at.type === 'settled' && at.outcome === 'answered' && isSame(at.reply, payload);
          return before(key, gseq, isAnswer) ? [] : say('has an answer that nobody gave');
        }
        case 'core/receive': {
          const { id, payload } = output as { id: string; payload: Json };
          const isTheirs = before(id, gseq, (at) => at.type === 'taken' && at.taker.key === key);
          const isWhole = (messages.get(id) ?? []).some(({ message }) => isSame(message.payload, payload));
          return isTheirs && isWhole ? [] : say(`has ${id}, which was not given to it`);
        }
        case 'core/reply': {
          const { settled } = output as { settled: boolean };
          const isSaid = [...messages.values()]
            .flat()
            .some(({ message }) =>
              message.history.some((step) => step.gseq < gseq && step.at.type === 'settled' && step.at.by === event.node),
            );
          return !settled || isSaid ? [] : say('has settled what did not');
        }
        default:
          return [];
      }
    }),
  );
}

const failures: { readonly [code: string]: (at: At) => boolean } = {
  'message.returned': (at) => at.type === 'settled' && at.outcome === 'returned',
  'message.undelivered': (at) => at.type === 'dead',
  timeout: (at) => at.type === 'settled' && at.outcome === 'expired',
};

/** What nobody will do any more although it should be done. */
function forgotten({ history: { observations }, runs }: Played, { all }: Boxes): readonly string[] {
  const quiet = observations.find(({ type }) => type === 'quiet');
  if (quiet === undefined) return [];
  const ended = new Set(runs.flatMap((trace) => ((endsOf(trace).at(-1)?.status ?? null) === null ? [] : [trace.run])));
  const messages = [...all].flatMap(([mailbox, box]) =>
    heldIn(box).flatMap(({ header: { id, deadline }, at }) => {
      if (at.type === 'taken' && ended.has(at.taker.run)) return [`${id} in ${mailbox} is with ${at.taker.run}, which has ended`];
      return deadline !== null && deadline <= quiet.at ? [`${id} in ${mailbox} is overdue, and nobody says so`] : [];
    }),
  );
  const waits = runs
    .filter((trace) => isWait(trace) && !ended.has(trace.run) && !isHeld(trace))
    .flatMap((trace) => {
      const { mailbox, id, taker } = awaitedBy(trace);
      const box = all.get(mailbox);
      if (box === undefined) return [];
      const fate = box.messages.get(id)?.at.type;
      const isThere = id === '' ? nextIn(box) !== undefined : fate === 'settled' || fate === 'dead';
      return isThere ? [`${taker.key} waits for ${id === '' ? `a message in ${mailbox}` : `what becomes of ${id}`}, which is there`] : [];
    });
  return [...messages, ...waits];
}

const holding: readonly Event['type'][] = ['run.paused', 'run.resumed', 'run.interrupted', 'run.parked', 'run.rolled_back'];

function isHeld({ all }: RunTrace): boolean {
  const last = all.findLast(({ event }) => holding.includes(event.type));
  return last !== undefined && last.event.type !== 'run.resumed';
}

/** What somebody who looks is told of messages. */
function misseen({ history: { observations } }: Played, { all }: Boxes): readonly string[] {
  const views = observations.filter((seen): seen is Extract<Observation, { type: 'view.messages' }> => seen.type === 'view.messages');
  return views.flatMap(({ messages }) => {
    const known = [...all].flatMap(([mailbox, { messages: own }]) =>
      [...own.values()].map(({ header, at }) => `${mailbox} ${header.id} ${at.type === 'settled' ? at.outcome : at.type}`),
    );
    const seen = messages.map(({ mailbox, id, status }) => `${mailbox} ${id} ${status}`);
    return isSame(seen.toSorted(), known.toSorted())
      ? []
      : [`the messages are seen as ${seen.join(', ')} when they are ${known.join(', ')}`];
  });
}
