/**
 * What steps may do outside of the run, and the codes that they may fail with: gathered from what their handlers and
 * flows declare, so that a flow declares as much to those who call it.
 */

import { anyError } from './callable.ts';
import type { Callable, Deeds } from './callable.ts';
import type { Checking } from './checking.ts';
import { childrenOf } from '../reading/shape.ts';
import type { BodyShape, ScopeShape, StepShape } from '../reading/shape.ts';
import { stronger } from './effects.ts';
import { lentEffects, raisedByLoans } from './lending.ts';
import { calledBy, readUses } from './uses.ts';

type CallShape = Extract<BodyShape, { k: 'uses' }>;

/** The handler whose error code is part of its input. */
const failHandler = 'core/fail';

/** It acts on nothing but the run that calls it. */
const emitHandler = 'core/emit';

/**
 * Of a whole flow. Each run of it has idempotency keys of its own, so a second one repeats what the first has done,
 * unless all of that is undone when the first fails.
 */
export function deedsOf(body: ScopeShape, checking: Checking): Deeds {
  const calls = callsIn(childrenOf(body));
  const codes = codesOfAll(calls, checking);
  const effects = calls.map(({ step, call }) => ({ step, effects: effectsOf(call, checking) }));
  return {
    effects: effects.map((one) => one.effects).reduce(stronger, 'none'),
    errors: codes === undefined ? [anyError] : [...codes].sort(),
    idempotent: effects.every((one) => one.effects !== 'write' || one.step.compensate !== undefined),
  };
}

/** The codes that the calls in the step may fail with; undefined when some of them is not known, or may raise any. */
export function codesOf(step: StepShape, checking: Checking): ReadonlySet<string> | undefined {
  return step.body.k === 'unknown' ? undefined : codesOfAll(callsInBody(step), checking);
}

function codesOfAll(calls: readonly CallIn[], checking: Checking): ReadonlySet<string> | undefined {
  const codes = calls.map(({ call }) => codesOfCall(call, checking));
  return codes.some((each) => each.includes(anyError)) ? undefined : new Set(codes.flat());
}

interface CallIn {
  readonly step: StepShape;
  readonly call: CallShape | Extract<BodyShape, { k: 'unknown' }>;
}

/** All calls of the steps, their catches and what is in them. What compensations raise is `compensation_failed`. */
function callsIn(steps: readonly StepShape[]): readonly CallIn[] {
  return steps.flatMap((step) => [...callsInBody(step), ...callsIn(step.catch.flatMap((entry) => entry.do ?? []))]);
}

function callsInBody(step: StepShape): readonly CallIn[] {
  const { body } = step;
  return body.k === 'uses' || body.k === 'unknown' ? [{ step, call: body }] : callsIn(childrenOf(body));
}

function codesOfCall(call: CallIn['call'], checking: Checking): readonly string[] {
  const callable = call.k === 'uses' ? calledIn(call, checking) : undefined;
  if (call.k === 'unknown' || callable === undefined) {
    return [anyError];
  }
  const declared = Array.isArray(callable.errors) ? (callable.errors as readonly string[]) : Object.keys(callable.errors);
  const error = call.with?.entries.get('error')?.value;
  const raised = [
    ...(callable.name === failHandler && error?.type === 'scalar' ? [String(error.value)] : []),
    ...(call.k === 'uses' ? raisedByLoans(call, checking) : []),
  ];
  return [...declared, ...raised.map((code) => (code.includes('${') ? anyError : code))];
}

function effectsOf(call: CallIn['call'], checking: Checking): Callable['effects'] {
  const callable = call.k === 'uses' ? calledIn(call, checking) : undefined;
  const own = callable === undefined || callable.name === emitHandler ? 'none' : callable.effects;
  return call.k === 'uses' ? [own, ...lentEffects(call, checking)].reduce(stronger) : own;
}

/** The handler or the flow; a run that is only started fails with nothing of its own. */
function calledIn({ uses, detached }: CallShape, { callables, calls, library, file }: Checking): Callable | undefined {
  const { name } = readUses(uses.text);
  const target = callables.has(name) ? undefined : calls.get(calledBy(uses.text));
  const found = target === undefined ? undefined : library.versions(name, file).find((candidate) => candidate.file === target);
  if (found === undefined) {
    return callables.get(name);
  }
  const known = library.interfaceOf(found);
  return 'problem' in known ? undefined : detached?.value === true ? startedOnly(known) : known;
}

/** What a call declares that starts the flow and does not wait: it has done nothing where it fails. */
export function startedOnly(flow: Callable): Callable {
  return { ...flow, errors: [], effects: 'write', idempotent: true };
}
