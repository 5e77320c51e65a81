/**
 * Random flows for the oracle, as plans: small enough to be interpreted by a page of code, rich enough to nest every
 * construct in every other. All data are numbers, so that a wrong value anywhere changes the output of the whole.
 */

import { CHUNK_SIZE } from '@scriptorium/core';
import fc from 'fast-check';

export interface Plan {
  readonly mode: 'strict' | 'flexible' | 'best_effort';
  readonly body: ScopePlan;
}

export type ScopePlan =
  | { readonly k: 'and'; readonly steps: readonly StepPlan[]; readonly out: Sum }
  | { readonly k: 'or'; readonly states: readonly StepPlan[]; readonly out: Sum | null };

/** A sum of what steps gave and a constant. */
export interface Sum {
  readonly of: readonly Name[];
  readonly plus: number;
}

/** What an `each` gave counts as the sum of what went well, and a hundred for each failure. */
export interface Name {
  readonly name: string;
  readonly isEach: boolean;
}

export interface StepPlan {
  readonly name: string;
  readonly needs: readonly string[];
  readonly guard: Guard | null;
  readonly each: EachPlan | null;
  readonly body: BodyPlan;
  readonly retry: readonly { readonly errors: readonly string[]; readonly max: number }[];
  readonly catch: readonly CatchPlan[];
  /** Only of a state. */
  readonly max: number | null;
  readonly next: readonly { readonly guard: Guard | null; readonly to: string }[] | null;
}

export type BodyPlan =
  | { readonly k: 'call'; readonly add: Sum; /** Whether it has a compensation. */ readonly undo: boolean }
  | { readonly k: 'value'; readonly value: Sum }
  | { readonly k: 'pause' }
  | ScopePlan;

/** Whether a sum leaves `is` when divided by `by`; with `visits`, how often the state was entered is added to it. */
export interface Guard {
  readonly sum: Sum;
  readonly visits: boolean;
  readonly by: number;
  readonly is: number;
}

export interface EachPlan {
  readonly as: string;
  readonly items: readonly number[];
  readonly keyed: boolean;
  readonly workers: number;
  readonly batch: number;
  readonly tolerate: number | '50%';
}

export interface CatchPlan {
  readonly errors: readonly string[];
  readonly then:
    | { readonly k: 'to'; readonly to: string }
    | { readonly k: 'call'; readonly name: string }
    | { readonly k: 'value'; readonly value: Sum };
}

/** What calls may fail with. */
export const codes: readonly string[] = ['e1', 'e2', 'io', 'contract.output'];

/** Numbers from a list, then zeros: the shorter and the smaller the list, the simpler the plan. */
type Dice = (sides: number) => number;

interface Maker {
  readonly dice: Dice;
  readonly fresh: (letter: string) => string;
}

const MAX_DEPTH = 3;

export const plans: fc.Arbitrary<Plan> = fc.array(fc.nat(999), { maxLength: 200, size: 'max' }).map((rolls) => {
  let at = 0;
  let names = 0;
  const dice: Dice = (sides) => (rolls[at++] ?? 0) % sides;
  const maker: Maker = { dice, fresh: (letter) => `${letter}${(names += 1)}` };
  const mode = (['flexible', 'strict', 'best_effort'] as const)[dice(3)] ?? 'flexible';
  return { mode, body: scopeOf(maker, [], 0) };
});

function scopeOf(maker: Maker, visible: readonly Name[], depth: number): ScopePlan {
  return maker.dice(3) === 2 ? orOf(maker, visible, depth) : andOf(maker, visible, depth);
}

function andOf(maker: Maker, visible: readonly Name[], depth: number): ScopePlan {
  const steps: StepPlan[] = [];
  const count = 1 + maker.dice(4 - depth);
  for (let index = 0; index < count; index += 1) {
    const siblings = steps.map(nameOf);
    const needs = maker.dice(4) === 3 ? siblings.slice(-1).map(({ name }) => name) : [];
    steps.push({ ...stepOf(maker, [...visible, ...siblings], depth), needs });
  }
  return { k: 'and', steps, out: sumOf(maker, steps.map(nameOf), true) };
}

/** Every state leads to the one after it; some also lead back, to states that have a `max`. */
function orOf(maker: Maker, visible: readonly Name[], depth: number): ScopePlan {
  const count = 2 + maker.dice(3);
  const heads = Array.from({ length: count }, () => ({ name: maker.fresh('s'), isEach: maker.dice(5) === 4 }));
  const last = heads.at(-1)?.name ?? '';
  const targets = new Set<string>();
  const backs = heads.map((_, index) => {
    if (index === 0 || index === count - 1 || maker.dice(2) === 0) return null;
    const to = heads[maker.dice(index + 1)]?.name ?? '';
    targets.add(to);
    return { guard: guardOf(maker, [...visible, ...heads], true), to };
  });
  const states = heads.map((head, index): StepPlan => {
    const step = stepOf(maker, [...visible, ...heads], depth, head);
    const isLast = index === count - 1;
    const out: CatchPlan = { errors: [], then: { k: 'to', to: last } };
    // What takes `loop.exceeded` must leave the loop.
    const kept = targets.has(head.name) ? step.catch.filter(({ errors }) => !takesAll(errors)) : step.catch;
    return {
      ...step,
      catch: isLast || maker.dice(2) === 0 ? kept : [...kept, out],
      max: targets.has(head.name) ? 1 + maker.dice(3) : null,
      next: isLast ? null : [...(backs[index] === null ? [] : [backs[index]!]), { guard: null, to: heads[index + 1]?.name ?? '' }],
    };
  });
  const isPlain = heads.at(-1)?.isEach === false;
  return { k: 'or', states, out: isPlain && maker.dice(2) === 0 ? null : sumOf(maker, heads, true) };
}

function stepOf(maker: Maker, visible: readonly Name[], depth: number, head?: Name): StepPlan {
  const { dice, fresh } = maker;
  const name = head?.name ?? fresh('s');
  const isEach = head?.isEach ?? dice(4) === 3;
  const guard = dice(5) === 4 ? guardOf(maker, visible, false) : null;
  const body = bodyOf(maker, visible, depth);
  return {
    name,
    needs: [],
    guard,
    each: isEach ? eachOf(maker, depth) : null,
    body,
    retry: body.k === 'call' ? retryOf(dice) : [],
    catch: Array.from({ length: dice(3) }, () => catchOf(maker, visible)),
    max: null,
    next: null,
  };
}

function bodyOf(maker: Maker, visible: readonly Name[], depth: number): BodyPlan {
  const { dice } = maker;
  switch (depth >= MAX_DEPTH ? dice(5) : dice(8)) {
    case 4:
      return { k: 'pause' };
    case 3:
      return { k: 'value', value: sumOf(maker, visible, false) };
    case 5:
    case 6:
      return scopeOf(maker, visible, depth + 1);
    default:
      return { k: 'call', add: sumOf(maker, visible, false), undo: dice(3) === 2 };
  }
}

/** Some have more items than one chunk holds. */
function eachOf({ dice, fresh }: Maker, depth: number): EachPlan {
  const count = depth === 0 && dice(12) === 11 ? CHUNK_SIZE + 1 + dice(9) : dice(5);
  return {
    as: fresh('i'),
    items: Array.from({ length: count }, (_, index) => index + 1),
    keyed: dice(2) === 1,
    workers: 1 + dice(3),
    batch: dice(4) === 3 ? 2 : 1,
    tolerate: ([0, 1, 2, '50%'] as const)[dice(4)] ?? 0,
  };
}

function retryOf(dice: Dice): StepPlan['retry'] {
  return Array.from({ length: dice(3) }, () => ({ errors: errorsOf(dice), max: 1 + dice(2) }));
}

/** Without codes an entry of `retry` covers what can pass by itself, one of `catch` everything. */
function errorsOf(dice: Dice): readonly string[] {
  const lists: readonly (readonly string[])[] = [[], ['e1'], ['e1', 'e2'], ['contract.*'], ['each.failed', 'loop.exceeded'], ['*']];
  return lists[dice(lists.length)] ?? [];
}

function takesAll(errors: readonly string[]): boolean {
  return errors.length === 0 || errors.includes('*') || errors.includes('loop.exceeded');
}

function catchOf(maker: Maker, visible: readonly Name[]): CatchPlan {
  const errors = errorsOf(maker.dice);
  const then: CatchPlan['then'] =
    maker.dice(2) === 0 ? { k: 'value', value: sumOf(maker, visible, false) } : { k: 'call', name: maker.fresh('c') };
  return { errors, then };
}

function guardOf(maker: Maker, visible: readonly Name[], visits: boolean): Guard {
  const by = 2 + maker.dice(2);
  return { sum: sumOf(maker, visible, false), visits, by, is: maker.dice(by) };
}

function sumOf({ dice }: Maker, visible: readonly Name[], all: boolean): Sum {
  const of = visible.filter(() => all || dice(3) === 2);
  return { of, plus: dice(5) };
}

function nameOf({ name, each }: StepPlan): Name {
  return { name, isEach: each !== null };
}
