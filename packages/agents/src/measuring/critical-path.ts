/**
 * The critical path of a run: the chain of attempts and waits that would have to be shorter for the run to be. It is walked
 * backwards from what ended last. Before each piece comes what ended last of that which it needed, by the definitions; where
 * it did not begin then, and another one gave up a place that it had to have - of a list's workers, of a pool - that one.
 *
 * Source: C.-Q. Yang and B. P. Miller, Critical path analysis for the execution of parallel and distributed programs, 1988.
 */

import type { Flow, Instant, Ms } from '@scriptorium/core';
import { attemptsOf } from './attempts.ts';
import type { Attempt, Told } from './attempts.ts';
import { createWaiting } from './waiting-for.ts';
import type { Piece, Reason, Site, Waiting } from './waiting-for.ts';

export interface PathPiece {
  readonly run: string;
  readonly node: string;
  readonly key: string | null;
  readonly startedAt: Instant;
  readonly ms: Ms;
  /** The attempt; null where somebody or a time was waited for. */
  readonly attempt: Attempt | null;
}

interface Span extends Piece {
  readonly key: string | null;
  readonly begun: number;
  readonly ended: number;
  readonly startedAt: Instant;
  readonly endedAt: Instant;
  readonly attempt: Attempt | null;
}

/** The first piece first. `events` are those of a run and of the runs that its steps waited for, `flows` has the definition of each. */
export function criticalPath(events: readonly Told[], flows: ReadonlyMap<string, Flow>): readonly PathPiece[] {
  const waiting = createWaiting(flows, callersIn(events));
  const attempts = attemptsOf(events).filter(({ isCall, end }) => !isCall && end !== null);
  const spans: readonly Span[] = [
    ...attempts.map((attempt) => ({ ...attempt, goesOn: attempt.number > 1, attempt })),
    ...waitsOf(events),
  ].toSorted((a, b) => a.ended - b.ended);
  const path: PathPiece[] = [];
  let at = spans.at(-1);
  let until = at?.endedAt ?? 0;
  while (at !== undefined) {
    const { run, node, key, startedAt, attempt } = at;
    path.push({ run, node, key, startedAt, ms: Math.max(0, until - startedAt), attempt });
    until = startedAt;
    at = beforeOf(at, spans, waiting);
  }
  return path.reverse();
}

function beforeOf(span: Span, spans: readonly Span[], { reasonFor }: Waiting): Span | undefined {
  const latest = new Map<Reason, Span>();
  for (let at = countEndedBefore(span.begun, spans) - 1; at >= 0 && !latest.has('needs'); at -= 1) {
    const one = spans[at] as Span;
    // What it needed was there before, so it was a place that it waited for.
    if (latest.has('place') && one.endedAt < span.startedAt) break;
    const reason = reasonFor(one, span);
    if (reason !== null && !latest.has(reason)) latest.set(reason, one);
  }
  return latest.get('needs') ?? latest.get('place') ?? latest.get('again');
}

/** By the run of a step, where that step is. */
function callersIn(events: readonly Told[]): ReadonlyMap<string, Site> {
  return new Map(
    events.flatMap(({ run, actor, event }): [string, Site][] =>
      event.type === 'attempt.started' && event.child !== undefined
        ? [[event.child, { run, actor, item: event.item, node: event.node }]]
        : [],
    ),
  );
}

/** Spans stand in the order in which they ended. */
function countEndedBefore(gseq: number, spans: readonly Span[]): number {
  let [low, high] = [0, spans.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((spans[middle]?.ended ?? 0) < gseq) low = middle + 1;
    else high = middle;
  }
  return low;
}

function waitsOf(events: readonly Told[]): readonly Span[] {
  const open = new Map<string, Told>();
  const spans: Span[] = [];
  for (const told of events) {
    const { run, actor, gseq, at, event } = told;
    if (!('node' in event) || !('item' in event)) continue;
    const { item, node } = event;
    const id = JSON.stringify([run, actor, item, node]);
    const begun = open.get(id);
    if (event.type === 'wait.begun') open.set(id, told);
    else if (begun !== undefined && ['wait.over', 'wait.answered', 'step.timed_out'].includes(event.type)) {
      open.delete(id);
      const span = { run, actor, item, node, key: null, begun: begun.gseq, ended: gseq, startedAt: begun.at, endedAt: at };
      spans.push({ ...span, goesOn: false, attempt: null });
    }
  }
  return spans;
}
