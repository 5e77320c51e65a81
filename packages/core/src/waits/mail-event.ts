/** Facts about signals, and what the root of a run remembers of them. */

import type { ByActor } from '../by-actor.ts';
import type { Carried } from '../carried.ts';
import type { Instant } from '../json.ts';

/** An event from outside, addressed to a run by its name. */
export interface Signal {
  readonly id: string;
  readonly name: string;
  readonly payload: Carried;
  readonly by: string;
  /** Steps that wait for an event of this name, and whose contract the payload breaks. */
  readonly unfit: readonly string[];
  /** Its place in the root's sequence. */
  readonly seq: number;
  readonly at: Instant;
}

/** Who takes a signal: a step that waits, or a state that it leads out of. */
export interface Subscriber {
  readonly kind: 'wait' | 'state';
  readonly actor: string;
  readonly item: number;
  readonly node: string;
  /** See {@link iterationOf}. */
  readonly iteration: string;
}

/** What the root of a run knows of signals, and what it is told about them. */
export type MailEvent =
  | {
      readonly type: 'signal.received';
      readonly id: string;
      readonly name: string;
      readonly payload: Carried;
      readonly by: string;
      readonly unfit: readonly string[];
    }
  | {
      readonly type: 'signal.awaited';
      readonly subscriber: Subscriber;
      readonly events: readonly string[];
      /** What the `match` of a wait reads beside the signal, as it was when the wait began. */
      readonly names: { readonly [name: string]: Carried };
    }
  | { readonly type: 'signal.unawaited'; readonly subscriber: Subscriber }
  /** The signal was given to the subscriber. */
  | { readonly type: 'signal.matched'; readonly id: string; readonly subscriber: Subscriber }
  /** It came there too late, and is to be given to somebody else. Both actors record it. */
  | { readonly type: 'signal.returned'; readonly signal: Signal };

export interface Mail {
  /** By `seq`. */
  readonly signals: readonly Signal[];
  /** Ids of the latest {@link KNOWN_SIGNALS}, taken or not. */
  readonly known: ReadonlySet<string>;
  /** By actor, and there by the place where its items wait: {@link placeKey}. */
  readonly subscribers: ByActor<Subscribers>;
}

export type Subscribers = ReadonlyMap<string, Subscription>;

/** The items of an actor that wait at one place. There may be a hundred thousand in a run: each is a number and a {@link Waiter}. */
export interface Subscription {
  readonly place: WaitingPlace;
  readonly items: ReadonlyMap<number, Waiter>;
}

export type WaitingPlace = Omit<Subscriber, 'item'> & { readonly events: readonly string[] };

export interface Waiter {
  /** Sequence of the root when it heard of the subscriber. */
  readonly since: number;
  readonly names: { readonly [name: string]: Carried };
}
