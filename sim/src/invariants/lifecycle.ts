/** Invariants 6 and 7: how runs and steps begin and end. */

import type { Json } from '@scriptorium/core';
import type { Invariant, Played } from './invariant.ts';
import { Attempts, below, isInside, isOfStep, spot, undoneBy, visitOf } from './trace.ts';
import type { Fact, RunTrace, StepRow } from './trace.ts';

export const singleTerminal: Invariant = {
  number: 6,
  says: 'A run ends once, and after that nothing of it happens; a step comes to one end in each of its visits.',
  check: ({ runs }) => runs.flatMap(({ run, facts }) => [...afterTheEnd(run, facts), ...endedTwice(run, facts)]),
};

function afterTheEnd(run: string, facts: readonly Fact[]): readonly string[] {
  const end = facts.findIndex(({ event }) => event.type === 'run.settled');
  return end === -1 ? [] : facts.slice(end + 1).map(({ event, gseq }) => `${event.type} (row ${gseq}) comes after the end of ${run}`);
}

const ends: ReadonlySet<string> = new Set(['step.settled', 'step.failed', 'step.cancelled', 'step.skipped', 'attempt.reused']);

function endedTwice(run: string, facts: readonly Fact[]): readonly string[] {
  const seen = new Set<string>();
  return facts.flatMap((fact) => {
    if (!isOfStep(fact)) return [];
    if (fact.event.type === 'compensation.begun') forget(seen, fact);
    if (!ends.has(fact.event.type)) return [];
    const visit = visitOf(fact);
    const isFirst = !seen.has(visit);
    seen.add(visit);
    return isFirst ? [] : [`${run} ${visit} ended twice, the second time by ${fact.event.type}`];
  });
}

/** What is undone begins under numbers of its own in each series. */
function forget(seen: Set<string>, { actor, event }: StepRow): void {
  for (const visit of seen)
    if (visit.startsWith(spot(actor, event.item, event.node === '' ? '' : `${event.node}/`)) && visit.includes('/compensate.'))
      seen.delete(visit);
}

type Status = 'open' | 'ending' | 'caught' | 'undoing' | 'done' | 'failed' | 'cancelled';

export const triggerRule: Invariant = {
  number: 7,
  says: 'A step begins only when what it needs has settled, in the current state of an open scope of a run that goes on, and no more items than workers are open.',
  check: (played) => played.runs.flatMap((trace) => [...begunWrongly(trace), ...tooMany(played, trace)]),
};

/** What the journal says of the steps of one run, by rules of its own. */
class Steps {
  readonly statuses = new Map<string, Status>();
  readonly current = new Map<string, string>();
  readonly attempts = new Attempts();
  readonly chunks = new Map<string, string>();
  readonly ending = new Set<string>();
  isHeld = false;

  take(fact: Fact): void {
    const { actor, event } = fact;
    switch (event.type) {
      case 'run.paused':
      case 'run.interrupted':
        this.isHeld = true;
        return;
      case 'run.resumed':
        this.isHeld = false;
        return;
      case 'run.cancelling':
      case 'chunk.cancelling':
        this.ending.add(actor);
        return;
      case 'chunk.started':
        this.chunks.set(actor, event.node);
        return;
      default:
        if (isOfStep(fact)) this.#takeStep(fact);
    }
  }

  #takeStep(fact: StepRow): void {
    const { actor, event } = fact;
    const here = spot(actor, event.item, event.node);
    const counts = this.attempts.take(fact);
    switch (event.type) {
      case 'attempt.started':
        this.statuses.set(here, 'open');
        return;
      case 'attempt.succeeded':
        if (counts) this.statuses.set(here, 'done');
        return;
      case 'attempt.reused':
      case 'step.settled':
      case 'step.skipped':
        return void this.statuses.set(here, 'done');
      case 'step.failed':
        return void this.statuses.set(here, 'failed');
      case 'step.cancelled':
        return void this.statuses.set(here, 'cancelled');
      case 'step.caught':
        return void this.statuses.set(here, 'caught');
      case 'step.entered':
      case 'each.opened':
      case 'wait.begun':
        return void this.statuses.set(here, 'open');
      case 'step.ended':
        return void this.statuses.set(here, 'ending');
      case 'compensation.begun':
        this.#forget(actor, event.item, event.node);
        return void this.statuses.set(here, 'undoing');
      case 'state.entered': {
        const left = this.current.get(here);
        if (left !== undefined) this.#forget(actor, event.item, below(event.node, left));
        return void this.current.set(here, event.state);
      }
      default:
        return;
    }
  }

  #forget(actor: string, item: number, node: string): void {
    for (const key of [...this.statuses.keys(), ...this.current.keys()]) {
      const [of, at, id = ''] = key.split('|');
      if (of !== actor || at !== String(item) || !isInside(id, node)) continue;
      this.statuses.delete(key);
      this.current.delete(key);
    }
  }
}

function begunWrongly(trace: RunTrace): readonly string[] {
  const steps = new Steps();
  const wrong: string[] = [];
  for (const fact of trace.facts) {
    const why = isOfStep(fact) && isBeginning(fact) && fact.place >= trace.copied ? whyNot(trace, steps, fact) : null;
    if (why !== null) wrong.push(`${fact.event.type} of ${trace.run} ${visitOf(fact as StepRow)}: ${why}`);
    steps.take(fact);
  }
  return wrong;
}

const beginnings: ReadonlySet<string> = new Set([
  'attempt.started',
  'attempt.reused',
  'step.entered',
  'each.opened',
  'step.skipped',
  'wait.begun',
]);

function isBeginning(fact: Fact): boolean {
  return beginnings.has(fact.event.type);
}

function whyNot(trace: RunTrace, steps: Steps, { actor, event }: StepRow): string | null {
  const here = (node: string): string => spot(actor, event.item, node);
  const undone = undoneBy(event.node);
  if (undone !== null) return steps.isHeld && !steps.ending.has(actor) ? 'the run is held' : null;
  if (steps.isHeld) return 'the run is held';
  if (steps.ending.has(actor)) return 'its actor is being cancelled';
  const known = steps.statuses.get(here(event.node));
  if (known !== undefined && known !== 'open') return `it is ${known} already`;
  const caught = /^(.*)\/catch\.\d+$/.exec(event.node)?.[1];
  if (caught !== undefined) return steps.statuses.get(here(caught)) === 'caught' ? null : 'what it stands in for was not caught';
  const parent = trace.parents.get(event.node);
  if (parent === undefined || steps.chunks.get(actor) === event.node) return null;
  const around = steps.statuses.get(here(parent.id));
  if (around !== 'open') return `the scope around it is ${around ?? 'not there'}`;
  if (parent.do.k === 'or') {
    const state = steps.current.get(here(parent.id));
    return below(parent.id, state ?? '') === event.node ? null : `the scope is in its state ${state}`;
  }
  const siblings = parent.do.k === 'and' ? parent.do.steps : [];
  const failed = siblings.find(({ id }) => ['failed', 'cancelled'].includes(steps.statuses.get(here(id)) ?? ''));
  if (failed !== undefined) return `${failed.id} beside it has failed`;
  const missing = trace.nodes.get(event.node)?.needs.find((need) => steps.statuses.get(here(below(parent.id, need))) !== 'done');
  return missing === undefined ? null : `${missing} has not settled`;
}

/** More items open than workers, reports that count wrongly, and an `each` that fails though it had enough. */
function tooMany({ history }: Played, { run, facts }: RunTrace): readonly string[] {
  const wrong: string[] = [];
  const workers = new Map<string, number>();
  const chunks = new Map<string, { readonly fan: string; readonly node: string; readonly size: number }>();
  const open = new Map<string, Set<string>>();
  const ended = new Map<string, Map<number, string>>();
  const enough = new Set<string>();
  const tries = new Attempts();
  for (const fact of facts) {
    const { actor, event } = fact;
    if (event.type === 'chunk.started') {
      const fan = actor.slice(0, actor.lastIndexOf(':'));
      chunks.set(actor, { fan, node: event.node, size: event.size });
      ended.set(actor, new Map());
    }
    if (event.type === 'each.opened') workers.set(spot(actor, event.item, event.node), event.workers);
    if (event.type === 'chunk.started') {
      const limit = workers.get(spot(event.parent.actor, event.parent.item, event.node));
      if (limit !== undefined) workers.set(actor.slice(0, actor.lastIndexOf(':')), limit);
    }
    const chunk = chunks.get(actor);
    if (event.type === 'chunk.reported' && event.from === undefined && chunk !== undefined)
      wrong.push(...miscounted(run, actor, event.counts, [...(ended.get(actor)?.values() ?? [])], event.page === null ? null : chunk.size));
    const settled = event.type === 'chunk.reported' && event.page !== null ? (event.from?.actor ?? '') : '';
    const teller = chunks.get(settled);
    // What it says in the end stands with whom it tells.
    if (event.type === 'chunk.reported' && teller !== undefined)
      wrong.push(...miscounted(run, settled, event.counts, [...(ended.get(settled)?.values() ?? [])], teller.size));
    if (event.type === 'chunk.settled' && chunk !== undefined) {
      const rows = history.read(event.page) as readonly { readonly status: string; readonly output?: Json }[];
      const known = ended.get(actor) ?? new Map<number, string>();
      rows.forEach(({ status }, item) => {
        if (status !== (known.get(item) ?? 'cancelled')) wrong.push(`${run} ${actor} says that its item ${item} ${status}`);
      });
      for (const item of open.get(chunk.fan) ?? []) if (item.startsWith(`${actor}|`)) open.get(chunk.fan)?.delete(item);
    }
    if (!isOfStep(fact)) continue;
    const visit = visitOf(fact);
    if (event.type === 'step.ended') enough.add(visit);
    if ((event.type === 'step.failed' || event.type === 'step.caught') && enough.has(visit) && !isGrave(event.error.code))
      wrong.push(`${run} ${visit} had enough and fails with ${event.error.code}`);
    if (event.type === 'step.settled' || event.type === 'step.entered') enough.delete(visit);
    if (chunk === undefined) continue;
    const items = open.get(chunk.fan) ?? new Set<string>();
    open.set(chunk.fan, items);
    const counts = tries.take(fact);
    const status = fact.event.node === chunk.node && (counts || event.type !== 'attempt.succeeded') ? endOf(fact) : null;
    if (status === null) {
      if (!ended.get(actor)?.has(fact.event.item)) items.add(`${actor}|${fact.event.item}`);
    } else {
      items.delete(`${actor}|${fact.event.item}`);
      ended.get(actor)?.set(fact.event.item, status);
    }
    const most = workers.get(chunk.fan);
    if (most !== undefined && items.size > most) wrong.push(`${run} has ${items.size} items of ${chunk.fan} open, and ${most} workers`);
  }
  return wrong;
}

function isGrave(code: string): boolean {
  return code === 'compensation_failed' || code === 'fatal' || code === 'expression';
}

function miscounted(
  run: string,
  actor: string,
  counts: { readonly succeeded: number; readonly failed: number; readonly skipped: number; readonly cancelled: number },
  ended: readonly string[],
  size: number | null,
): readonly string[] {
  const of = (status: string): number => ended.filter((one) => one === status).length;
  const missing = size === null ? 0 : size - ended.length;
  const actual = { succeeded: of('succeeded'), failed: of('failed'), skipped: of('skipped'), cancelled: of('cancelled') + missing };
  const told = { succeeded: counts.succeeded, failed: counts.failed, skipped: counts.skipped, cancelled: counts.cancelled };
  const [a, b] = [JSON.stringify(actual), JSON.stringify(told)];
  // What settles with the report itself is told of by the next one; the last one tells all.
  const isBehind = size === null && (Object.keys(told) as (keyof typeof told)[]).every((status) => told[status] <= actual[status]);
  return a === b || isBehind ? [] : [`${run} ${actor} reports ${b} when it is ${a}`];
}

/** What an item came to by this row about its whole body; null where it goes on. */
function endOf({ event }: StepRow): string | null {
  switch (event.type) {
    case 'attempt.succeeded':
    case 'attempt.reused':
    case 'step.settled':
      return 'succeeded';
    case 'step.failed':
      return 'failed';
    case 'step.skipped':
      return 'skipped';
    case 'step.cancelled':
      return 'cancelled';
    default:
      return null;
  }
}
