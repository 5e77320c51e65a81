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
  | { readonly k: 'and'; readonly steps: readonly StepPlan[]; readonly until: Guard | null; readonly out: Sum }
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
  /** Only of a state: where the signal that has its name leads. */
  readonly leaves: string | null;
  /** Only of what waits, and of scopes. */
  readonly timeoutMs: number | null;
}

export type BodyPlan =
  | {
      readonly k: 'call';
      readonly add: Sum;
      /** Its compensation, where it has one, and whether that fails. */ readonly undo: 'works' | 'fails' | null;
    }
  | { readonly k: 'value'; readonly value: Sum }
  | { readonly k: 'pause'; readonly ms: number }
  /** Waits for a number: a signal for this very visit of this very item, or an answer. */
  | { readonly k: 'await'; readonly ask: boolean }
  /** Waits for what never comes. */
  | { readonly k: 'forever' }
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
  /** How many are enough, and how many failures too many. */
  readonly until: { readonly ok: number; readonly failed: number } | null;
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
  /** Whether things from outside, the clock, and what is enough decide, too. */
  readonly eventful: boolean;
}

/** Calls of which the names begin so always fail. */
export const FAILING = 'x';

const MAX_DEPTH = 3;
const MINUTE_MS = 60_000;

/** Everything happens by itself: the order alone is open. */
export const plans: fc.Arbitrary<Plan> = fc.array(fc.nat(999), { maxLength: 200, size: 'max' }).map((rolls) => planOf(rolls, false));

/** With signals, answers, timeouts, enough, and compensations that fail. */
export const eventfulPlans: fc.Arbitrary<Plan> = fc
  .array(fc.nat(999), { minLength: 20, maxLength: 150, size: 'max' })
  .map((rolls) => planOf(rolls, true));

function planOf(rolls: readonly number[], eventful: boolean): Plan {
  let at = 0;
  let names = 0;
  const dice: Dice = (sides) => (rolls[at++] ?? 0) % sides;
  const maker: Maker = { dice, fresh: (letter) => `${letter}${(names += 1)}`, eventful };
  const mode = (['flexible', 'strict', 'best_effort'] as const)[dice(3)] ?? 'flexible';
  return { mode, body: scopeOf(maker, [], 0) };
}

/** Whether something may keep a compensation that failed from being how the run ends. */
export function catchesBroken(scope: ScopePlan): boolean {
  return (scope.k === 'and' ? scope.steps : scope.states).some(
    ({ each, body, catch: entries }) =>
      each !== null ||
      entries.some(({ errors }) => errors.includes('compensation_failed')) ||
      ((body.k === 'and' || body.k === 'or') && catchesBroken(body)),
  );
}

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
  if (maker.eventful && maker.dice(4) === 3) steps.push(failingStep(maker, steps));
  const until = maker.eventful && maker.dice(3) > 0 ? guardOf(maker, steps.map(nameOf), false) : null;
  return { k: 'and', steps, until, out: sumOf(maker, steps.map(nameOf), true) };
}

/** Fails when all before it is done, so that there is something to undo. */
function failingStep({ fresh }: Maker, before: readonly StepPlan[]): StepPlan {
  const nothing = { guard: null, each: null, retry: [], catch: [], max: null, next: null, leaves: null, timeoutMs: null };
  const add: Sum = { of: [], plus: 0 };
  return { ...nothing, name: fresh(FAILING), needs: before.map(({ name }) => name), body: { k: 'call', add, undo: null } };
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
    const isLast = index === count - 1;
    const leaves = !isLast && maker.eventful && maker.dice(2) === 0 ? last : null;
    const made = stepOf(maker, [...visible, ...heads], depth, head);
    const isStuck = leaves !== null && made.each === null && maker.dice(3) === 0;
    const step: StepPlan = isStuck ? { ...made, body: { k: 'forever' }, retry: [], timeoutMs: null } : made;
    const out: CatchPlan = { errors: [], then: { k: 'to', to: last } };
    // What takes `loop.exceeded` must leave the loop.
    const kept = targets.has(head.name) ? step.catch.filter(({ errors }) => !takesAll(errors)) : step.catch;
    return {
      ...step,
      catch: isLast || maker.dice(2) === 0 ? kept : [...kept, out],
      max: targets.has(head.name) ? 1 + maker.dice(3) : null,
      leaves,
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
    retry: body.k === 'call' ? retryOf(maker) : [],
    catch: Array.from({ length: dice(3) }, () => catchOf(maker, visible)),
    max: null,
    next: null,
    leaves: null,
    timeoutMs: maker.eventful && body.k !== 'call' && body.k !== 'value' ? timeoutOf(dice) : null,
  };
}

function bodyOf(maker: Maker, visible: readonly Name[], depth: number): BodyPlan {
  const { dice } = maker;
  switch (depth >= MAX_DEPTH ? dice(5) : dice(8)) {
    case 4:
      if (!maker.eventful) return { k: 'pause', ms: 60 * MINUTE_MS };
      return maker.dice(3) === 2 ? { k: 'pause', ms: 60 * MINUTE_MS } : { k: 'await', ask: maker.dice(2) === 1 };
    case 3:
      return { k: 'value', value: sumOf(maker, visible, false) };
    case 5:
    case 6:
      return scopeOf(maker, visible, depth + 1);
    default:
      return {
        k: 'call',
        add: sumOf(maker, visible, false),
        undo: undoOf(maker),
      };
  }
}

function undoOf({ dice, eventful }: Maker): 'works' | 'fails' | null {
  if (!eventful) return dice(3) === 2 ? 'works' : null;
  return ([null, 'works', 'works', 'fails'] as const)[dice(4)] ?? null;
}

/** Some have more items than one chunk holds. */
function eachOf({ dice, fresh, eventful }: Maker, depth: number): EachPlan {
  const isLarge = !eventful && depth === 0 && dice(12) === 11;
  const count = isLarge ? CHUNK_SIZE + 1 + dice(9) : eventful ? 1 + dice(4) : dice(5);
  return {
    as: fresh('i'),
    items: Array.from({ length: count }, (_, index) => index + 1),
    keyed: dice(2) === 1,
    workers: 1 + dice(3),
    batch: dice(4) === 3 ? 2 : 1,
    tolerate: ([0, 1, 2, '50%'] as const)[dice(4)] ?? 0,
    until: eventful && dice(3) > 0 ? { ok: 1 + dice(3), failed: dice(2) } : null,
  };
}

/** Shorter and longer than a pause. */
function timeoutOf(dice: Dice): number | null {
  const minutes = ([null, 30, 90] as const)[dice(3)] ?? null;
  return minutes === null ? null : minutes * MINUTE_MS;
}

/** Where there are two, the one of which the other must not be used covers everything. */
function retryOf(maker: Maker): StepPlan['retry'] {
  const count = maker.dice(3);
  const first = { errors: errorsOf(maker), max: 1 + maker.dice(2) };
  return [first, { errors: ['*'], max: 3 - first.max }].slice(0, count);
}

/** Without codes an entry of `retry` covers what can pass by itself, one of `catch` everything. */
function errorsOf({ dice, eventful }: Maker): readonly string[] {
  const lists: readonly (readonly string[])[] = [[], ['e1'], ['e1', 'e2'], ['contract.*'], ['each.failed', 'loop.exceeded'], ['*']];
  const eventfulLists = [...lists, ['timeout'], ['compensation_failed', 'e1']];
  return (eventful ? eventfulLists : lists)[dice(eventful ? eventfulLists.length : lists.length)] ?? [];
}

function takesAll(errors: readonly string[]): boolean {
  return errors.length === 0 || errors.includes('*') || errors.includes('loop.exceeded');
}

function catchOf(maker: Maker, visible: readonly Name[]): CatchPlan {
  const errors = errorsOf(maker);
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
