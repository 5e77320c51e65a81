/**
 * Signals on their way to those who wait for them. The root of a run has the mail: what was received and not yet taken,
 * and who waits for what, in whichever actor. It gives each signal to one of them, and an actor that has no more use for
 * what it was given, because its wait ended meanwhile, hands it back.
 *
 * 1. A signal is received once under its id, and at any time it is either in the mail, given to one taker, or handed back.
 * 2. The mail keeps the order in which signals were received, of those handed back too.
 * 3. Subscribers are kept by actor, so that a change copies those of one actor, and a small part of the list of actors.
 */

import { noActors, valueFor, withActor, withoutActor } from '../by-actor.ts';
import { unreachable } from '../errors.ts';
import type { Event, StepEvent } from '../events.ts';
import type { Mail, MailEvent, Signal, Subscriber } from './mail-event.ts';
import type { Instant } from '../json.ts';
import { noEntries, withEntry, withoutEntry } from '../list-map.ts';
import { childId } from '../plan.ts';
import type { ActorState, StepState } from '../state.ts';
import { iterationOf } from '../scopes/visiting.ts';

/** Signals that a run may have received and nobody have taken; hosts refuse what comes beyond. */
export const MAX_SIGNALS = 10_000;

/** The latest signals whose ids are known, so that one that is sent again is not a second one. */
export const KNOWN_SIGNALS = 4_096;

export const noMail: Mail = { signals: [], known: new Set(), subscribers: noActors };

export function placeKey({ kind, node, iteration }: Omit<Subscriber, 'item'>): string {
  return `${kind}:${node}@${iteration}`;
}

/** A signal that an actor hands back leaves it by its own event, and comes to the root's mail by the one that it tells. */
export function takePost(state: ActorState, event: MailEvent & Pick<Event, 'from'>, at: Instant): ActorState {
  if (event.type === 'signal.returned' && event.from === undefined)
    return { ...state, returns: state.returns.filter(({ id }) => id !== event.signal.id) };
  if (state.kind.type !== 'root') return state;
  const mail = evolveMail(state.kind.mail, event, state.seq, at);
  return { ...state, heard: forgetStrangers(state.heard, event, mail), kind: { ...state.kind, mail } };
}

/** A chunk that is not the root's own tells it about signals only, so it is forgotten with its last subscriber. */
function forgetStrangers(heard: ActorState['heard'], event: MailEvent, { subscribers }: Mail): ActorState['heard'] {
  if (event.type !== 'signal.unawaited' && event.type !== 'signal.matched') return heard;
  const { actor } = event.subscriber;
  if (valueFor(subscribers, actor) !== undefined || actor.split('/').length <= 2) return heard;
  return withoutActor(heard, actor);
}

/** After an event that has the sequence `seq` of the root. */
function evolveMail(mail: Mail, event: MailEvent, seq: number, at: Instant): Mail {
  switch (event.type) {
    case 'signal.received': {
      if (mail.known.has(event.id)) return mail;
      const { id, name, payload, by, unfit } = event;
      return { ...mail, signals: [...mail.signals, { id, name, payload, by, unfit, seq, at }], known: remember(mail.known, id) };
    }
    case 'signal.awaited': {
      const { item, ...at } = event.subscriber;
      const own = new Map(valueFor(mail.subscribers, at.actor));
      const known = own.get(placeKey(at));
      const items = withEntry(known?.items ?? noEntries, item, { since: seq, names: event.names });
      own.set(placeKey(at), { place: known?.place ?? { ...at, events: event.events }, items });
      return { ...mail, subscribers: withActor(mail.subscribers, at.actor, own) };
    }
    case 'signal.unawaited':
      return without(mail, event.subscriber);
    case 'signal.matched':
      return { ...without(mail, event.subscriber), signals: mail.signals.filter(({ id }) => id !== event.id) };
    case 'signal.returned': {
      const after = mail.signals.findIndex((signal) => signal.seq > event.signal.seq);
      return { ...mail, signals: mail.signals.toSpliced(after === -1 ? mail.signals.length : after, 0, event.signal) };
    }
    default:
      return unreachable(event);
  }
}

function without(mail: Mail, subscriber: Subscriber): Mail {
  const { actor, item } = subscriber;
  const own = new Map(valueFor(mail.subscribers, actor));
  const known = own.get(placeKey(subscriber));
  if (known?.items.has(item) !== true) return mail;
  const items = withoutEntry(known.items, item);
  if (items.size > 0) own.set(placeKey(subscriber), { ...known, items });
  else own.delete(placeKey(subscriber));
  return { ...mail, subscribers: own.size === 0 ? withoutActor(mail.subscribers, actor) : withActor(mail.subscribers, actor, own) };
}

function remember(known: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(known).add(id);
  const [oldest] = next;
  if (next.size > KNOWN_SIGNALS && oldest !== undefined) next.delete(oldest);
  return next;
}

type Given = Extract<StepEvent, { type: 'wait.answered' | 'state.signalled' }>;

/** An actor after an answer, or a signal that the root gave it; a signal that came too late is kept to be handed back. */
export function takeGiven(state: ActorState, event: Given): ActorState {
  const item = state.open.get(event.item);
  const steps = item?.steps;
  const next = event.type === 'wait.answered' ? answered(steps, event) : signalled(steps, event);
  if (next === undefined || item === undefined) {
    const signal = signalOf(event);
    return signal === undefined ? state : { ...state, returns: [...state.returns, signal] };
  }
  return { ...state, open: withEntry(state.open, event.item, { ...item, steps: withEntry(item.steps, event.node, next) }) };
}

type Steps = ReadonlyMap<string, StepState>;

function answered(steps: Steps | undefined, event: Extract<Given, { type: 'wait.answered' }>): StepState | undefined {
  const step = steps?.get(event.node);
  if (step?.type !== 'waiting' || step.end !== null || iterationOf(steps, event.node) !== (event.iteration ?? '')) return undefined;
  const subscribed = step.subscribed && event.signal === undefined;
  return { ...step, subscribed, end: { type: 'answered', output: event.answer } };
}

function signalled(steps: Steps | undefined, event: Extract<Given, { type: 'state.signalled' }>): StepState | undefined {
  const scope = steps?.get(event.node);
  if (scope?.type !== 'entered' || scope.machine === null || scope.timedOut || scope.machine.leaving !== null) return undefined;
  if (iterationOf(steps, childId(event.node, event.state)) !== event.iteration) return undefined;
  return { ...scope, machine: { ...scope.machine, subscribed: false, leaving: event.signal.name } };
}

function signalOf(event: Event & Given): Signal | undefined {
  if (event.type === 'state.signalled') return event.signal;
  return event.signal === undefined ? undefined : { ...event.signal, payload: event.answer, by: event.by };
}
