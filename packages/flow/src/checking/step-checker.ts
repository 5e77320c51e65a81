/** Checks one step and makes its node: what it does, for which items, under which policies, and what comes of it. */

import {
  any,
  assignable,
  boundedType,
  fieldsOf,
  int,
  joinTypes,
  matchesError,
  never,
  nullable,
  showType,
  typeOfSchema,
} from '@scriptorium/core';
import type { Body, Catch, Field, Node, Schema, Type } from '@scriptorium/core';
import { checkCall, reportMismatch } from './call.ts';
import { namesWith } from './checking.ts';
import { checkBudget, withBudget } from './budget-checker.ts';
import { checkCache } from './cache-checker.ts';
import type { Callable } from './callable.ts';
import type { CheckedStep, Checking, Where } from './checking.ts';
import { checkData } from './data.ts';
import { checkEach } from './each-checker.ts';
import type { CheckedEach } from './each-checker.ts';
import { checkGuard } from './expression.ts';
import { checkHeldPool } from './held-pool.ts';
import type { Piece } from '../reading/piece.ts';
import { checkPolicies, checkUndoable, poolOf } from './policy-checker.ts';
import { checkScope } from './scope-checker.ts';
import type { CatchShape, ScopeShape, StepShape } from '../reading/shape.ts';
import { checkStates } from './states-checker.ts';
import { checkWait } from './wait-checker.ts';

/** What a `catch` sees of the failure. */
const errorType: Type = typeOfSchema({
  type: 'object',
  required: ['code', 'message'],
  properties: { code: { type: 'string' }, message: { type: 'string' }, details: { type: 'object' } },
});

/** One element of `failed`. */
const failedType: Type = typeOfSchema({
  type: 'object',
  required: ['key', 'index', 'error'],
  properties: {
    key: { type: 'string' },
    index: { type: 'integer' },
    error: { type: 'object', required: ['code', 'message'], properties: { code: { type: 'string' }, message: { type: 'string' } } },
  },
});

/** Behind its `if`, a step sees what that has told of the names it reads: they have settled, and keep their values. */
export function checkStep(step: StepShape, needs: readonly string[], where: Where, checking: Checking): CheckedStep {
  const { condition, then: held } = checkGuard(step.if, '`if`', where, checking);
  const each = step.each === undefined ? undefined : checkEach(step, step.each, held, checking);
  const inside = withItem(held, each);
  const { body, type, returns, callable } = checkBody(step, inside, checking);
  const caught = step.catch.map((entry) => checkCatch(entry, isBehindCondition(entry, step) ? inside : withItem(where, each), checking));
  const result = joinTypes(type, ...caught.map((entry) => entry.type));
  const whole = each === undefined ? result : fannedType(result);
  const compensate = step.compensate === undefined ? undefined : checkCompensation(step, step.compensate, type, inside, checking);
  if (compensate !== undefined) checkUndoable(step, callable, checking);
  const pool = poolOf(step, checking);
  const cache = checkCache(step, inside, callable, checking);
  checkBudget(step, where, checking);
  checkHeldPool(step, pool, body.k === 'call' ? body.flow : undefined, checking);
  const node: Node = {
    id: step.path,
    needs,
    ...(condition === undefined ? {} : { if: condition }),
    ...(each === undefined ? {} : { each: each.each }),
    do: body,
    retry: checkPolicies(step, where, callable, checking),
    ...(step.timeout === undefined ? {} : { timeout: step.timeout.ms }),
    ...(pool === undefined ? {} : { limit: pool }),
    ...(step.budget === undefined ? {} : { budget: step.budget.budget }),
    ...(cache === undefined ? {} : { cache }),
    catch: caught.map((entry) => entry.catch),
    ...(compensate === undefined ? {} : { compensate }),
    returns,
  };
  return { node, type: boundedType(step.if === undefined ? whole : nullable(whole)) };
}

function withItem(where: Where, each: CheckedEach | undefined): Where {
  return each === undefined ? where : { ...where, names: namesWith(where.names, { [each.as]: each.item, index: int }) };
}

/** Whether all that the entry takes has happened after the `if` held: it may fail itself, and a state be entered too often. */
function isBehindCondition({ errors, do: body }: CatchShape, { each, max }: StepShape): boolean {
  const names = errors.length === 0 ? ['*'] : errors.map(({ text }) => text);
  const ofItem = each !== undefined && body !== undefined;
  return ofItem || !(matchesError(names, 'expression') || (max !== undefined && matchesError(names, 'loop.exceeded')));
}

/** What an `each` gives of items that each give `item`. */
function fannedType(item: Type): Type {
  const side = (of: Type): Field => ({ type: { k: 'collection', of }, optional: false });
  return {
    k: 'obj',
    fields: fieldsOf([
      ['ok', side(item)],
      ['failed', side(failedType)],
    ]),
    rest: null,
  };
}

interface CheckedBody {
  readonly body: Body;
  readonly type: Type;
  readonly returns: Schema;
  readonly callable?: Callable | undefined;
}

function checkBody(step: StepShape, where: Where, checking: Checking): CheckedBody {
  const declared = step.returns === undefined ? undefined : checking.schemas.reference(step.returns, where.path);
  const { body } = step;
  switch (body.k) {
    case 'uses': {
      const call = checkCall(body, where, checking);
      const type = call.callable === undefined ? any : typeOfSchema(call.callable.output);
      return {
        body: {
          k: 'call',
          uses: call.uses,
          with: call.with,
          ...(call.flow === undefined ? {} : { flow: call.flow }),
          ...(call.lends.length === 0 ? {} : { lends: call.lends }),
        },
        type: narrowed(type, declared, step.returns, where, checking),
        returns: declared ?? call.callable?.output ?? true,
        callable: call.callable,
      };
    }
    case 'value': {
      const { tpl, type } = checkData(body.value, where, checking);
      return { body: { k: 'value', value: tpl }, type: asserted(type, declared, body.value, where, checking), returns: declared ?? true };
    }
    case 'wait': {
      const wait = checkWait(step, body, where, checking);
      return { body: wait.body, type: asserted(wait.type, declared, step.returns, where, checking), returns: declared ?? true };
    }
    case 'steps':
    case 'states': {
      const around = step.timeout === undefined ? where.around : { path: step.path, ms: step.timeout.ms };
      const scope = checkScopeBody(body, { ...where, around, budget: withBudget(where.budget, step) }, checking);
      const type = asserted(scope.type, declared, body.output ?? step.returns, where, checking);
      return { body: scope.body, type, returns: declared ?? true };
    }
    case 'unknown':
      return { body: { k: 'value', value: { lit: null } }, type: declared === undefined ? any : typeOfSchema(declared), returns: true };
  }
}

export function checkScopeBody(shape: ScopeShape, where: Where, checking: Checking): { readonly body: Body; readonly type: Type } {
  if (shape.k === 'states') {
    const { states, output, type } = checkStates(shape, where, checking, checkStep);
    return { body: { k: 'or', states, ...(output === undefined ? {} : { output }) }, type };
  }
  const { nodes: steps, until, output, type } = checkScope(shape, where, checking, checkStep);
  return { body: { k: 'and', steps, ...(until === undefined ? {} : { until }), output }, type };
}

/** `returns` of a call may say more than the handler does, not something else. */
function narrowed(type: Type, declared: Schema | undefined, piece: Piece | undefined, where: Where, checking: Checking): Type {
  if (declared === undefined || piece === undefined) {
    return type;
  }
  const wanted = typeOfSchema(declared);
  if (assignable(wanted, type) !== null && assignable(type, wanted) !== null) {
    checking.findings.add({
      code: 'wrong_type',
      message: `\`returns\` is ${showType(wanted)}, and the handler gives ${showType(type)}`,
      span: piece.span,
      path: where.path,
      fix: 'narrow what the handler declares, or leave `returns` out',
    });
    return any;
  }
  return wanted;
}

/** Data that the definition makes by itself is known to fit its contract, or not to. */
function asserted(type: Type, declared: Schema | undefined, piece: Piece | undefined, where: Where, checking: Checking): Type {
  if (declared === undefined || piece === undefined) {
    return type;
  }
  const wanted = typeOfSchema(declared);
  reportMismatch('the result', piece, type, wanted, where, checking);
  return wanted;
}

/** It sees what the step gave, for each item where there are some, under the step's own name. */
function checkCompensation(step: StepShape, compensate: StepShape, own: Type, where: Where, checking: Checking): Node {
  const names = namesWith(where.names, { [step.name]: own });
  return checkStep(compensate, [], { path: compensate.path, names, around: null, budget: {} }, checking).node;
}

function checkCatch(entry: CatchShape, where: Where, checking: Checking): { readonly catch: Catch; readonly type: Type } {
  const inside: Where = { ...where, names: namesWith(where.names, { error: errorType }) };
  const { condition, then } = checkGuard(entry.if, '`if`', inside, checking);
  const errors = entry.errors.length === 0 ? ['*'] : entry.errors.map(({ text }) => text);
  if (entry.do === undefined) {
    const to = entry.to === undefined ? {} : { to: entry.to.text };
    return { catch: { errors, ...(condition === undefined ? {} : { if: condition }), ...to }, type: never };
  }
  const { node, type } = checkStep(entry.do, [], { ...then, path: entry.do.path }, checking);
  return { catch: { errors, ...(condition === undefined ? {} : { if: condition }), do: node }, type };
}
