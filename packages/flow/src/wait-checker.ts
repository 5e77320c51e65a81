/** Checks what a step waits for. */

import { nullType, parseInstant, str } from '@scriptorium/core';
import type { Body, Ms, Tpl, Type } from '@scriptorium/core';
import { reportMismatch } from './call.ts';
import type { Checking, Where } from './checking.ts';
import { checkData } from './data.ts';
import { durationField } from './field.ts';
import { describePiece } from './piece.ts';
import type { Piece } from './piece.ts';
import { showMs } from './policy-checker.ts';
import type { StepShape, WaitShape } from './shape.ts';
import { expressionsIn } from './text.ts';

export function checkWait(
  step: StepShape,
  wait: WaitShape,
  where: Where,
  checking: Checking,
): { readonly body: Body; readonly type: Type } {
  if (wait.for !== undefined) {
    return { body: { k: 'wait', for: checkFor(step, wait.for, where, checking) }, type: nullType };
  }
  const until = wait.until === undefined ? {} : { until: checkUntil(wait.until, where, checking) };
  return { body: { k: 'wait', ...until }, type: nullType };
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
