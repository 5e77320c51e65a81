/**
 * Who gets which signal.
 *
 * 1. Of the signals of a name, the first received is looked at first, and goes to the one that has waited longest among
 *    those who want it.
 * 2. A wait takes signals that were received before it began too; a state that a signal leads out of, only later ones.
 * 3. What a `match` reads beside the signal was written down when the wait began: it is the same whoever asks, and when.
 */

import { valuesOf } from '../by-actor.ts';
import type { Command } from '../commands.ts';
import { candidatesOf } from './correlation.ts';
import type { Reading } from './correlation.ts';
import { ROOT } from '../events.ts';
import type { Signal, Subscriber } from './mail-event.ts';
import { evaluate } from '../expr/evaluate.ts';
import { ExprFailure } from '../expr/failure.ts';
import type { Expr } from '../ir.ts';
import type { Mail, Subscribers, Subscription } from './mail-event.ts';
import { carry, namesOf, readCarried } from '../names.ts';
import type { Place } from '../plan.ts';
import { iterationIn } from '../scene.ts';
import type { Scene } from '../scene.ts';

/** Gives out what can be given out. */
export function deliver(scene: Scene, mail: Mail): readonly Command[] {
  if (mail.signals.length === 0 || mail.subscribers.parts.length === 0) return [];
  const taken = new Set<Subscription>();
  return mail.signals.flatMap((signal) => {
    const taker = takerOf(scene, mail, signal, taken);
    if (taker === null) return [];
    taken.add(taker);
    return [give(signal, taker)];
  });
}

function takerOf(scene: Scene, mail: Mail, signal: Signal, taken: ReadonlySet<Subscription>): Subscription | null {
  let first: Subscription | null = null;
  for (const own of valuesOf(mail.subscribers)) {
    const found = firstOf(scene, own, signal, taken);
    if (found !== null && (first === null || found.since < first.since)) first = found;
  }
  return first;
}

/** Signals that none of an actor's subscribers wants: who has waited in vain is not asked again about the same one. */
const unwanted = new WeakMap<Subscribers, Set<string>>();

function firstOf(scene: Scene, own: Subscribers, signal: Signal, taken: ReadonlySet<Subscription>): Subscription | null {
  const known = unwanted.get(own);
  if (known?.has(signal.id) === true) return null;
  const candidates = candidatesOf(own, signal, readingOf(scene));
  if (candidates.length === 0) return null;
  let wanted = false;
  for (const subscription of candidates) {
    if (!wants(scene, subscription, signal)) continue;
    if (!taken.has(subscription)) return subscription;
    wanted = true;
  }
  if (!wanted) unwanted.set(own, (known ?? new Set()).add(signal.id));
  return null;
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

function wants(scene: Scene, subscription: Subscription, signal: Signal): boolean {
  const { kind, node, events, since } = subscription;
  if (!events.includes(signal.name)) return false;
  if (kind === 'state') return signal.seq > since;
  if (signal.unfit.includes(node) || scene.plan.get(node)?.node.do.k !== 'wait') return false;
  const { matchOf, namesOf: outer, payloadOf } = readingOf(scene);
  const match = matchOf(subscription);
  if (match === undefined) return true;
  const read = outer(subscription);
  try {
    return evaluate(match, (name) => (name === 'event' ? payloadOf(signal) : read(name))) === true;
  } catch (error) {
    if (error instanceof ExprFailure) return false;
    throw error;
  }
}

function give(signal: Signal, { kind, actor, item, node, iteration }: Subscription): Command {
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
