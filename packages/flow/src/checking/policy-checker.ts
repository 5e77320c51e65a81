/** Checks the policies of a step: pools, error codes, timeouts, and retries of what has effects. */

import { closest, errorKinds, matchesError } from '@scriptorium/core';
import type { Ms, Retry } from '@scriptorium/core';
import { isObject } from './checking.ts';
import type { Callable } from './callable.ts';
import type { Checking, Where } from './checking.ts';
import type { MapPiece } from '../reading/piece.ts';
import { codesOf } from './deeds.ts';
import type { StepShape, Word } from '../reading/shape.ts';

/** The pool that a step names, or that is made of its inline limit. */
export function poolOf(step: StepShape, { flow, declared, pools, findings }: Checking): string | undefined {
  if (step.limit === undefined) {
    return undefined;
  }
  if (step.limit.k === 'inline') {
    const pool = `${flow}/${step.path}`;
    pools.set(pool, step.limit.limit);
    return pool;
  }
  const { text, span } = step.limit.name;
  if (!declared.has(text)) {
    const suggestion = closest(text, declared) ?? undefined;
    const message = `there is no limit '${text}'${declared.size === 0 ? '' : ` (limits: ${[...declared].join(', ')})`}${suggestion === undefined ? '' : ` — did you mean '${suggestion}'?`}`;
    findings.add({
      code: 'no_such_limit',
      message,
      span,
      path: step.path,
      suggestion,
      ...(suggestion === undefined ? { fix: `add \`${text}: { concurrent: 4 }\` under \`limits:\`` } : {}),
    });
  }
  return text;
}

export function checkPolicies(step: StepShape, where: Where, callable: Callable | undefined, checking: Checking): readonly Retry[] {
  const raised = codesOf(step, checking);
  const codes = raised === undefined ? undefined : new Set([...Object.keys(errorKinds), ...raised]);
  for (const { errors } of [...step.retry, ...step.catch]) {
    checkCodes(errors, codes, where.path, checking);
  }
  checkTimeout(step, where, checking);
  checkWithin(step, where, checking);
  checkCatchOrder(step, where, checking);
  checkCostly(step, where, callable, checking);
  checkEffects(step, callable, checking);
  return step.retry.map(({ retry }) => retry);
}

function checkEffects({ retry, path }: StepShape, callable: Callable | undefined, { callables, findings }: Checking): void {
  const [first] = retry;
  if (first === undefined || callable === undefined || callable.effects !== 'write' || callable.idempotent === true) {
    return;
  }
  const tell = (message: string, fix: string): void =>
    findings.add({ code: 'retry_of_effects', severity: 'warning', message, span: first.span, path, fix });
  if (callables.has(callable.name)) {
    tell(
      `'${callable.name}' has effects outside the run: an attempt that failed may have had them already`,
      'let the handler hand its `idempotencyKey` to the service and declare itself idempotent, or retry only errors that come before the effect',
    );
  } else {
    tell(
      `the flow '${callable.name}' has effects outside the run, and a retry is a new run of it: what the one that failed has done is done again`,
      'put `compensate` on the steps of the flow that have effects, or `retry` on its steps instead of here',
    );
  }
}

/** What costs is what a provider limits: without a pool, as many calls are made at once as there are items and runs. */
function checkCostly(step: StepShape, where: Where, callable: Callable | undefined, { findings }: Checking): void {
  const { body, limit } = step;
  if (limit !== undefined || body.k !== 'uses' || callable === undefined || !isCostly(callable, body.with)) {
    return;
  }
  findings.add({
    code: 'no_limit',
    severity: 'warning',
    message: `a call of '${callable.name}' costs something, and nothing limits how many are made at once`,
    span: body.place,
    path: where.path,
    fix: 'name a pool: `limit: model`, with `model: { concurrent: 4, rate: 2/s }` under `limits:`',
  });
}

/** Of a handler that is told by its input what a call costs, only those calls that tell it. */
function isCostly({ cost, input }: Callable, given: MapPiece | undefined): boolean {
  const isTold = isObject(input) && isObject(input['properties']) && 'cost' in input['properties'];
  return cost !== undefined && (!isTold || given?.entries.has('cost') === true);
}

/** Only what has effects outside the run can and need be undone. */
export function checkUndoable({ compensate, path }: StepShape, callable: Callable | undefined, { callables, findings }: Checking): void {
  if (compensate === undefined || callable === undefined || callable.effects === 'write') {
    return;
  }
  const does = callable.effects === 'none' ? 'has no effects outside the run' : 'only reads';
  findings.add({
    code: 'nothing_to_undo',
    severity: 'warning',
    message: `'${callable.name}' ${does}: there is nothing to undo`,
    span: compensate.span,
    path,
    fix: callables.has(callable.name) ? 'leave `compensate` out, or let the handler declare its effects' : 'leave `compensate` out',
  });
}

function checkTimeout(step: StepShape, where: Where, { findings }: Checking): void {
  if (step.timeout !== undefined && where.around !== null && step.timeout.ms > where.around.ms) {
    findings.add({
      code: 'timeout_order',
      severity: 'warning',
      message: `this timeout of ${showMs(step.timeout.ms)} can never be reached: '${where.around.path}' around it ends after ${showMs(where.around.ms)}`,
      span: step.timeout.span,
      path: where.path,
    });
  }
}

/** The time for retries runs from the start of the first attempt, so a delay that is as long leaves none. */
function checkWithin(step: StepShape, where: Where, { findings }: Checking): void {
  for (const { retry, span } of step.retry) {
    const { within, delay, cap } = retry;
    const shortest = Math.min(delay, cap);
    if (within !== undefined && within <= shortest) {
      findings.add({
        code: 'never_retried',
        severity: 'warning',
        message: `no retry can start within ${showMs(within)} of the first attempt: the first one waits ${showMs(shortest)}`,
        span,
        path: where.path,
        fix: 'raise `within`, or lower `delay`',
      });
    }
  }
}

/** An entry that takes every error leaves none for those below it. */
function checkCatchOrder(step: StepShape, where: Where, { findings }: Checking): void {
  const last = step.catch.findIndex(
    (entry) => entry.if === undefined && (entry.errors.length === 0 || entry.errors.some(({ text }) => text === '*')),
  );
  // With an `each`, `to` takes failures of the whole and a body those of its items.
  const dead = step.catch.find(
    (entry, i) => last !== -1 && i > last && (step.each === undefined || (entry.to === undefined) === (step.catch[last]?.to === undefined)),
  );
  if (dead !== undefined) {
    findings.add({
      code: 'unreachable_catch',
      severity: 'warning',
      message: 'this entry is never reached: the one above it takes every error',
      span: dead.span,
      path: where.path,
      fix: 'put the entry without `errors` last',
    });
  }
}

function checkCodes(errors: readonly Word[], codes: ReadonlySet<string> | undefined, path: string, { findings }: Checking): void {
  for (const { text, span } of codes === undefined ? [] : errors) {
    if (![...(codes ?? [])].some((code) => matchesError([text], code))) {
      const suggestion = closest(text, codes ?? []) ?? undefined;
      const message = `nothing here raises '${text}'${suggestion === undefined ? '' : ` — did you mean '${suggestion}'?`}`;
      findings.add({
        code: 'unknown_error',
        severity: 'warning',
        message,
        span,
        path,
        suggestion,
        ...(suggestion === undefined ? { fix: `the codes are ${[...(codes ?? [])].join(', ')}` } : {}),
      });
    }
  }
}

export function showMs(ms: Ms): string {
  const units: readonly [Ms, string][] = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'm'],
    [1_000, 's'],
  ];
  const [size, unit] = units.find(([each]) => ms >= each && ms % each === 0) ?? [1, 'ms'];
  return `${ms / size}${unit}`;
}
