/**
 * Who gets which signal.
 *
 * 1. Of the signals of a name, the first received is looked at first, and goes to the one that has waited longest among
 *    those who want it.
 * 2. A wait takes signals that were received before it began too; a state that a signal leads out of, only later ones.
 * 3. What a `match` reads beside the signal was written down when the wait began: it is the same whoever asks, and when.
 */

import type { Command } from '../commands.ts';
import { lookupFor } from './correlation.ts';
import type { Candidate, Lookup, Reading } from './correlation.ts';
import { ROOT } from '../events.ts';
import type { Signal, Subscriber } from './mail-event.ts';
import { evaluate } from '../expr/evaluate.ts';
import { ExprFailure } from '../expr/failure.ts';
import type { Expr } from '../ir.ts';
import type { Waiter } from './mail-event.ts';
import { carry, namesOf, readCarried } from '../names.ts';
import type { Place } from '../plan.ts';
import { iterationIn } from '../scene.ts';
import type { Scene } from '../scene.ts';
import type { RootKind } from '../state.ts';

/** Gives out what can be given out. */
export function deliver(scene: Scene, { mail, options }: RootKind): readonly Command[] {
  if (mail.signals.length === 0 || mail.subscribers.parts.length === 0) return [];
  const reading = readingOf(scene);
  const lookup = lookupFor(options, scene.plan, mail.subscribers, reading);
  const taken = new Set<Waiter>();
  return mail.signals.flatMap((signal) => {
    if (!lookup.isNew(signal)) return [];
    const taker = takerOf(scene, lookup, signal, taken);
    if (taker === null) return [];
    taken.add(taker.waiter);
    return [give(signal, taker)];
  });
}

/** The longest waiting of those who want it. That nobody does is remembered. */
function takerOf(scene: Scene, lookup: Lookup, signal: Signal, taken: ReadonlySet<Waiter>): Candidate | null {
  const reading = readingOf(scene);
  let first: Candidate | null = null;
  let isWanted = false;
  for (const candidates of lookup.candidates(signal, reading)) {
    for (const candidate of candidates) {
      if (first !== null && candidate.waiter.since > first.waiter.since) break;
      if (!wants(scene, reading, candidate, signal)) continue;
      isWanted = true;
      if (taken.has(candidate.waiter)) continue;
      first = candidate;
      break;
    }
  }
  if (!isWanted) lookup.noteUnwanted(signal);
  return first;
}

function readingOf({ plan, values }: Scene): Reading {
  return {
    matchOf: ({ kind, node }) => {
      const body = kind === 'wait' ? plan.get(node)?.node.do : undefined;
      return body?.k === 'wait' ? body.event?.match?.$ : undefined;
    },
    namesOf:
      ({ names }) =>
      (name) => {
        const carried = names[name];
        return carried === undefined ? undefined : readCarried(carried, values);
      },
    payloadOf: ({ payload }) => readCarried(payload, values),
  };
}

function wants({ plan }: Scene, { matchOf, namesOf: outer, payloadOf }: Reading, { place, waiter }: Candidate, signal: Signal): boolean {
  const { kind, node, events } = place;
  if (!events.includes(signal.name)) return false;
  if (kind === 'state') return signal.seq > waiter.since;
  if (signal.unfit.includes(node) || plan.get(node)?.node.do.k !== 'wait') return false;
  const match = matchOf(place);
  if (match === undefined) return true;
  const read = outer(waiter);
  try {
    return evaluate(match, (name) => (name === 'event' ? payloadOf(signal) : read(name))) === true;
  } catch (error) {
    if (error instanceof ExprFailure) return false;
    throw error;
  }
}

function give(signal: Signal, { place: { kind, actor, node, iteration }, item }: Candidate): Command {
  const own = { type: 'signal.matched', id: signal.id, subscriber: { kind, actor, item, node, iteration } } as const;
  if (kind === 'state') {
    const cut = node.lastIndexOf('/');
    const [scope, state] = [node.slice(0, Math.max(0, cut)), node.slice(cut + 1)];
    return { k: 'tell', own, to: actor, event: { type: 'state.signalled', item, node: scope, state, iteration, signal } };
  }
  const { payload: answer, by, ...mark } = signal;
  const of = { item, node, ...(iteration === '' ? {} : { iteration }) };
  return { k: 'tell', own, to: actor, event: { type: 'wait.answered', ...of, answer, by, signal: mark } };
}

/** Signals that came to this actor too late go back. */
export function handBack({ state }: Scene): readonly Command[] {
  return state.returns.map((signal) => {
    const event = { type: 'signal.returned', signal } as const;
    return { k: 'tell', own: event, to: ROOT, event };
  });
}

/** Asks for the signals that a wait is for; `match` says what of the wait's surroundings must go along. */
export function subscribeWait(scene: Scene, item: number, place: Place, event: string, match: Expr | undefined): Command {
  const read = namesOf(scene.plan, scene.state, item, place, scene.values);
  const reads = (match?.reads ?? []).filter((name) => name !== 'event');
  const names = reads.flatMap((name) => {
    const value = read(name);
    return value === undefined ? [] : [[name, carry(value)] as const];
  });
  const subscriber = subscriberOf(scene, 'wait', item, place);
  const own = { type: 'wait.subscribed', item, node: place.node.id } as const;
  return { k: 'tell', own, to: ROOT, event: { type: 'signal.awaited', subscriber, events: [event], names: Object.fromEntries(names) } };
}

export function unsubscribeWait(scene: Scene, item: number, place: Place): Command {
  const own = { type: 'wait.unsubscribed', item, node: place.node.id } as const;
  return { k: 'tell', own, to: ROOT, event: { type: 'signal.unawaited', subscriber: subscriberOf(scene, 'wait', item, place) } };
}

/** Asks for the signals that lead out of a state. */
export function subscribeState(scene: Scene, item: number, state: Place, events: readonly string[]): Command {
  const subscriber = subscriberOf(scene, 'state', item, state);
  const own = { type: 'state.subscribed', item, node: scopeOf(state), state: state.name } as const;
  return { k: 'tell', own, to: ROOT, event: { type: 'signal.awaited', subscriber, events, names: {} } };
}

export function unsubscribeState(scene: Scene, item: number, state: Place): Command {
  const own = { type: 'state.unsubscribed', item, node: scopeOf(state), state: state.name } as const;
  return { k: 'tell', own, to: ROOT, event: { type: 'signal.unawaited', subscriber: subscriberOf(scene, 'state', item, state) } };
}

function scopeOf({ node, scope }: Place): string {
  if (scope === null) throw new Error(`'${node.id}' is no state`);
  return scope.node.id;
}

function subscriberOf(scene: Scene, kind: Subscriber['kind'], item: number, place: Place): Subscriber {
  return { kind, actor: scene.state.id, item, node: place.node.id, iteration: iterationIn(scene, item, place) };
}
