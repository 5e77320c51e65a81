/** Invariant 12: time. */

import type { Event, Node } from '@scriptorium/core';
import { isUndisturbed } from './attempts.ts';
import type { Invariant } from './invariant.ts';
import { isOfStep, nodeOf, visitOf } from './trace.ts';
import type { RunTrace, StepRow } from './trace.ts';

export const timers: Invariant = {
  number: 12,
  says: 'A wait is over, and a step times out, once, at its time and not before; what comes first ends a wait.',
  check: (played) => played.runs.flatMap((trace) => wrongIn(trace, isUndisturbed(played))),
};

/** Late at most by so much where nothing holds anything up. */
const SLACK_MS = 200;

type WaitEnd = { readonly type: 'over' | 'timed_out' } | { readonly type: 'answered'; readonly answer: string };

interface Begun {
  readonly at: number;
  readonly due: number | null;
  readonly limit: number | null;
  readonly isWait: boolean;
  end: WaitEnd | null;
}

function wrongIn(trace: RunTrace, isCalm: boolean): readonly string[] {
  const wrong: string[] = [];
  const open = new Map<string, Begun>();
  for (const fact of trace.facts) {
    if (!isOfStep(fact)) continue;
    const { event } = fact;
    const visit = visitOf(fact);
    const what = `${trace.run} ${visit}`;
    const node = nodeOf(trace, event.node);
    if (node === undefined) continue;
    if (event.type === 'wait.begun' || event.type === 'step.entered') open.set(visit, begun(fact, node));
    const known = open.get(visit);
    if (known === undefined) continue;
    const took = fact.at - known.at;
    const end = endBy(event, fact.iteration);
    // Only the first counts; what comes later has no consequences.
    if (end !== null && known.end === null) {
      if (end.type === 'over' && known.due !== null && fact.at < known.due)
        wrong.push(`${what} is over ${known.due - fact.at} ms too early`);
      if (end.type === 'over' && known.due === null) wrong.push(`${what} is over, and waits for no time`);
      if (end.type === 'timed_out' && (known.limit === null || fact.at < known.limit))
        wrong.push(`${what} timed out after ${took} ms already`);
      const due = end.type === 'over' ? known.due : end.type === 'timed_out' ? known.limit : null;
      if (isCalm && due !== null && fact.at > due + SLACK_MS) wrong.push(`${what} ended ${fact.at - due} ms too late`);
      known.end = end;
    }
    if (!isEnd(event)) continue;
    open.delete(visit);
    wrong.push(...misended(what, known, event, fact.at, isCalm));
  }
  return wrong;
}

function begun({ at, event }: StepRow, node: Node): Begun {
  const waits = event.type === 'wait.begun';
  const due = !waits ? null : event.until !== undefined ? event.until : event.forMs === undefined ? null : at + dueIn(node, event.forMs);
  return { at, due, limit: node.timeout === undefined ? null : at + node.timeout, isWait: waits, end: null };
}

/** By the definition where that says it plainly. */
function dueIn({ do: body }: Node, forMs: number): number {
  const given = body.k === 'wait' && body.for !== undefined && 'lit' in body.for ? body.for.lit : null;
  return typeof given === 'number' ? given : forMs;
}

function endBy(event: Event, iteration: string): WaitEnd | null {
  const own = 'iteration' in event ? (event.iteration ?? '') : '';
  switch (event.type) {
    case 'wait.over':
      return own === iteration ? { type: 'over' } : null;
    case 'step.timed_out':
      return own === iteration ? { type: 'timed_out' } : null;
    case 'wait.answered':
      return own === iteration ? { type: 'answered', answer: JSON.stringify(event.answer) } : null;
    default:
      return null;
  }
}

function isEnd({ type }: Event): boolean {
  return type === 'step.settled' || type === 'step.failed' || type === 'step.caught' || type === 'step.cancelled' || type === 'wait.left';
}

function misended(what: string, { isWait, end, due, limit }: Begun, event: Event, at: number, isCalm: boolean): readonly string[] {
  const isTimeout = (event.type === 'step.failed' || event.type === 'step.caught') && event.error.code === 'timeout';
  if (isTimeout && isWait && end?.type !== 'timed_out') return [`${what} fails for a timeout, and ended by ${end?.type ?? 'nothing'}`];
  if (!isWait || event.type !== 'step.settled') {
    const isOverdue = isCalm && limit !== null && at > limit + 60_000 && !isTimeout && event.type === 'step.settled';
    return isOverdue && !isWait && end === null ? [`${what} had a timeout, and settled ${at - limit} ms after it`] : [];
  }
  if (end === null) return [`${what} settled, and nothing ended its wait`];
  if (end.type === 'timed_out') return [`${what} timed out and settled`];
  const given = JSON.stringify(event.output);
  const wanted = end.type === 'answered' ? end.answer : JSON.stringify({ v: null });
  if (given !== wanted) return [`${what} gives ${given}, and its first end gave ${wanted}`];
  return end.type === 'answered' && due !== null && at > due + SLACK_MS && isCalm ? [`${what} went on although its time had come`] : [];
}
