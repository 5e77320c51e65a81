/**
 * What a flow gives, by the page that defines the language and not by the code that runs it: one recursive walk, without
 * events, times, attempts in flight or anything that could be interrupted.
 *
 * Where the page leaves open what happens first, as when two steps fail beside each other, there are several worlds, and
 * all of them are told of. Where no scope fails there is one.
 */

import { dependsOn, groupsOf, holds, takesWork, total } from './data.ts';
import type { Value } from './data.ts';
import { brokenIn, catches, covers, isBroken, tolerated } from './failures.ts';
import { choicesOf, distinct, distinctBy, withoutTarget } from './worlds.ts';
import type { Result, Success, World } from './worlds.ts';
import type { BodyPlan, EachPlan, Guard, Plan, ScopePlan, StepPlan, Sum } from './plan.ts';

/** What a call gives that has failed so often in this visit: a number, or a code. */
export type Script = (call: string, at: readonly unknown[], visit: number, failures: number) => number | string;

export interface Prediction {
  readonly worlds: readonly World[];
  /** Every result that a call may give, by {@link callName}, with how often at most; exactly so often where nothing is cut short. */
  readonly calls: ReadonlyMap<string, number>;
  /** No scope fails, so nothing is cut short. */
  readonly isCalm: boolean;
  /** What may be waited for, as the text that signals and answers are addressed by. */
  readonly spots: readonly Spot[];
}

export interface Spot {
  readonly call: string;
  readonly text: string;
  readonly value: number;
}

/** More steps than these are not walked through, and more ways to end not enumerated. */
const MAX_STEPS = 4_000;
const MAX_WORLDS = 200;

/** Null where there are too many ways to end. */
export function predict(plan: Plan, script: Script): Prediction | null {
  const walk: Walk = { mode: plan.mode, script, calls: new Map(), spots: new Map(), isCalm: true, left: MAX_STEPS };
  try {
    const prediction = predictAll(walk, plan);
    return prediction.worlds.length > MAX_WORLDS ? null : prediction;
  } catch (error) {
    if (error instanceof TooMany) return null;
    throw error;
  }
}

class TooMany extends Error {}

/** To one more step, or one more order in which they settle. */
function goOn(walk: Walk): void {
  if ((walk.left -= 1) < 0) throw new TooMany();
}

function predictAll(walk: Walk, plan: Plan): Prediction {
  const worlds = distinct(runScope(walk, plan.body, { values: new Map(), at: [], visit: 0 }).map(withoutTarget));
  return { worlds, calls: walk.calls, isCalm: walk.isCalm, spots: [...walk.spots.values()] };
}

export function callName(call: string, at: readonly unknown[], visit: number, failures: number): string {
  return JSON.stringify([call, at, visit, failures]);
}

interface Walk {
  readonly mode: Plan['mode'];
  readonly script: Script;
  readonly calls: Map<string, number>;
  readonly spots: Map<string, Spot>;
  isCalm: boolean;
  left: number;
}

/** What can be seen from a place. */
interface Sight {
  readonly values: ReadonlyMap<string, Value>;
  /** Items around, outermost first. */
  readonly at: readonly unknown[];
  /** Of the innermost state around. */
  readonly visit: number;
}

function runScope(walk: Walk, scope: ScopePlan, sight: Sight): readonly Result[] {
  if (scope.k === 'or') return runOr(walk, scope.states, scope.out, sight);
  return scope.until === null ? runAnd(walk, scope.steps, scope.out, sight) : runUntil(walk, scope, scope.until, sight);
}

/** All steps, each when what it reads or needs is settled; then the output, or any of the failures. */
function runAnd(walk: Walk, steps: readonly StepPlan[], out: Sum, sight: Sight): readonly Result[] {
  interface Progress {
    readonly values: ReadonlyMap<string, Value>;
    readonly stuck: readonly string[];
    readonly failures: readonly string[];
    readonly degraded: boolean;
  }
  let all: readonly Progress[] = [{ values: sight.values, stuck: [], failures: [], degraded: false }];
  // Plans name only steps that come before: their order is one of the right ones.
  for (const step of steps) {
    all = distinctBy(
      all.flatMap((progress): readonly Progress[] => {
        if (dependsOn(step).some((name) => progress.stuck.includes(name))) return [{ ...progress, stuck: [...progress.stuck, step.name] }];
        return runStep(walk, step, { ...sight, values: progress.values }).map((result) => {
          if ('to' in result) throw new Error(`${step.name} is no state`);
          if ('failed' in result)
            return { ...progress, stuck: [...progress.stuck, step.name], failures: [...progress.failures, result.failed] };
          return {
            ...progress,
            values: new Map(progress.values).set(step.name, result.ok),
            degraded: progress.degraded || result.degraded,
          };
        });
      }),
      (progress) => JSON.stringify({ ...progress, values: [...progress.values] }),
    );
  }
  return distinct(
    all.flatMap(({ values, failures, degraded }): readonly World[] => {
      if (failures.length === 0) return [{ ok: total(out, values), degraded }];
      if (steps.length > 1) walk.isCalm = false;
      return [...failures.map((failed) => ({ failed })), ...brokenIn(steps)];
    }),
  );
}

/**
 * Steps settle one by one in any order that they can, until one fails or it is enough. It is looked at whenever something
 * has settled: only what settles at once, without work of its own, may be there before that, and what the clock settles at
 * the same moment. Calls that are at work then may come too late to be cancelled, and are seen.
 */
function runUntil(walk: Walk, scope: AndPlan, until: Guard, sight: Sight): readonly World[] {
  walk.isCalm = false;
  const worlds: World[] = [];
  const seen = new Set<string>();
  /** `before` was at work when the last one settled. */
  const go = (own: ReadonlyMap<string, Success>, before: ReadonlySet<string>): void => {
    const values = new Map([...sight.values, ...[...own].map(([name, { ok }]) => [name, ok] as const)]);
    const isEnough = holds(until, values, 0);
    const known = JSON.stringify([[...own].toSorted(([a], [b]) => (a < b ? -1 : 1)), isEnough ? [...before].toSorted() : []]);
    if (seen.has(known)) return;
    seen.add(known);
    goOn(walk);
    const left = scope.steps.filter(({ name }) => !own.has(name));
    const ready = left.filter((step) => !dependsOn(step).some((name) => left.some((other) => other.name === name)));
    if (isEnough || left.length === 0) {
      const degraded = [...own.values()].some((one) => one.degraded);
      const atWork = ready.filter(({ each }) => each === null).map((step) => ({ step, worlds: deafOf(walk, step, { ...sight, values }) }));
      for (const late of choicesOf(atWork.filter((one) => one.worlds.length > 0))) {
        const seen = new Map([...values, ...late.map(([{ step }, { ok }]) => [step.name, ok] as const)]);
        worlds.push({ ok: total(scope.out, seen), degraded });
      }
      if (left.length > 0) worlds.push(...brokenIn(left));
    }
    for (const step of ready) {
      if (isEnough && takesWork(step) && !(step.body.k === 'pause' && before.has(step.name))) continue;
      for (const result of runStep(walk, step, { ...sight, values })) {
        if ('to' in result) throw new Error(`${step.name} is no state`);
        if ('failed' in result) worlds.push(result, ...brokenIn(scope.steps));
        else go(new Map(own).set(step.name, result), isEnough ? before : new Set(ready.map(({ name }) => name)));
      }
    }
  };
  go(new Map(), new Set());
  return distinct(worlds);
}

type AndPlan = Extract<ScopePlan, { k: 'and' }>;
/** What a step gives that is cancelled while it calls, and ends with its own result nevertheless; a failure does not count then. */
function deafOf(walk: Walk, step: StepPlan, sight: Sight): readonly Success[] {
  if (step.body.k !== 'call' || (step.guard !== null && !holds(step.guard, sight.values, sight.visit))) return [];
  return runBody(walk, step, sight).flatMap((result) => ('ok' in result ? [result] : []));
}

/** One state after the other. */
function runOr(walk: Walk, states: readonly StepPlan[], out: Sum | null, sight: Sight): readonly Result[] {
  interface Machine {
    readonly current: string;
    readonly visits: ReadonlyMap<string, number>;
    readonly latest: ReadonlyMap<string, { readonly value: Value; readonly degraded: boolean }>;
    readonly diverted: boolean;
  }
  const values = (machine: Machine): ReadonlyMap<string, Value> =>
    new Map([...sight.values, ...[...machine.latest].map(([name, { value }]) => [name, value] as const)]);
  const go = (machine: Machine): readonly Result[] => {
    const state = states.find(({ name }) => name === machine.current);
    if (state === undefined) throw new Error(`no state ${machine.current}`);
    const visit = (machine.visits.get(state.name) ?? 0) + 1;
    const entered: Machine = { ...machine, visits: new Map(machine.visits).set(state.name, visit) };
    const inside: Sight = { ...sight, values: values(entered), visit };
    const isBeyond = state.max !== null && visit > state.max;
    const results = isBeyond ? fail(walk, state, 'loop.exceeded', inside, true) : runStep(walk, state, inside);
    const signalled = state.leaves === null ? [] : [...brokenIn([state]), ...go({ ...entered, current: state.leaves })];
    if (state.leaves !== null) walk.isCalm = false;
    return [
      ...signalled,
      ...results.flatMap((result): readonly Result[] => {
        if ('failed' in result) return [result, ...brokenIn(states)];
        if ('to' in result) return go({ ...entered, current: result.to, diverted: true });
        const latest = new Map(entered.latest).set(state.name, { value: result.ok, degraded: result.degraded });
        const left: Machine = { ...entered, latest };
        if (state.next !== null) {
          const next = state.next.find(({ guard }) => guard === null || holds(guard, values(left), visit));
          if (next === undefined) throw new Error(`no next of ${state.name} holds`);
          return go({ ...left, current: next.to });
        }
        const degraded = left.diverted || [...latest.values()].some((one) => one.degraded);
        return [{ ok: out === null ? result.ok : total(out, values(left)), degraded }];
      }),
    ];
  };
  const [first] = states;
  return distinct(go({ current: first?.name ?? '', visits: new Map(), latest: new Map(), diverted: false }));
}

/** `if`, then `each`, then the body once or for every item. */
function runStep(walk: Walk, step: StepPlan, sight: Sight): readonly Result[] {
  goOn(walk);
  if (step.guard !== null && !holds(step.guard, sight.values, sight.visit)) return [{ ok: null, degraded: false }];
  return step.each === null ? runOnce(walk, step, sight, true) : runEach(walk, step, step.each, sight);
}

function runEach(walk: Walk, step: StepPlan, each: EachPlan, sight: Sight): readonly Result[] {
  interface Sides {
    readonly ok: readonly Value[];
    readonly failed: number;
    /** Whether one of them could not be undone, which nothing tolerates. */
    readonly broken: boolean;
    readonly degraded: boolean;
  }
  const groups = each.batch === 1 ? each.items : groupsOf(each.items, each.batch);
  if (each.until !== null) return runEnough(walk, step, each, each.until, groups, sight);
  let sides: readonly Sides[] = [{ ok: [], failed: 0, broken: false, degraded: false }];
  for (const item of groups) {
    const results = runOnce(walk, step, { ...sight, at: [...sight.at, item] }, false);
    sides = distinctBy(
      sides.flatMap((side) =>
        results.map((result): Sides => {
          if ('to' in result) throw new Error('an item leads to no state');
          return 'failed' in result
            ? { ...side, failed: side.failed + 1, broken: side.broken || isBroken(result) }
            : { ...side, ok: [...side.ok, result.ok], degraded: side.degraded || result.degraded };
        }),
      ),
      (side) => JSON.stringify(side),
    );
  }
  return distinct(
    sides.flatMap(({ ok, failed, broken, degraded }) => {
      if (!broken && failed <= tolerated(walk.mode, each, groups.length)) return [{ ok: { ok, failed }, degraded }];
      walk.isCalm = false;
      return broken ? fail(walk, step, 'compensation_failed', sight, true) : failEach(walk, step, sight);
    }),
  );
}

function failEach(walk: Walk, step: StepPlan, sight: Sight): readonly Result[] {
  const codes = ['each.failed', ...brokenIn([step]).map(({ failed }) => failed)];
  return codes.flatMap((code) => fail(walk, step, code, sight, true));
}

/**
 * Items settle in any order in which so many workers can have opened them, until it is enough or too many have failed.
 * Items that settle without work of their own may all be there before that is seen, and so may those at work which the
 * clock settles at the same moment. Calls of open items may come too late to be cancelled: there are then a few more than
 * asked for.
 */
function runEnough(
  walk: Walk,
  step: StepPlan,
  each: EachPlan,
  until: NonNullable<EachPlan['until']>,
  groups: readonly unknown[],
  sight: Sight,
): readonly Result[] {
  walk.isCalm = false;
  const outcomes = groups.map((item) => runOnce(walk, step, { ...sight, at: [...sight.at, item] }, false));
  const results: Result[] = [];
  const seen = new Set<string>();
  const isPrompt = !takesWork({ ...step, guard: null, each: null });
  const isTimed = step.body.k === 'pause';
  /** `before` was at work when the last one settled. */
  const go = (own: ReadonlyMap<number, World>, before: ReadonlySet<number>): void => {
    const rows = [...own].toSorted(([a], [b]) => a - b).map(([, world]) => world);
    const ok = rows.flatMap((row) => ('ok' in row ? [row.ok] : []));
    const failed = rows.length - ok.length;
    const isEnough = ok.length >= until.ok || failed > until.failed;
    const broken = rows.some(isBroken);
    const isOver = broken || failed > tolerated(walk.mode, each, groups.length);
    const known = JSON.stringify([[...own.keys()].toSorted((a, b) => a - b), rows, isEnough || isOver ? [...before] : []]);
    if (seen.has(known)) return;
    seen.add(known);
    goOn(walk);
    const isOpen = (index: number): boolean =>
      !own.has(index) && index - [...own.keys()].filter((other) => other < index).length < each.workers;
    if (isOver) results.push(...(broken ? fail(walk, step, 'compensation_failed', sight, true) : failEach(walk, step, sight)));
    if ((isEnough && !broken) || (!isOver && rows.length === groups.length)) {
      const atWork = groups.flatMap((item, index) =>
        isOpen(index) ? [{ index, worlds: deafOf(walk, { ...step, guard: null }, { ...sight, at: [...sight.at, item] }) }] : [],
      );
      for (const late of choicesOf(atWork)) {
        const all = [...own, ...late.map(([{ index }, world]) => [index, world] as const)].toSorted(([a], [b]) => a - b);
        const seen = all.flatMap(([, row]) => ('ok' in row ? [row] : []));
        results.push({ ok: { ok: seen.map((row) => row.ok), failed }, degraded: seen.some((row) => row.degraded) });
      }
      if (rows.length < groups.length) results.push(...brokenIn([step]).flatMap((broken) => fail(walk, step, broken.failed, sight, true)));
    }
    if ((isEnough || isOver) && !isPrompt && !isTimed) return;
    const open = new Set(groups.keys().filter(isOpen));
    outcomes.forEach((worlds, index) => {
      if (!open.has(index) || ((isEnough || isOver) && isTimed && !before.has(index))) return;
      for (const world of worlds) {
        if ('to' in world) throw new Error('an item leads to no state');
        go(new Map(own).set(index, world), isEnough || isOver ? before : open);
      }
    });
  };
  go(new Map(), new Set());
  return distinct(results);
}

/** The body, with its retries and catches; `whole` unless it is one item of an `each`. */
function runOnce(walk: Walk, step: StepPlan, sight: Sight, whole: boolean): readonly Result[] {
  return distinct(
    withTimeout(walk, step, runBody(walk, step, sight)).flatMap((result) =>
      'failed' in result ? fail(walk, step, result.failed, sight, whole) : [result],
    ),
  );
}

/** A pause lasts as long as it does; anything else may take too long or not. */
function withTimeout(walk: Walk, { body, timeoutMs }: StepPlan, results: readonly Result[]): readonly Result[] {
  if (timeoutMs === null) return results;
  walk.isCalm = false;
  const late = { failed: 'timeout' };
  if (body.k === 'pause') return timeoutMs < body.ms ? [late] : results;
  const broken = body.k === 'and' || body.k === 'or' ? brokenIn(body.k === 'and' ? body.steps : body.states) : [];
  return [...results, late, ...broken];
}

function runBody(walk: Walk, step: StepPlan, sight: Sight): readonly Result[] {
  const { body } = step;
  switch (body.k) {
    case 'call':
      return [callWith(walk, step, body, sight)];
    case 'value':
      return [{ ok: total(body.value, sight.values), degraded: false }];
    case 'pause':
      return [{ ok: null, degraded: false }];
    case 'await': {
      const text = JSON.stringify({ at: JSON.stringify(sight.at), call: step.name, visit: sight.visit });
      const value = walk.script(step.name, sight.at, sight.visit, 0);
      const spot = { call: step.name, text, value: typeof value === 'number' ? value : 0 };
      walk.spots.set(text, spot);
      return [{ ok: spot.value, degraded: false }];
    }
    case 'forever':
      return [];
    case 'and':
    case 'or':
      return runScope(walk, body, sight);
  }
}

/** Tried again as long as the first policy that covers the error allows one more. */
function callWith(walk: Walk, step: StepPlan, { add }: Extract<BodyPlan, { k: 'call' }>, sight: Sight): World {
  for (let failures = 0; ; failures += 1) {
    const given = call(walk, step.name, sight, failures);
    if (typeof given === 'number') return { ok: given + total(add, sight.values), degraded: false };
    const policy = step.retry.find(({ errors }) => (errors.length === 0 ? given === 'io' : covers(errors, given)));
    if (policy === undefined || failures + 1 > policy.max) return { failed: given };
  }
}

function call({ script, calls }: Walk, name: string, { at, visit }: Sight, failures: number): number | string {
  const known = callName(name, at, visit, failures);
  calls.set(known, (calls.get(known) ?? 0) + 1);
  return script(name, at, visit, failures);
}

/** The first catch that covers the error: another state for the whole, another body for one result; else it stays. */
function fail(walk: Walk, step: StepPlan, code: string, sight: Sight, whole: boolean): readonly Result[] {
  if (walk.mode === 'strict' && code.startsWith('contract.')) return [{ failed: code }];
  const entry = step.catch.find(({ errors, then }) => (step.each === null || (then.k === 'to') === whole) && catches(errors, code));
  switch (entry?.then.k) {
    case undefined:
      return [{ failed: code }];
    case 'to':
      return [{ to: entry.then.to }];
    case 'value':
      return [{ ok: total(entry.then.value, sight.values), degraded: true }];
    case 'call': {
      const given = call(walk, entry.then.name, sight, 0);
      return [typeof given === 'number' ? { ok: given, degraded: true } : { failed: given }];
    }
  }
}
