/** Invariant 13: signals. */

import { evolve } from '@scriptorium/core';
import type { ActorState, Event, Json, Subscriber } from '@scriptorium/core';
import type { History } from '../history.ts';
import type { Invariant } from './invariant.ts';
import { below, isOfStep, nodeOf, spot, visitOf } from './trace.ts';
import type { Fact, RunTrace } from './trace.ts';

export const signals: Invariant = {
  number: 13,
  says: 'A signal is received once under its id and taken at most once, in the order of receipt by who wants it, early ones too; none is lost.',
  check: ({ history, runs }) => runs.flatMap((trace) => wrongIn(history, trace)),
};

interface Letter {
  readonly id: string;
  readonly name: string;
  readonly text: string;
  /** Row in which it was received. */
  readonly since: number;
}

interface Waiting {
  readonly subscriber: Subscriber;
  readonly events: readonly string[];
  readonly since: number;
  /** What the payload must name; null where it takes any. */
  readonly text: string | null;
}

function wrongIn(history: History, trace: RunTrace): readonly string[] {
  const { run, facts } = trace;
  const wrong: string[] = [];
  const known = new Set<string>();
  const mail = new Map<string, Letter>();
  const given = new Map<string, Letter>();
  const waiting = new Map<string, Waiting>();
  const around = new Around(history);
  let ended = false;
  for (const fact of facts) {
    const { event, actor } = fact;
    around.take(fact);
    if (event.type === 'run.settled') ended = true;
    if (actor !== 'root') continue;
    switch (event.type) {
      case 'signal.received':
        if (ended) wrong.push(`${run} received ${event.id} after its end`);
        if (known.has(event.id)) {
          // The reducer takes it once, however often a host writes it down; the engine writes it once.
          if (history.level === 'engine') wrong.push(`${run} received ${event.id} twice`);
          break;
        }
        known.add(event.id);
        mail.set(event.id, { id: event.id, name: event.name, text: textOf(event.payload), since: fact.gseq });
        break;
      case 'signal.awaited': {
        const { subscriber, events } = event;
        waiting.set(keyOf(subscriber), { subscriber, events, since: fact.gseq, text: around.wantedBy(trace, subscriber) });
        break;
      }
      case 'signal.unawaited':
        waiting.delete(keyOf(event.subscriber));
        break;
      case 'signal.matched': {
        const taker = waiting.get(keyOf(event.subscriber));
        const letter = mail.get(event.id);
        if (letter === undefined) wrong.push(`${run} gives away ${event.id}, which it does not have`);
        else if (taker === undefined) wrong.push(`${run} gives ${event.id} to ${keyOf(event.subscriber)}, who waits for nothing`);
        else {
          if (!wants(taker, letter))
            wrong.push(`${run} gives ${event.id} to ${keyOf(event.subscriber)}, who waits for ${taker.events.join(' or ')} ${taker.text}`);
          const first = firstFor(taker, mail);
          if (first !== undefined && first.id !== event.id)
            wrong.push(`${run} gives ${event.id} away before ${first.id}, which came first`);
          mail.delete(event.id);
          given.set(event.id, letter);
        }
        waiting.delete(keyOf(event.subscriber));
        break;
      }
      case 'signal.returned': {
        const letter = given.get(event.signal.id);
        if (letter === undefined) wrong.push(`${run} has ${event.signal.id} handed back, which nobody had`);
        else mail.set(letter.id, letter);
        given.delete(event.signal.id);
        break;
      }
      default:
        break;
    }
  }
  wrong.push(...misled(trace), ...misremembered(trace, mail), ...swallowed(trace));
  if (ended || facts.some(({ event }) => event.type === 'run.cancelling') || isHeld(trace)) return wrong;
  for (const taker of waiting.values()) {
    const letter = firstFor(taker, mail);
    if (letter !== undefined) wrong.push(`${run} keeps ${letter.id}, for which ${keyOf(taker.subscriber)} waits`);
  }
  return [...wrong, ...forgotten(trace, waiting, around)];
}

/** What ends a wait but an answer. */
const waitEnds: ReadonlySet<Event['type']> = new Set([
  ...(['wait.over', 'wait.left', 'step.timed_out', 'step.settled', 'step.failed', 'step.caught', 'step.cancelled'] as const),
  'compensation.begun',
]);

/** Signals that came to a wait which was over already, and that nobody handed back. */
function swallowed({ run, facts }: RunTrace): readonly string[] {
  const open = new Set<string>();
  const late = new Map<string, string>();
  for (const fact of facts) {
    const { event } = fact;
    if (event.type === 'signal.returned') late.delete(event.signal.id);
    if (!isOfStep(fact)) continue;
    const visit = visitOf(fact);
    if (event.type === 'wait.begun') open.add(visit);
    else if (waitEnds.has(event.type)) open.delete(visit);
    if (event.type !== 'wait.answered') continue;
    const isInTime = (event.iteration ?? '') === fact.iteration && open.delete(visit);
    if (!isInTime && event.signal !== undefined) late.set(event.signal.id, visit);
  }
  return [...late].map(([id, visit]) => `${run} gives ${id} to ${visit}, whose wait is over, and nobody hands it back`);
}

/** What the root remembers is what was received and nobody has, in the order of receipt. */
function misremembered({ run, facts }: RunTrace, mail: ReadonlyMap<string, Letter>): readonly string[] {
  const root = facts.filter(({ actor }) => actor === 'root').reduce<ActorState | null>(evolve, null);
  if (root?.kind.type !== 'root') return [];
  const kept = root.kind.mail.signals.map(({ id }) => id);
  const known = inOrder(mail).map(({ id }) => id);
  return kept.join() === known.join() ? [] : [`${run} keeps the signals ${kept.join(', ')}, and nobody has taken ${known.join(', ')}`];
}

const holding: readonly Event['type'][] = ['run.paused', 'run.resumed', 'run.interrupted', 'run.parked', 'run.rolled_back'];

/** A run that was taken back is held until somebody goes on with it. */
function isHeld({ all }: RunTrace): boolean {
  const last = all.findLast(({ event }) => holding.includes(event.type));
  return last !== undefined && last.event.type !== 'run.resumed';
}

function keyOf({ kind, actor, item, node, iteration }: Subscriber): string {
  return `${kind} ${spot(actor, item, node)}@${iteration}`;
}

function wants({ subscriber, events, since, text }: Waiting, letter: Letter): boolean {
  if (!events.includes(letter.name)) return false;
  return subscriber.kind === 'state' ? letter.since > since : text === null || letter.text === text;
}

function firstFor(taker: Waiting, mail: ReadonlyMap<string, Letter>): Letter | undefined {
  return inOrder(mail).find((letter) => wants(taker, letter));
}

function inOrder(mail: ReadonlyMap<string, Letter>): readonly Letter[] {
  return [...mail.values()].toSorted((a, b) => a.since - b.since);
}

function textOf(payload: object): string {
  const value: Json = 'v' in payload ? (payload.v as Json) : null;
  const spot = typeof value === 'object' && value !== null && 'spot' in value ? value['spot'] : null;
  return typeof spot === 'string' ? spot : '';
}

/** A wait that is open and that nobody asked signals for would wait for ever. */
function forgotten(trace: RunTrace, waiting: ReadonlyMap<string, Waiting>, around: Around): readonly string[] {
  return [...around.open].flatMap((place) => {
    const [actor = '', item = '', node = ''] = place.split('|');
    const body = nodeOf(trace, node)?.do;
    if (body?.k !== 'wait' || body.event === undefined || body.event.ask !== undefined) return [];
    const isThere = [...waiting.values()].some(
      ({ subscriber: one }) => one.actor === actor && String(one.item) === item && one.node === node,
    );
    return isThere ? [] : [`${trace.run} ${place} waits for ${body.event.name}, and nobody knows`];
  });
}

/** Where signals led to: the state that the definition names for them. */
function misled({ run, facts, nodes }: RunTrace): readonly string[] {
  const wrong: string[] = [];
  const leaving = new Map<string, { readonly state: string; readonly signal: string; readonly iteration: string }>();
  const current = new Map<string, { readonly state: string; readonly visit: number }>();
  for (const fact of facts) {
    if (!isOfStep(fact)) continue;
    const { event, actor } = fact;
    const here = spot(actor, event.item, event.node);
    if (event.type === 'step.entered' || event.type === 'compensation.begun') {
      leaving.delete(here);
      current.delete(here);
    }
    if (event.type === 'state.signalled') {
      const now = current.get(here);
      if (now?.state === event.state && !leaving.has(here) && event.iteration.split('.').at(-1) === String(now.visit))
        leaving.set(here, { state: event.state, signal: event.signal.name, iteration: event.iteration });
    }
    if (event.type !== 'state.entered') continue;
    const led = leaving.get(here);
    leaving.delete(here);
    current.set(here, event);
    if (led === undefined) continue;
    const to = nodes.get(below(event.node, led.state))?.events?.[led.signal];
    if (to !== event.state) wrong.push(`${run} ${here} was led from ${led.state} to ${event.state} by ${led.signal}, and not to ${to}`);
  }
  return wrong;
}

/** Which items and visits are around a step: what the signals of plans are addressed by. */
class Around {
  readonly open = new Set<string>();
  readonly #history: History;
  readonly #chunks = new Map<string, { readonly parent: { actor: string; item: number }; readonly page: string; readonly node: string }>();
  readonly #visits = new Map<string, { readonly state: string; readonly visit: number }>();

  constructor(history: History) {
    this.#history = history;
  }

  take(fact: Fact): void {
    const { actor, event } = fact;
    if (event.type === 'chunk.started') this.#chunks.set(actor, event);
    if (!isOfStep(fact)) return;
    const here = spot(actor, fact.event.item, fact.event.node);
    if (event.type === 'state.entered') this.#visits.set(here, event);
    if (event.type === 'wait.begun') this.open.add(here);
    if (event.type === 'step.settled' || event.type === 'step.failed' || event.type === 'step.caught' || event.type === 'wait.left')
      this.open.delete(here);
    if (event.type === 'step.cancelled' || event.type === 'compensation.begun') this.open.delete(here);
  }

  /** The text that a wait of a plan takes; null for a state, or a wait without `match`, which takes any. */
  wantedBy(trace: RunTrace, { kind, actor, item, node }: Subscriber): string | null {
    if (kind === 'state' || !isParticular(trace, node)) return null;
    const name = eventName(trace, node);
    const items = this.#items(actor, item);
    return JSON.stringify({ at: JSON.stringify(items), call: name, visit: this.#visit(actor, item, node) });
  }

  #items(actor: string, item: number): readonly Json[] {
    const chunk = this.#chunks.get(actor);
    if (chunk === undefined) return [];
    const rows = this.#history.read(chunk.page) as readonly { readonly value: Json }[];
    return [...this.#items(chunk.parent.actor, chunk.parent.item), rows[item]?.value ?? null];
  }

  /** Of the innermost state around, in this actor or in one around it. */
  #visit(actor: string, item: number, node: string): number {
    for (let at = node; at !== '';) {
      const cut = Math.max(0, at.lastIndexOf('/'));
      const scope = at.slice(0, cut);
      const known = this.#visits.get(spot(actor, item, scope));
      const isChunk = this.#chunks.get(actor)?.node === at;
      if (known !== undefined && below(scope, known.state) === at && !isChunk) return known.visit;
      if (isChunk) {
        const { parent } = this.#chunks.get(actor) as { parent: { actor: string; item: number } };
        return this.#visit(parent.actor, parent.item, at);
      }
      at = scope;
    }
    return 0;
  }
}

function eventName({ nodes }: RunTrace, node: string): string {
  const body = nodes.get(node)?.do;
  return body?.k === 'wait' ? (body.event?.name ?? '') : '';
}

function isParticular({ nodes }: RunTrace, node: string): boolean {
  const body = nodes.get(node)?.do;
  return body?.k === 'wait' && body.event?.match !== undefined;
}
