/**
 * Two runs over the same items, side by side: what agents were given for each item, what it cost and how long models took
 * for it. What one run took over from the other counts in both, as if it had been done in each.
 */

import { ROOT } from '@scriptorium/core';
import type { Flow, Ms, Recorded } from '@scriptorium/core';
import type { TurnFacts } from '../agent/conversation.ts';
import { attemptsOf, placeOf } from './attempts.ts';
import { pair } from './pairing.ts';
import { madeHere, takenFrom, turnsAt, turnsByPlace } from './taken-over.ts';
import type { Taken, Turns } from './taken-over.ts';
import type { Pairing } from './pairing.ts';
import { scoresOf } from './scores.ts';

/** One of the runs, with all runs that worked for its steps. */
export interface CohortRun {
  readonly run: string;
  /** Of all of them. */
  readonly events: readonly Recorded[];
  /** The definition of each, by its run. */
  readonly flows: ReadonlyMap<string, Flow>;
  /** Keys of the items of each outermost `each`, by its step and in their order. */
  readonly keys: ReadonlyMap<string, readonly string[]>;
}

export interface ItemFigures {
  /** The mean of its scores; null without any. */
  readonly score: number | null;
  readonly scores: { readonly [name: string]: number };
  readonly usd: number;
  readonly tokens: number;
  /** Time of the calls of models. */
  readonly ms: Ms;
  readonly calls: number;
}

export interface CohortItem {
  /** The outermost `each` that it is an item of; null for what no item did. */
  readonly step: string | null;
  readonly key: string | null;
  readonly a: ItemFigures | null;
  readonly b: ItemFigures | null;
}

export interface Cohort {
  readonly items: readonly CohortItem[];
  /** Of items that both have; `score` is the mean of an item's scores. More is better. */
  readonly score: Pairing | null;
  readonly scores: { readonly [name: string]: Pairing };
  /** Less is better. */
  readonly usd: Pairing;
  readonly ms: Pairing;
  /** Attempts that each made itself, and results that it took over. */
  readonly work: { readonly a: CohortWork; readonly b: CohortWork };
}

export interface CohortWork {
  readonly attempts: number;
  readonly reused: number;
  readonly usd: number;
}

/** `earlier` are events of other runs that one of the two took results over from. */
export function compareCohort(a: CohortRun, b: CohortRun, earlier: readonly Recorded[] = []): Cohort {
  const all = [...earlier, ...a.events, ...b.events];
  const done = turnsByPlace(attemptsOf(all));
  const taken = takenFrom(all);
  const sides = [a, b].map((side) => itemsOf(side, all, done, taken));
  const [left = new Map<string, Item>(), right = new Map<string, Item>()] = sides;
  const items = [...new Set([...left.keys(), ...right.keys()])].map((id): CohortItem => {
    const [one, two] = [left.get(id), right.get(id)];
    const { step, key } = one ?? two ?? { step: null, key: null };
    return { step, key, a: one === undefined ? null : figuresOf(one), b: two === undefined ? null : figuresOf(two) };
  });
  const both = items.flatMap((item) => (item.a === null || item.b === null ? [] : [[item.a, item.b] as const]));
  const pairsOf = (value: (one: ItemFigures) => number | null | undefined): readonly (readonly [number, number])[] =>
    both.flatMap(([one, two]) => {
      const [left, right] = [value(one) ?? null, value(two) ?? null];
      return left === null || right === null ? [] : [[left, right] as const];
    });
  const names = new Set(both.flatMap(([one, two]) => [...Object.keys(one.scores), ...Object.keys(two.scores)]));
  const whole = pairsOf(({ score }) => score);
  const working = both.filter(([one, two]) => one.calls + two.calls > 0);
  return {
    items,
    score: whole.length === 0 ? null : pair(whole, 'more'),
    scores: Object.fromEntries(
      [...names].map((name) => [
        name,
        pair(
          pairsOf(({ scores }) => scores[name]),
          'more',
        ),
      ]),
    ),
    usd: pair(
      working.map(([one, two]) => [one.usd, two.usd]),
      'less',
    ),
    ms: pair(
      working.map(([one, two]) => [one.ms, two.ms]),
      'less',
    ),
    work: { a: workOf(a), b: workOf(b) },
  };
}

interface Item {
  readonly step: string | null;
  readonly key: string | null;
  readonly turns: TurnFacts[];
  /** The latest of each name and step. */
  readonly scores: Map<string, { readonly name: string; readonly value: number }>;
}

function itemsOf(side: CohortRun, all: readonly Recorded[], done: Turns, taken: Taken): ReadonlyMap<string, Item> {
  const items = new Map<string, Item>();
  const itemAt = itemFinder(side);
  const own = new Set(side.events.map(({ run }) => run));
  const at = (run: string, actor: string, item: number): Item => {
    const found = itemAt(run, actor, item);
    const id = JSON.stringify([found.step, found.key]);
    const known = items.get(id) ?? { ...found, turns: [], scores: new Map() };
    items.set(id, known);
    return known;
  };
  const counted = new Set<string>();
  for (const { run, actor, event } of side.events) {
    if (event.type !== 'attempt.started' && event.type !== 'attempt.reused') continue;
    const { item, node } = event;
    const place = placeOf({ run, actor, item, node });
    if (counted.has(place)) continue;
    counted.add(place);
    at(run, actor, item).turns.push(...turnsAt(place, done, taken));
  }
  for (const { run, actor, item, node, name, value } of scoresOf(all, side.flows))
    if (own.has(run)) at(run, actor, item).scores.set(JSON.stringify([node, name]), { name, value });
  return items;
}

/** The outermost item that something happened in; what runs of steps do belongs to the item whose step it is. */
function itemFinder({ run: root, events, keys }: CohortRun): (run: string, actor: string, item: number) => Pick<Item, 'step' | 'key'> {
  const offsets = new Map<string, { readonly node: string; readonly offset: number }>();
  const callers = new Map<string, { readonly run: string; readonly actor: string; readonly item: number }>();
  for (const { run, actor, event } of events) {
    if (event.type === 'chunk.started' && event.parent.actor === ROOT) offsets.set(`${run} ${actor}`, event);
    if (event.type === 'attempt.started' && event.child !== undefined) callers.set(event.child, { run, actor, item: event.item });
  }
  const find = (run: string, actor: string, item: number): Pick<Item, 'step' | 'key'> => {
    if (run !== root) {
      const caller = callers.get(run);
      return caller === undefined ? { step: null, key: null } : find(caller.run, caller.actor, caller.item);
    }
    const [chunk, number] = outermostOf(actor, item);
    const known = chunk === null ? undefined : offsets.get(`${run} ${chunk}`);
    if (known === undefined) return { step: null, key: null };
    return { step: known.node, key: keys.get(known.node)?.[known.offset + number] ?? String(known.offset + number) };
  };
  return find;
}

/** `root/0:books:3/5:notes:0` is within item 5 of `root/0:books:3`. */
function outermostOf(actor: string, item: number): readonly [chunk: string | null, item: number] {
  const [first = ROOT, second, third] = actor.split('/');
  if (second === undefined) return [null, item];
  return [`${first}/${second}`, third === undefined ? item : Number(third.slice(0, third.indexOf(':')))];
}

function figuresOf({ turns, scores }: Item): ItemFigures {
  const values = [...scores.values()];
  const byName = Map.groupBy(values, ({ name }) => name);
  const mean = (some: readonly { readonly value: number }[]): number => some.reduce((sum, { value }) => sum + value, 0) / some.length;
  return {
    score: values.length === 0 ? null : mean(values),
    scores: Object.fromEntries([...byName].map(([name, some]) => [name, mean(some)])),
    usd: turns.reduce((sum, { usd }) => sum + (usd ?? 0), 0),
    tokens: turns.reduce((sum, { usage }) => sum + usage.input + usage.output, 0),
    ms: turns.reduce((sum, { ms }) => sum + ms, 0),
    calls: turns.length,
  };
}

function workOf({ events }: CohortRun): CohortWork {
  const isOwn = madeHere(events);
  const own = events.filter(isOwn);
  const turns = attemptsOf(own).flatMap((attempt) => attempt.turns);
  return {
    attempts: own.filter(({ event }) => event.type === 'attempt.started').length,
    reused: own.filter(({ event }) => event.type === 'attempt.reused').length,
    usd: turns.reduce((sum, { usd }) => sum + (usd ?? 0), 0),
  };
}
