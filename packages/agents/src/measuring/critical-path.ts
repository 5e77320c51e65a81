/**
 * The critical path of a run: the chain of attempts and waits without a gap that would have to be shorter for the run to
 * be. It is walked backwards from what ended last: before each piece comes what ended last before it began, of what it
 * can have waited for - the same item, one around it or within it, items of another list of the same one, or the same
 * step, whose pool or places it shares.
 *
 * Source: C.-Q. Yang and B. P. Miller, Critical path analysis for the execution of parallel and distributed programs, 1988.
 */

import type { Instant, Ms } from '@scriptorium/core';
import { attemptsOf } from './attempts.ts';
import type { Attempt, Told } from './attempts.ts';

export interface PathPiece {
  readonly run: string;
  readonly node: string;
  readonly key: string | null;
  readonly startedAt: Instant;
  readonly ms: Ms;
  /** The attempt; null where somebody or a time was waited for. */
  readonly attempt: Attempt | null;
}

interface Span {
  readonly run: string;
  readonly actor: string;
  readonly item: number;
  readonly node: string;
  readonly key: string | null;
  readonly begun: number;
  readonly ended: number;
  readonly startedAt: Instant;
  readonly endedAt: Instant;
  readonly attempt: Attempt | null;
}

/** The first piece first. `events` are those of a run and of the runs that its steps waited for. */
export function criticalPath(events: readonly Told[]): readonly PathPiece[] {
  const attempts = attemptsOf(events).filter(({ isCall, end }) => !isCall && end !== null);
  const spans: readonly Span[] = [...attempts.map((attempt) => ({ ...attempt, attempt })), ...waitsOf(events)].toSorted(
    (a, b) => a.ended - b.ended,
  );
  const path: PathPiece[] = [];
  let at = spans.at(-1);
  let until = at?.endedAt ?? 0;
  while (at !== undefined) {
    const { run, node, key, startedAt, attempt } = at;
    path.push({ run, node, key, startedAt, ms: Math.max(0, until - startedAt), attempt });
    until = startedAt;
    at = beforeOf(at, spans);
  }
  return path.reverse();
}

function beforeOf(span: Span, spans: readonly Span[]): Span | undefined {
  const earlier = spans.slice(0, countEndedBefore(span.begun, spans));
  return earlier.findLast((one) => isRelated(one, span)) ?? earlier.at(-1);
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

/** Runs of steps are named after the run that waits for them; chunks after the actor, item and step that fanned out. */
function isRelated(one: Span, other: Span): boolean {
  if (one.run !== other.run) return one.run.startsWith(`${other.run}.`) || other.run.startsWith(`${one.run}.`);
  if (one.node === other.node) return true;
  const [ones, others] = [wayTo(one), wayTo(other)];
  const parting = ones.findIndex((part, index) => part !== others[index]);
  const [own, beside] = [ones[parting], others[parting]];
  if (own === undefined || beside === undefined) return true;
  return itemOf(own) === itemOf(beside) && !(isChunk(own) && isChunk(beside) && listOf(own) === listOf(beside));
}

/** From the root: `item:step:chunk` of each list, and `item:` at the end. */
function wayTo({ actor, item }: Span): readonly string[] {
  return [...actor.split('/'), `${item}:`];
}

function itemOf(part: string): string {
  return part.slice(0, part.indexOf(':'));
}

function isChunk(part: string): boolean {
  return !part.endsWith(':');
}

function listOf(part: string): string {
  return part.slice(0, part.lastIndexOf(':'));
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
      const span = { run, actor, item, node, key: null, begun: begun.gseq, ended: gseq, startedAt: begun.at, endedAt: at, attempt: null };
      spans.push(span);
    }
  }
  return spans;
}
