/**
 * When the reducer is to be asked again what is due. Of each item of an actor only the earliest instant is kept: which
 * event that is for, and what comes after it, follows from the state. So a hundred thousand deadlines are a number each
 * and one timer an actor, and one that nothing waits for any more costs a look.
 */

import type { Instant } from '@scriptorium/core';
import type { Timers } from './timers.ts';

export interface Alarms {
  readonly set: (run: string, actor: string, item: number, at: Instant) => void;
  /** The actor has settled. */
  readonly forget: (run: string, actor: string) => void;
  readonly forgetRun: (run: string) => void;
}

interface Deadlines {
  /** When the timer of the actor is set for, if it is. */
  armed: Instant;
  /** By the numbers of the items: as plain numbers they take 8 bytes each, where a map takes 45. */
  readonly items: Instant[];
}

const never: Instant = Number.POSITIVE_INFINITY;

/** `ring` is called with the items of an actor whose instants have come; what they ask for next is set anew. */
export function createAlarms(
  { timers, now }: { readonly timers: Timers; readonly now: () => Instant },
  ring: (run: string, actor: string, items: readonly number[]) => void,
): Alarms {
  const runs = new Map<string, Map<string, Deadlines>>();

  function actorsOf(run: string): Map<string, Deadlines> {
    const actors = runs.get(run) ?? new Map<string, Deadlines>();
    runs.set(run, actors);
    return actors;
  }

  function arm(run: string, actor: string, own: Deadlines, at: Instant): void {
    if (at >= own.armed) return;
    own.armed = at;
    timers.set(keyOf(run, actor), at, () => wake(run, actor, own));
  }

  function wake(run: string, actor: string, own: Deadlines): void {
    const due = [...own.items.keys()].filter((item) => atOf(own, item) <= now());
    for (const item of due) own.items[item] = never;
    own.armed = never;
    const next = own.items.reduce((first, at) => Math.min(first, at), never);
    if (next === never) actorsOf(run).delete(actor);
    else arm(run, actor, own, next);
    if (due.length > 0) ring(run, actor, due);
  }

  function forget(run: string, actor: string): void {
    if (runs.get(run)?.delete(actor) === true) timers.clear(keyOf(run, actor));
  }

  return {
    set: (run, actor, item, at) => {
      const actors = actorsOf(run);
      const own = actors.get(actor) ?? { armed: never, items: [] };
      actors.set(actor, own);
      if (at >= atOf(own, item)) return;
      while (own.items.length <= item) own.items.push(never);
      own.items[item] = at;
      arm(run, actor, own, at);
    },
    forget,
    forgetRun: (run) => {
      for (const actor of runs.get(run)?.keys() ?? []) forget(run, actor);
      runs.delete(run);
    },
  };
}

function atOf({ items }: Deadlines, item: number): Instant {
  return items[item] ?? never;
}

function keyOf(run: string, actor: string): string {
  return `${run}/${actor}`;
}
