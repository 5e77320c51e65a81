/** What a fork's parent completed after they parted: results that the fork takes over where it asks for the same. */

import { effectiveEvents, evolve, isWithin, iterationOf } from '@scriptorium/core';
import type { ActorState, Failure, Recorded, RootKind } from '@scriptorium/core';
import type { Journal, MemoRow } from '../journal/journal.ts';
import type { Underway } from '../kernel/live-run.ts';
import { isSelected, notRetried } from '../reports/dead-selection.ts';

/** Forks of forks that a result is followed through. */
const MAX_GENERATIONS = 32;
/** Actors of parents whose results are kept at once. */
const KEPT_ACTORS = 64;

export interface Parents {
  /** `handler` is `name@version`, since another version may give another result; null for a flow, whose definition is pinned. */
  readonly find: (fork: NonNullable<RootKind['fork']>, underway: Underway, handler: string | null) => MemoRow | null;
  /** The run that the same step called there; null where it called none, or is to run again. */
  readonly childOf: (fork: NonNullable<RootKind['fork']>, underway: Underway) => string | null;
  /** What the call failed with there for good, where it is not to be tried again. */
  readonly refused: (fork: NonNullable<RootKind['fork']>, underway: Underway) => Failure | null;
}

interface Done {
  readonly input: string;
  readonly handler: string;
  readonly result: MemoRow;
}

interface Known {
  readonly done: ReadonlyMap<string, Done>;
  /** What it has taken over itself, and from which run. */
  readonly reused: ReadonlyMap<string, { readonly input: string | null; readonly from: string }>;
  readonly failed: ReadonlyMap<string, { readonly input: string | null; readonly error: Failure }>;
  /** The latest run of each step that called one. */
  readonly children: ReadonlyMap<string, string>;
}

export function createParents(journal: Journal): Parents {
  const kept = new Map<string, Known>();
  const knownOf = (parent: string, gseq: number, actor: string): Known => {
    const id = `${parent} ${gseq} ${actor}`;
    const done = kept.get(id) ?? readKnown(journal.readActor(parent, actor) as readonly Recorded[], gseq);
    kept.delete(id);
    kept.set(id, done);
    for (const oldest of kept.keys()) {
      if (kept.size <= KEPT_ACTORS) break;
      kept.delete(oldest);
    }
    return done;
  };
  return {
    find: ({ parent, gseq, step }, underway, handler) => {
      const { actor, dispatch, input } = underway;
      const { key, item, node, iteration } = dispatch;
      if (step !== null && isWithin(node, step)) return null;
      let [run, after] = [parent, gseq];
      for (let generation = 0; generation < MAX_GENERATIONS; generation += 1) {
        const known = knownOf(run, after, actor);
        const done = known.done.get(callKey(key, node, iteration));
        if (done !== undefined) return done.input !== input || (handler !== null && done.handler !== handler) ? null : done.result;
        const reused = known.reused.get(spotKey(item, node, iteration));
        if (reused === undefined || reused.input !== input || reused.from === run) return null;
        [run, after] = [reused.from, 0];
      }
      return null;
    },
    childOf: ({ parent, gseq, step }, { actor, dispatch: { key, item, node, iteration } }) => {
      if (step !== null && isWithin(node, step)) return null;
      let [run, after] = [parent, gseq];
      for (let generation = 0; generation < MAX_GENERATIONS; generation += 1) {
        const { children, reused } = knownOf(run, after, actor);
        const child = children.get(callKey(key, node, iteration));
        const from = reused.get(spotKey(item, node, iteration))?.from;
        if (child !== undefined || from === undefined || from === run) return child ?? null;
        [run, after] = [from, 0];
      }
      return null;
    },
    refused: ({ parent, gseq, only }, { actor, dispatch, input }) => {
      if (only === undefined) return null;
      const { key, node, iteration } = dispatch;
      const known = knownOf(parent, gseq, actor).failed;
      const failed = known.get(callKey(key, node, iteration)) ?? known.get(spotKey(dispatch.item, node, iteration));
      if (failed === undefined || (failed.input !== null && failed.input !== input) || isSelected(only, node, key, failed.error))
        return null;
      return notRetried(parent, failed.error);
    },
  };
}

function readKnown(events: readonly Recorded[], after: number): Known {
  const begun = new Map<string, Omit<Done, 'result'> & { readonly call: string }>();
  const done = new Map<string, Done>();
  const reused = new Map<string, { readonly input: string | null; readonly from: string }>();
  const failed = new Map<string, { readonly input: string | null; readonly error: Failure }>();
  const children = new Map<string, string>();
  let state: ActorState | null = null;
  for (const recorded of effectiveEvents(events)) {
    const { event, gseq, run, at } = recorded;
    if (event.type === 'attempt.started' && event.input !== undefined) {
      const iteration = iterationOf(state?.open.get(event.item)?.steps, event.node) ?? '';
      const { input, handler, child } = event;
      const call = callKey(event.key, event.node, iteration);
      begun.set(`${event.item}:${event.node}`, { input, handler, call });
      if (child !== undefined && gseq > after) children.set(call, child);
    }
    if (event.type === 'attempt.succeeded' && gseq > after) {
      const { call, ...known } = begun.get(`${event.item}:${event.node}`) ?? {};
      const { output, artifacts } = event;
      if (call !== undefined) done.set(call, { ...(known as Omit<Done, 'result'>), result: { key: call, output, artifacts, run, at } });
    }
    if (event.type === 'attempt.reused' && gseq > after) {
      const { item, node, iteration = '', input = null, reusedFrom } = event;
      reused.set(spotKey(item, node, iteration), { input, from: reusedFrom });
    }
    if (event.type === 'step.failed' && gseq > after) {
      const { call, input = null } = begun.get(`${event.item}:${event.node}`) ?? {};
      const { item, node, error } = event;
      if (call !== undefined) failed.set(call, { input, error });
      // What was not tried again there has no start that would say its input; the items are the same as there.
      else if (error.code === 'not_retried')
        failed.set(spotKey(item, node, iterationOf(state?.open.get(item)?.steps, node) ?? ''), { input: null, error });
    }
    state = evolve(state, recorded);
  }
  return { done, reused, failed, children };
}

function callKey(key: string | null, node: string, iteration: string): string {
  return JSON.stringify([key, node, iteration]);
}

function spotKey(item: number, node: string, iteration: string): string {
  return JSON.stringify([item, node, iteration]);
}
