/** What a fork's parent completed after they parted: results that the fork takes over where it asks for the same. */

import { effectiveEvents, evolve, isWithin, iterationOf } from '@scriptorium/core';
import type { ActorState, Recorded, RootKind } from '@scriptorium/core';
import type { Journal, MemoRow } from '../journal/journal.ts';
import type { Underway } from '../kernel/live-run.ts';

/** Actors of parents whose results are kept at once. */
const KEPT_ACTORS = 64;

export interface Parents {
  /** `handler` is `name@version`, since another version may give another result; null for a flow, whose definition is pinned. */
  readonly find: (fork: NonNullable<RootKind['fork']>, underway: Underway, handler: string | null) => MemoRow | null;
}

interface Done {
  readonly input: string;
  readonly handler: string;
  readonly result: MemoRow;
}

export function createParents(journal: Journal): Parents {
  const kept = new Map<string, ReadonlyMap<string, Done>>();
  const doneBy = (parent: string, gseq: number, actor: string): ReadonlyMap<string, Done> => {
    const id = `${parent} ${gseq} ${actor}`;
    const done = kept.get(id) ?? readDone(journal.readActor(parent, actor) as readonly Recorded[], gseq);
    kept.delete(id);
    kept.set(id, done);
    for (const oldest of kept.keys()) {
      if (kept.size <= KEPT_ACTORS) break;
      kept.delete(oldest);
    }
    return done;
  };
  return {
    find: ({ parent, gseq, step }, { actor, dispatch, input }, handler) => {
      const { key, node, iteration } = dispatch;
      if (step !== null && isWithin(node, step)) return null;
      const done = doneBy(parent, gseq, actor).get(callKey(key, node, iteration));
      return done === undefined || done.input !== input || (handler !== null && done.handler !== handler) ? null : done.result;
    },
  };
}

function readDone(events: readonly Recorded[], after: number): ReadonlyMap<string, Done> {
  const begun = new Map<string, Omit<Done, 'result'> & { readonly call: string }>();
  const done = new Map<string, Done>();
  let state: ActorState | null = null;
  for (const recorded of effectiveEvents(events)) {
    const { event, gseq, run, at } = recorded;
    if (event.type === 'attempt.started' && event.input !== undefined) {
      const iteration = iterationOf(state?.open.get(event.item)?.steps, event.node) ?? '';
      const { input, handler } = event;
      begun.set(`${event.item}:${event.node}`, { input, handler, call: callKey(event.key, event.node, iteration) });
    }
    if (event.type === 'attempt.succeeded' && gseq > after) {
      const { call, ...known } = begun.get(`${event.item}:${event.node}`) ?? {};
      const { output, artifacts } = event;
      if (call !== undefined) done.set(call, { ...(known as Omit<Done, 'result'>), result: { key: call, output, artifacts, run, at } });
    }
    state = evolve(state, recorded);
  }
  return done;
}

function callKey(key: string | null, node: string, iteration: string): string {
  return JSON.stringify([key, node, iteration]);
}
