/** Checks where states go on: by name, or by an expression whose every value is the name of a state. */

import { closest, matchesError, membersOf, showType } from '@scriptorium/core';
import type { Expr, Next } from '@scriptorium/core';
import type { Checking, Where } from './checking.ts';
import type { Span } from '../diagnostic.ts';
import { checkGuard, checkWhole, textSpan } from './expression.ts';
import type { ScalarPiece } from '../reading/piece.ts';
import type { StepShape, TransitionShape } from '../reading/shape.ts';
import type { Edge, StateGraph } from './state-graph.ts';
import { textOf } from '../reading/text.ts';

/**
 * The states that each computed transition may lead to, by state and place in its `next`; null where that is not known,
 * which has been told.
 */
export type Targets = ReadonlyMap<string, readonly string[] | null>;

export function graphOf(states: readonly StepShape[], targets: Targets): StateGraph {
  const names = states.map(({ name }) => name);
  return {
    initial: names[0] ?? '',
    states: names,
    edges: states.flatMap((state) => edgesOf(state, names, targets)),
    finals: new Set(states.filter(({ next }) => next === undefined).map(({ name }) => name)),
    bounded: new Set(states.filter(({ max }) => max !== undefined).map(({ name }) => name)),
  };
}

function edgesOf(state: StepShape, names: readonly string[], targets: Targets): readonly Edge[] {
  const { name: from, next } = state;
  const { entries, goesOn } = catchesBeyond(state);
  const byNext = (next?.entries ?? []).flatMap((entry, i) => {
    const fixed = fixedTarget(entry.to);
    const to = fixed === undefined ? targets.get(`${from}/${i}`) : [fixed];
    return to === null ? names : (to ?? []);
  });
  return [
    ...byNext.map((to): Edge => ({ from, to, via: 'next', beyond: goesOn })),
    ...state.catch.flatMap((entry): Edge[] =>
      entry.to === undefined ? [] : [{ from, to: entry.to.text, via: 'catch', beyond: entries.has(entry) }],
    ),
    ...state.events.map(({ value }): Edge => ({ from, to: value.text, via: 'event', beyond: false })),
  ].filter(({ to }) => names.includes(to));
}

/** Whether all states that are named as targets are there; if not, the ways through the scope are not known. */
export function areTargetsKnown(states: readonly StepShape[], targets: Targets): boolean {
  const names = new Set(states.map(({ name }) => name));
  const isKnown = (entries: readonly TransitionShape[]): boolean =>
    entries.at(-1)?.if === undefined &&
    entries.length > 0 &&
    entries.every(({ to }) => {
      const fixed = fixedTarget(to);
      return fixed === undefined || names.has(fixed);
    });
  return (
    states.every(
      ({ next, catch: caught, events }) =>
        (next === undefined || isKnown(next.entries)) &&
        caught.every(({ to }) => to === undefined || names.has(to.text)) &&
        events.every(({ value }) => names.has(value.text)),
    ) && [...targets.values()].every((to) => to?.every((name) => names.has(name)) === true)
  );
}

/** The catch entries that may take `loop.exceeded`, and whether one of them replaces the result, so that `next` follows. */
function catchesBeyond(state: StepShape): { readonly entries: ReadonlySet<object>; readonly goesOn: boolean } {
  const taking = state.catch.filter(
    (entry) =>
      (state.each === undefined || entry.to !== undefined) &&
      (entry.errors.length === 0 ||
        matchesError(
          entry.errors.map(({ text }) => text),
          'loop.exceeded',
        )),
  );
  const last = taking.findIndex((entry) => entry.if === undefined);
  const entries = last === -1 ? taking : taking.slice(0, last + 1);
  return { entries: new Set(entries), goesOn: entries.some((entry) => entry.to === undefined) };
}

/** Undefined for a target that is computed. */
function fixedTarget(to: ScalarPiece | undefined): string | undefined {
  if (to === undefined) {
    return '';
  }
  const text = textOf(to);
  return text === undefined || (text.expressions.length === 0 && text.parsed.unclosed === undefined) ? String(to.value) : undefined;
}

export function checkNext(
  state: StepShape,
  states: readonly StepShape[],
  where: Where,
  checking: Checking,
  targets: Map<string, readonly string[] | null>,
): Next[] {
  const entries = state.next?.entries ?? [];
  checkOrder(entries, where, checking);
  let left = where;
  return entries.flatMap((entry, i): Next[] => {
    // An entry is looked at where no `if` above it holds.
    const { condition, then, otherwise } = checkGuard(entry.if, '`if`', left, checking);
    left = otherwise;
    const guard = condition === undefined ? {} : { if: condition };
    const fixed = fixedTarget(entry.to);
    if (entry.to === undefined || fixed !== undefined) {
      if (entry.to !== undefined && fixed !== undefined) {
        checkTarget(fixed, entry.to.span, states, where.path, checking);
      }
      return [{ ...guard, to: fixed ?? '' }];
    }
    const { expr, among } = checkComputed(entry.to, states, then, checking);
    targets.set(`${state.name}/${i}`, among);
    return expr === undefined ? [] : [{ ...guard, to: expr, among: (among ?? []).toSorted() }];
  });
}

function checkOrder(entries: readonly TransitionShape[], { path }: Where, { findings }: Checking): void {
  const last = entries.findIndex((entry) => entry.if === undefined);
  const dead = last === -1 ? undefined : entries[last + 1];
  const final = entries.at(-1);
  if (dead !== undefined) {
    findings.add({
      code: 'dead_transition',
      severity: 'warning',
      message: 'this transition is never taken: the one above it has no `if`',
      span: dead.span,
      path,
      fix: 'put the entry without `if` last',
    });
  } else if (last === -1 && final !== undefined) {
    findings.add({
      code: 'no_last_transition',
      message: '`next` does not say where to go when no `if` holds',
      span: final.span,
      path,
      fix: 'end the list with an entry that has no `if`: `- to: …`',
    });
  }
}

/** The states that its `catch` and its `events` name. */
export function checkNamedTargets(state: StepShape, states: readonly StepShape[], checking: Checking): void {
  for (const { value } of state.events) {
    checkTarget(value.text, value.span, states, state.path, checking);
  }
  for (const { to } of state.catch) {
    if (to !== undefined) {
      checkTarget(to.text, to.span, states, state.path, checking);
    }
  }
}

function checkTarget(name: string, span: Span, states: readonly StepShape[], path: string, { findings }: Checking, of = ''): void {
  const names = states.map((state) => state.name);
  if (!names.includes(name)) {
    const suggestion = closest(name, names) ?? undefined;
    const message = `there is no state '${name}' here${of}${suggestion === undefined ? ` (states: ${names.join(', ')})` : ` — did you mean '${suggestion}'?`}`;
    findings.add({ code: 'no_such_state', message, span, path, suggestion });
  }
}

function checkComputed(
  piece: ScalarPiece,
  states: readonly StepShape[],
  where: Where,
  checking: Checking,
): { readonly expr: Expr | undefined; readonly among: readonly string[] | null } {
  const { findings } = checking;
  const before = findings.errors;
  const checked = checkWhole(piece, 'the state to go on with', where, checking);
  if (checked === undefined || findings.errors > before) {
    return { expr: checked?.expr, among: null };
  }
  const members = membersOf(checked.type);
  const values = members.flatMap((member) => (member.k === 'str' ? (member.of ?? []) : []));
  const others = members.filter((member) => member.k !== 'null' && (member.k !== 'str' || member.of === undefined));
  const span = textSpan(piece);
  if (others.length > 0) {
    findings.add({
      code: 'not_an_enum',
      message: `the state to go on with must be one of some fixed texts, not ${showType(checked.type)}`,
      span,
      path: where.path,
      fix: 'give the field an `enum` of states in the schema that it comes from',
    });
    return { expr: checked.expr, among: null };
  }
  if (members.some(({ k }) => k === 'null')) {
    const fix = 'give a default: ${ (…) ?? "…" }';
    findings.add({ code: 'maybe_null', message: 'the state to go on with may be null', span, path: where.path, fix });
  }
  for (const value of values) {
    checkTarget(value, span, states, where.path, checking, `, and ${checked.expr.$} may be that`);
  }
  return { expr: checked.expr, among: values };
}
