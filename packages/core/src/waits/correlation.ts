/**
 * Finds subscribers by what their `match` compares a signal with. Most of them say `event.order == order.id`: what the one
 * side gives is known when the wait begins, and the other is the same for all of them. So a signal is not held against
 * each of a hundred thousand waits, but looked up.
 */

import type { Signal } from './mail-event.ts';
import type { Ast } from '../expr/ast.ts';
import { evaluate } from '../expr/evaluate.ts';
import { ExprFailure } from '../expr/failure.ts';
import { parse } from '../expr/parse.ts';
import type { Value } from '../expr/value.ts';
import type { Subscribers, Subscription } from './mail-event.ts';

type Names = (name: string) => Value | undefined;

/** How a subscriber is read: its `match`, if it has one, and the names that were written down for it. */
export interface Reading {
  readonly matchOf: (subscription: Subscription) => string | undefined;
  readonly namesOf: (subscription: Subscription) => Names;
  readonly payloadOf: (signal: Signal) => Value;
}

interface Index {
  /** Those of which only their whole `match` tells. */
  readonly others: readonly Subscription[];
  /** By the side that reads the signal, and there by what the other side gives. */
  readonly compared: ReadonlyMap<string, ReadonlyMap<string, readonly Subscription[]>>;
}

const indexes = new WeakMap<Subscribers, Index>();

/** The subscribers of an actor that may want the signal, the longest waiting first; no other one does. */
export function candidatesOf(own: Subscribers, signal: Signal, reading: Reading): readonly Subscription[] {
  const index = indexes.get(own) ?? indexOf(own, reading);
  indexes.set(own, index);
  const found = [...index.others];
  for (const [source, byKey] of index.compared) {
    const key = keyOfSignal(source, signal, reading);
    if (key !== null) found.push(...(byKey.get(key) ?? []));
  }
  return found.length > 1 ? found.toSorted((a, b) => a.since - b.since) : found;
}

const signalKeys = new WeakMap<Signal, Map<string, string | null>>();

/** What a signal gives is read once, however many actors it is held against. */
function keyOfSignal(source: string, signal: Signal, { payloadOf }: Reading): string | null {
  const known = signalKeys.get(signal) ?? new Map<string, string | null>();
  signalKeys.set(signal, known);
  const found = known.get(source);
  if (found !== undefined) return found;
  const key = keyOf(source, (name) => (name === 'event' ? payloadOf(signal) : undefined));
  known.set(source, key);
  return key;
}

function indexOf(own: Subscribers, { matchOf, namesOf }: Reading): Index {
  const others: Subscription[] = [];
  const compared = new Map<string, Map<string, Subscription[]>>();
  for (const subscription of own.values()) {
    const match = matchOf(subscription);
    const sides = match === undefined ? null : sidesOf(match);
    if (sides === null) {
      others.push(subscription);
      continue;
    }
    // What is no plain value is left to the `match` itself.
    const key = keyOf(sides.own, namesOf(subscription));
    if (key === null) others.push(subscription);
    else {
      const byKey = compared.get(sides.event) ?? new Map<string, Subscription[]>();
      byKey.set(key, [...(byKey.get(key) ?? []), subscription]);
      compared.set(sides.event, byKey);
    }
  }
  return { others, compared };
}

/** A text, number or truth value as a key; null for anything else, and for what cannot be evaluated. */
function keyOf(source: string, names: Names): string | null {
  try {
    const value = evaluate(source, names);
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? JSON.stringify(value) : null;
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
