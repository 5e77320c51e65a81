/** A plan as the definition that a user would write. */

import type { Handler, JsonObject, Schema } from '@scriptorium/core';
import { defineHandler } from '@scriptorium/core';
import type { CatchPlan, Guard, Plan, ScopePlan, StepPlan, Sum } from './plan.ts';
import { codes } from './plan.ts';

/**
 * The handlers of all plans: one that is told where it is called, and gives a number, to which it adds what it was given;
 * and one that undoes such a call.
 */
export const planHandlers: readonly Handler[] = [
  handler('model/work', 'add', { type: 'number' }),
  handler('model/undo', 'gave', true),
  handler('model/break', 'gave', true),
];

function handler(name: string, last: string, output: Schema): Handler {
  return defineHandler({
    name,
    version: '1.0.0',
    doc: 'Whatever the script says.',
    input: {
      type: 'object',
      required: ['call', 'at', 'visit', last],
      properties: { call: { type: 'string' }, at: { type: 'array' }, visit: { type: 'number' }, [last]: { type: 'number' } },
    },
    output,
    effects: 'write',
    errors: Object.fromEntries(codes.filter((code) => /^e\d$/.test(code)).map((code) => [code, 'As scripted.'])),
    run: () => null,
  });
}

/** What the compiler is given. */
export const planCallables: ReadonlyMap<string, Handler> = new Map(planHandlers.map((one) => [one.name, one]));

/** Where in the definition something stands: the items around it, and whether a state is. */
interface Around {
  readonly items: readonly string[];
  readonly inState: boolean;
}

export function definitionOf({ body }: Plan): JsonObject {
  return { flow: 'model/plan', version: '1.0.0', ...scopeText(body, { items: [], inState: false }) };
}

function scopeText(scope: ScopePlan, around: Around): JsonObject {
  switch (scope.k) {
    case 'and':
      // Written in reverse: the order of the keys must not matter.
      return {
        steps: Object.fromEntries(scope.steps.toReversed().map((step) => [step.name, stepText(step, around)])),
        ...(scope.until === null ? {} : { until: whole(guardText(scope.until)) }),
        output: whole(sumText(scope.out)),
      };
    case 'or':
      return {
        states: Object.fromEntries(scope.states.map((state) => [state.name, stepText(state, { ...around, inState: true })])),
        ...(scope.out === null ? {} : { output: whole(sumText(scope.out)) }),
      };
  }
}

function stepText(step: StepPlan, around: Around): JsonObject {
  const { each, guard, needs, retry, max, next, leaves, timeoutMs } = step;
  const inside = each === null ? around : { ...around, items: [...around.items, each.as] };
  return {
    ...(needs.length === 0 ? {} : { needs }),
    ...(guard === null ? {} : { if: whole(guardText(guard)) }),
    ...(each === null
      ? {}
      : {
          each: {
            in: whole(`[${each.items.join(', ')}]`),
            as: each.as,
            ...(each.keyed ? { key: whole(each.batch > 1 ? `json(${each.as})` : `${each.as} * 10`) } : {}),
            workers: each.workers,
            ...(each.batch > 1 ? { batch: each.batch } : {}),
            tolerate: each.tolerate,
            ...(each.until === null ? {} : { until: whole(`ok.size() >= ${each.until.ok} || failed.size() > ${each.until.failed}`) }),
          },
        }),
    ...bodyText(step, inside),
    ...(retry.length === 0 ? {} : { retry: retry.map(({ errors, max }) => ({ max, delay: '1s', ...codesText(errors) })) }),
    ...(step.catch.length === 0 ? {} : { catch: step.catch.map((entry) => catchText(entry, inside)) }),
    ...(timeoutMs === null || isQuestion(step) ? {} : { timeout: `${timeoutMs}ms` }),
    ...(max === null ? {} : { max }),
    ...(leaves === null ? {} : { events: { ...asideText(step), [step.name]: leaves } }),
    ...(next === null ? {} : { next: next.map(({ guard, to }) => (guard === null ? { to } : { if: whole(guardText(guard)), to })) }),
  };
}

/** A signal that nobody sends leads to where the state would lead by itself. */
function asideText({ name, next }: StepPlan): JsonObject {
  const to = next?.at(-1)?.to;
  return to === undefined ? {} : { [`${name}_aside`]: to };
}

/** Its timeout stands at the wait itself, that of a signal at the scope around it. */
function isQuestion({ body }: StepPlan): boolean {
  return body.k === 'await' && body.ask;
}

function bodyText(step: StepPlan, around: Around): JsonObject {
  const { name, body, timeoutMs } = step;
  switch (body.k) {
    case 'call':
      return { ...callText(name, body.add, around), ...(body.undo !== null ? { compensate: undoText(name, body.undo, around) } : {}) };
    case 'value':
      return { value: whole(sumText(body.value)) };
    case 'pause':
      return { wait: `${body.ms}ms` };
    case 'await':
      return awaitText(name, { ask: body.ask, timeoutMs }, around);
    case 'forever':
      return { wait: { event: 'never' } };
    case 'and':
    case 'or':
      return scopeText(body, around);
  }
}

function callText(name: string, add: Sum, { items, inState }: Around): JsonObject {
  return {
    uses: 'model/work',
    with: { call: name, at: items.map(whole), visit: inState ? whole('visits') : 0, add: whole(sumText(add)) },
  };
}

/** A wait gives an object, and a step of a plan a number: so the wait stands in a scope. */
function awaitText(
  name: string,
  { ask, timeoutMs }: { readonly ask: boolean; readonly timeoutMs: number | null },
  { items, inState }: Around,
): JsonObject {
  const spot = `json({ 'at': json([${items.join(', ')}]), 'call': '${name}', 'visit': ${inState ? 'visits' : 0} })`;
  const answer = { type: 'object', required: ['value'], properties: { spot: { type: 'string' }, value: { type: 'number' } } };
  const wait = ask ? { ask: whole(spot) } : { match: whole(`event.spot == ${spot}`) };
  return {
    steps: {
      [`${name}w`]: { wait: { event: name, ...wait, answer }, ...(ask && timeoutMs !== null ? { timeout: `${timeoutMs}ms` } : {}) },
    },
    output: whole(`${name}w.value`),
  };
}

function undoText(name: string, undo: 'works' | 'fails', { items, inState }: Around): JsonObject {
  return {
    uses: undo === 'works' ? 'model/undo' : 'model/break',
    with: { call: name, at: items.map(whole), visit: inState ? whole('visits') : 0, gave: whole(name) },
  };
}

function catchText({ errors, then }: CatchPlan, around: Around): JsonObject {
  switch (then.k) {
    case 'to':
      return { ...codesText(errors), to: then.to };
    case 'call':
      return { ...codesText(errors), ...callText(then.name, { of: [], plus: 0 }, around) };
    case 'value':
      return { ...codesText(errors), value: whole(sumText(then.value)) };
  }
}

function codesText(errors: readonly string[]): JsonObject {
  return errors.length === 0 ? {} : { errors: errors };
}

function sumText({ of, plus }: Sum): string {
  const parts = of.map(({ name, isEach }) =>
    isEach ? `(${name} == null ? 0 : ${name}.ok.map(x, x ?? 0).sum() + 100 * ${name}.failed.size())` : `(${name} ?? 0)`,
  );
  return [...parts, String(plus)].join(' + ');
}

function guardText({ sum, visits, by, is }: Guard): string {
  return `(${sumText(sum)}${visits ? ' + visits' : ''}) % ${by} == ${is}`;
}

function whole(source: string): string {
  return `\${ ${source} }`;
}
