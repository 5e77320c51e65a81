/** Checks what a step waits for. */

import { any, listOf, nullType, parseInstant, str, typeOfSchema } from '@scriptorium/core';
import type { Body, Ms, Tpl, Type, WaitEvent } from '@scriptorium/core';
import { reportMismatch } from './call.ts';
import { namesWith } from './checking.ts';
import type { Checking, Where } from './checking.ts';
import { checkData } from './data.ts';
import { checkCondition } from './expression.ts';
import { durationField } from '../reading/field.ts';
import { describePiece } from '../reading/piece.ts';
import type { Piece } from '../reading/piece.ts';
import { showMs } from './policy-checker.ts';
import type { EventShape, StepShape, WaitShape } from '../reading/shape.ts';
import { expressionsIn } from '../reading/text.ts';

export function checkWait(
  step: StepShape,
  wait: WaitShape,
  where: Where,
  checking: Checking,
): { readonly body: Body; readonly type: Type } {
  if (wait.event !== undefined) {
    return checkEvent(step, wait.event, where, checking);
  }
  if (wait.for !== undefined) {
    return { body: { k: 'wait', for: checkFor(step, wait.for, where, checking) }, type: nullType };
  }
  const until = wait.until === undefined ? {} : { until: checkUntil(wait.until, where, checking) };
  return { body: { k: 'wait', ...until }, type: nullType };
}

/** What answers it is its result. */
function checkEvent(step: StepShape, event: EventShape, where: Where, checking: Checking): { readonly body: Body; readonly type: Type } {
  const { name, match, ask, to, whom } = event;
  const answer = (event.answer === undefined ? undefined : checking.schemas.reference(event.answer, where.path)) ?? true;
  const type = answer === true ? any : typeOfSchema(answer);
  const inside = { ...where, names: namesWith(where.names, { event: type }) };
  const condition = match === undefined ? undefined : checkCondition(match, '`match`', inside, checking);
  if (step.timeout === undefined && where.around === null) {
    checking.findings.add({
      code: 'no_timeout',
      severity: 'warning',
      message: `nothing bounds this wait for '${name.text}': without an answer it never ends`,
      span: name.span,
      path: where.path,
      fix: 'add `timeout: 7d` to the step, and say under `catch` what follows then',
    });
  }
  const body: Body = {
    k: 'wait',
    event: {
      name: name.text,
      ...(condition === undefined ? {} : { match: condition }),
      ...(ask === undefined ? {} : { ask: checkText(ask, '`ask`', where, checking) }),
      to: whom === undefined ? to.map(({ text }) => text) : checkRoles(whom, where, checking),
      answer,
    },
  };
  return { body, type };
}

/** An expression that gives a list of texts. */
function checkRoles(piece: Piece, where: Where, checking: Checking): WaitEvent['to'] {
  const { tpl, type } = checkData(piece, where, checking);
  reportMismatch('to', piece, type, listOf(str), where, checking);
  return 'expr' in tpl ? tpl : [];
}

/** Milliseconds, or an expression that gives a duration as text. */
function checkFor(step: StepShape, piece: Piece, where: Where, checking: Checking): Tpl {
  if (isComputed(piece)) {
    return checkText(piece, '`for`', where, checking);
  }
  const ms = durationField(piece, '`wait`', { path: where.path, findings: checking.findings });
  if (ms !== undefined) {
    checkReach(step, piece, ms, where, checking);
  }
  return { lit: ms ?? 0 };
}

function checkUntil(piece: Piece, where: Where, checking: Checking): Tpl {
  if (!isComputed(piece) && (piece.type !== 'scalar' || typeof piece.value !== 'string' || parseInstant(piece.value) === undefined)) {
    checking.findings.add({
      code: 'bad_instant',
      message: `\`until\` must be an instant with its zone, not ${describePiece(piece)}`,
      span: piece.span,
      path: where.path,
      fix: 'write it like 2026-12-24T18:00:00Z or 2026-12-24T18:00+01:00',
    });
    return { lit: null };
  }
  return checkText(piece, '`until`', where, checking);
}

function isComputed(piece: Piece): boolean {
  return !expressionsIn(piece).next().done;
}

function checkText(piece: Piece, what: string, where: Where, checking: Checking): Tpl {
  const { tpl, type } = checkData(piece, where, checking);
  reportMismatch(what.replaceAll('`', ''), piece, type, str, where, checking);
  return tpl;
}

/** A wait that something else always ends first. */
function checkReach(step: StepShape, piece: Piece, ms: Ms, { path, around }: Where, { findings }: Checking): void {
  const own = step.timeout !== undefined && step.timeout.ms <= ms ? step.timeout.ms : null;
  const outer = around !== null && around.ms < ms ? around : null;
  if (own === null && outer === null) {
    return;
  }
  const end = own === null ? `'${outer?.path}' around it ends after ${showMs(outer?.ms ?? 0)}` : `its own timeout is ${showMs(own)}`;
  findings.add({
    code: 'timeout_order',
    severity: 'warning',
    message: `this wait of ${showMs(ms)} never ends by itself: ${end}`,
    span: piece.span,
    path,
    fix: 'wait shorter, or raise the `timeout`',
  });
}
