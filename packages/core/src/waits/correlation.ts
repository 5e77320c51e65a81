/**
 * Finds who may want a signal. Most of those who wait say `event.order == order.id`: what the one side gives is known when
 * the wait begins, and the other is the same for all of them. So a signal is not held against each of a hundred thousand
 * waits, but looked up by its name and by what it gives.
 *
 * 1. What is found here follows from the subscribers alone. A lookup is brought from the subscribers that it was last
 *    asked about to those of now by the parts that differ: that costs what changed, not what there is.
 * 2. Those of one list come in the order in which they began to wait.
 */

import type { ByActor } from '../by-actor.ts';
import type { Ast } from '../expr/ast.ts';
import { evaluate } from '../expr/evaluate.ts';
import { ExprFailure } from '../expr/failure.ts';
import { parse } from '../expr/parse.ts';
import type { Value } from '../expr/value.ts';
import type { Signal, Subscribers, WaitingPlace, Waiter } from './mail-event.ts';
import type { Plan } from '../plan.ts';

type Names = (name: string) => Value | undefined;

/** How a subscriber is read: its `match`, if it has one, and the names that were written down for it. */
export interface Reading {
  readonly matchOf: (place: WaitingPlace) => string | undefined;
  readonly namesOf: (waiter: Waiter) => Names;
  readonly payloadOf: (signal: Signal) => Value;
}

/** Somebody who may want a signal. */
export interface Candidate {
  readonly place: WaitingPlace;
  readonly item: number;
  readonly waiter: Waiter;
}

export interface Lookup {
  /** Lists of all that may want it, each the longest waiting first; no other one does. */
  readonly candidates: (signal: Signal, reading: Reading) => Iterable<Iterable<Candidate>>;
  /** Whether somebody waits for one of its name who did not when it was last unwanted. */
  readonly isNew: (signal: Signal) => boolean;
  readonly noteUnwanted: (signal: Signal) => void;
}

/** The latest lookup of a run, by its options: they are the same object as long as its state is folded on. */
const lookups = new WeakMap<object, Known>();

interface Known extends Lookup {
  readonly plan: Plan;
  /** False where it must be made anew. */
  readonly move: (to: ByActor<Subscribers>, reading: Reading) => boolean;
}

export function lookupFor(run: object, plan: Plan, subscribers: ByActor<Subscribers>, reading: Reading): Lookup {
  const known = lookups.get(run);
  if (known?.plan === plan && known.move(subscribers, reading)) return known;
  const made = createLookup(plan);
  made.move(subscribers, reading);
  lookups.set(run, made);
  return made;
}

type List = Map<Waiter, Candidate>;

/** A plain value as it is: a text of it would be kept for each who waits. */
type Key = string | number | boolean;

/** By what they wait for, which is something else for each as a rule: only where it is not, they are a list. */
type Buckets = Map<Key, Candidate | List>;

/** Those who wait for events of one name. */
interface Named {
  /** Of whom only their whole `match` tells, if they have one. */
  readonly others: List;
  /** By the side that reads the signal, and there by what the other side gives. */
  readonly compared: Map<string, Buckets>;
  /** How many have come so far. */
  added: number;
}

/** Signals that nobody wanted are remembered so far; beyond, they are looked at again. */
const MAX_UNWANTED = 20_000;

function createLookup(plan: Plan): Known {
  const byName = new Map<string, Named>();
  const unwanted = new Map<string, number>();
  let latest = -1;
  let seen: ByActor<Subscribers> = { parts: [] };

  function add(candidate: Candidate, reading: Reading): void {
    latest = Math.max(latest, candidate.waiter.since);
    for (const event of candidate.place.events) {
      const named = byName.get(event) ?? { others: new Map(), compared: new Map(), added: 0 };
      byName.set(event, named);
      named.added += 1;
      const spot = spotOf(candidate, reading);
      if (spot === null) named.others.set(candidate.waiter, candidate);
      else {
        const buckets: Buckets = named.compared.get(spot.source) ?? new Map();
        named.compared.set(spot.source, buckets);
        put(buckets, spot.key, candidate);
      }
    }
  }

  function remove(candidate: Candidate, reading: Reading): void {
    for (const event of candidate.place.events) {
      const named = byName.get(event);
      const spot = spotOf(candidate, reading);
      if (spot === null) {
        named?.others.delete(candidate.waiter);
        continue;
      }
      const buckets = named?.compared.get(spot.source);
      const bucket = buckets?.get(spot.key);
      if (bucket instanceof Map) bucket.delete(candidate.waiter);
      if (!(bucket instanceof Map) || bucket.size === 0) buckets?.delete(spot.key);
    }
  }

  return {
    plan,
    move: (to, reading) => {
      const { gone, come } = differenceOf(seen, to);
      come.sort((a, b) => a.waiter.since - b.waiter.since);
      const [first] = come;
      // They come in order, unless the state is not one that followed the last.
      if (first !== undefined && first.waiter.since <= latest) return false;
      for (const candidate of gone) remove(candidate, reading);
      for (const candidate of come) add(candidate, reading);
      seen = to;
      return true;
    },
    candidates: function* (signal, reading) {
      const named = byName.get(signal.name);
      if (named === undefined) return;
      yield named.others.values();
      for (const [source, buckets] of named.compared) {
        const key = keyOf(source, (name) => (name === 'event' ? reading.payloadOf(signal) : undefined));
        const bucket = key === null ? undefined : buckets.get(key);
        if (bucket !== undefined) yield bucket instanceof Map ? bucket.values() : [bucket];
      }
    },
    isNew: ({ id, name }) => unwanted.get(id) !== (byName.get(name)?.added ?? 0),
    noteUnwanted: ({ id, name }) => {
      if (unwanted.size >= MAX_UNWANTED) unwanted.clear();
      unwanted.set(id, byName.get(name)?.added ?? 0);
    },
  };
}

function put(buckets: Buckets, key: Key, candidate: Candidate): void {
  const known = buckets.get(key);
  if (known === undefined) buckets.set(key, candidate);
  else if (known instanceof Map) known.set(candidate.waiter, candidate);
  else
    buckets.set(
      key,
      new Map([
        [known.waiter, known],
        [candidate.waiter, candidate],
      ]),
    );
}

/** Who is not there any more, and who is new. What is the same object in both is not looked into. */
function differenceOf(
  from: ByActor<Subscribers>,
  to: ByActor<Subscribers>,
): { readonly gone: readonly Candidate[]; readonly come: Candidate[] } {
  const gone: Candidate[] = [];
  const come: Candidate[] = [];
  for (let part = 0; part < Math.max(from.parts.length, to.parts.length); part += 1) {
    forChanged(from.parts[part], to.parts[part], (before, after) =>
      forChanged(before, after, (was, is) =>
        forChanged(was?.items, is?.items, (left, joined, item) => {
          if (left !== undefined && was !== undefined) gone.push({ place: was.place, item, waiter: left });
          if (joined !== undefined && is !== undefined) come.push({ place: is.place, item, waiter: joined });
        }),
      ),
    );
  }
  return { gone, come };
}

function forChanged<K, V>(
  from: ReadonlyMap<K, V> | undefined,
  to: ReadonlyMap<K, V> | undefined,
  each: (before: V | undefined, after: V | undefined, key: K) => void,
): void {
  if (from === to) return;
  for (const [key, before] of from ?? []) {
    const after = to?.get(key);
    if (after !== before) each(before, after, key);
  }
  for (const [key, after] of to ?? []) if (from?.has(key) !== true) each(undefined, after, key);
}

/** Where a subscriber is looked for; null where it must be held against every signal of its name. */
function spotOf({ place, waiter }: Candidate, { matchOf, namesOf }: Reading): { readonly source: string; readonly key: Key } | null {
  const match = matchOf(place);
  const sides = match === undefined ? null : sidesOf(match);
  if (sides === null) return null;
  // What is no plain value is left to the `match` itself.
  const key = keyOf(sides.own, namesOf(waiter));
  return key === null ? null : { source: sides.event, key };
}

/** A text, number or truth value; null for anything else, and for what cannot be evaluated. */
function keyOf(source: string, names: Names): Key | null {
  try {
    const value = evaluate(source, names);
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
  } catch (error) {
    if (error instanceof ExprFailure) return null;
    throw error;
  }
}

interface Sides {
  readonly event: string;
  readonly own: string;
}

const parted = new Map<string, Sides | null>();

/** Definitions hold few different matches; beyond this many they are parted anew. */
const MAX_PARTED = 1_024;

/** The sides of `event.x == y`; null for a `match` of another form. */
function sidesOf(match: string): Sides | null {
  const known = parted.get(match);
  if (known !== undefined) return known;
  const ast = parse(match);
  const of = (side: Ast): string => match.slice(side.from, side.to);
  let sides: Sides | null = null;
  if (ast.k === 'binary' && ast.op === '==') {
    const [left, right] = [rootOf(ast.left), rootOf(ast.right)];
    if (left === 'event' && right !== null && right !== 'event') sides = { event: of(ast.left), own: of(ast.right) };
    if (right === 'event' && left !== null && left !== 'event') sides = { event: of(ast.right), own: of(ast.left) };
  }
  if (parted.size >= MAX_PARTED) parted.clear();
  parted.set(match, sides);
  return sides;
}

/** The name at the root of a path such as `a.b?.c`, or the empty text for a literal; null for anything that computes. */
function rootOf(ast: Ast): string | null {
  switch (ast.k) {
    case 'name':
      return ast.name;
    case 'literal':
      return '';
    case 'field':
    case 'chain':
      return rootOf(ast.of);
    default:
      return null;
  }
}
