/** What the definition says of catches, tolerance and visits, read from it anew. */

import type { Node, Tpl } from '@scriptorium/core';
import type { Invariant } from './invariant.ts';
import { below, isOfStep, nodeOf, spot, undoneBy, visitOf } from './trace.ts';
import type { RunTrace, StepRow } from './trace.ts';

export const definition: Invariant = {
  number: 0,
  says: 'What is over by its `until` fails no more, but gravely. The first entry of a catch that covers an error takes it; grave errors only by their names; an `each` tolerates what it says, begins nothing once more has failed, and states are entered as often as they say.',
  check: ({ runs }) => runs.flatMap((trace) => [...wrongIn(trace), ...begunInVain(trace)]),
};

function wrongIn(trace: RunTrace): readonly string[] {
  const started = trace.facts[0]?.event;
  const mode = started?.type === 'run.started' ? started.options.mode : 'flexible';
  const visits = new Map<string, number>();
  const chunks = new Map<string, string>();
  const over = new Set<string>();
  return trace.facts.flatMap((fact) => {
    if (fact.event.type === 'chunk.started') chunks.set(fact.actor, fact.event.node);
    if (!isOfStep(fact)) return [];
    const { event } = fact;
    const what = `${trace.run} ${visitOf(fact)}`;
    const node = nodeOf(trace, event.node);
    if (node === undefined) return [];
    const visit = visitOf(fact);
    if (event.type === 'step.ended') over.add(visit);
    if (event.type === 'step.entered' || event.type === 'each.opened') over.delete(visit);
    const isFailure = event.type === 'step.failed' || event.type === 'step.caught';
    if (isFailure && over.has(visit) && !lasting.has(event.error.code)) return [`${what} was over, and fails with ${event.error.code}`];
    switch (event.type) {
      case 'step.caught': {
        const isWhole = node.each !== undefined && chunks.get(fact.actor) !== event.node;
        const first = firstCatch(node, event.error.code, isWhole, mode);
        return first === event.catch ? [] : [`${what} has ${event.error.code} caught by entry ${event.catch}, and not by ${first}`];
      }
      case 'each.opened': {
        const wanted = toleranceOf(node.each?.tolerate, event.total, mode);
        return wanted === undefined || wanted === event.tolerate
          ? []
          : [`${what} tolerates ${event.tolerate} of ${event.total}, and not ${wanted}`];
      }
      case 'step.entered':
        visits.clear();
        return [];
      case 'state.entered': {
        const key = `${what} ${event.state}`;
        const before = visits.get(key) ?? event.visit - 1;
        visits.set(key, event.visit);
        return event.visit === before + 1 ? [] : [`${what} enters ${event.state} for time ${event.visit} after ${before}`];
      }
      case 'attempt.started':
        return tooOften(trace, fact) ? [`${what} begins although its state was entered too often`] : [];
      default:
        return [];
    }
  });
}

/** Calls that begin in items of an `each` of which more have failed than it tolerates; what is undone is another matter. */
function begunInVain({ run, facts }: RunTrace): readonly string[] {
  const tolerated = new Map<string, number | null>();
  /** Of a chunk: the `each` that it is of, with its node. */
  const chunks = new Map<string, { readonly each: string; readonly node: string }>();
  const failed = new Map<string, number>();
  return facts.flatMap((fact) => {
    const { actor, event } = fact;
    if (event.type === 'chunk.started')
      chunks.set(actor, { each: spot(event.parent.actor, event.parent.item, event.node), node: event.node });
    if (!isOfStep(fact)) return [];
    if (event.type === 'each.opened') {
      const opened = spot(actor, event.item, event.node);
      tolerated.set(opened, event.tolerate);
      failed.delete(opened);
    }
    const chunk = chunks.get(actor);
    if (chunk === undefined) return [];
    const [most = null, bad] = [tolerated.get(chunk.each), failed.get(chunk.each) ?? 0];
    if (event.type === 'step.failed' && event.node === chunk.node) failed.set(chunk.each, bad + 1);
    if (event.type !== 'attempt.started' || undoneBy(event.node) !== null || most === null || bad <= most) return [];
    return [`${run} ${visitOf(fact)} begins when ${bad} items have failed, of which ${most} are tolerated`];
  });
}

/** What may still go wrong with what is over: undoing what was cut off, a fatal error, and what it gives. */
const lasting: ReadonlySet<string> = new Set(['compensation_failed', 'fatal', 'expression']);

/** In which place the entry stands that takes the error; -1 for none. Entries with an `if` are not modelled. */
function firstCatch(node: Node, code: string, isWhole: boolean, mode: string): number {
  if (mode === 'strict' && code.startsWith('contract.')) return -1;
  return node.catch.findIndex(({ errors, to }) => {
    if (to === undefined ? isWhole : node.each !== undefined && !isWhole) return false;
    if (code === 'compensation_failed' || code === 'fatal') return errors.includes(code);
    return (
      errors.length === 0 ||
      errors.some((name) => name === '*' || name === code || (name.endsWith('.*') && code.startsWith(name.slice(0, -1))))
    );
  });
}

/** Undefined where the definition computes it. */
function toleranceOf(said: Tpl | undefined, total: number, mode: string): number | null | undefined {
  if (mode === 'strict') return 0;
  if (mode === 'best_effort') return null;
  const value = said !== undefined && 'lit' in said ? said.lit : undefined;
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !value.endsWith('%')) return undefined;
  const share = Math.floor((total * Number(value.slice(0, -1))) / 100);
  return share === 0 && total > 1 && value !== '0%' ? 1 : share;
}

/** Whether it is in a visit of a state beyond what its `max` allows. */
function tooOften({ nodes, parents }: RunTrace, { event, iteration }: StepRow): boolean {
  const visit = Number(iteration.split('.').at(-1));
  const parent = parents.get(event.node);
  const { max } = nodes.get(event.node) ?? {};
  return (
    max !== undefined &&
    iteration !== '' &&
    visit > max &&
    parent?.do.k === 'or' &&
    below(parent.id, event.node.slice(parent.id.length).replace(/^\//, '')) === event.node
  );
}
