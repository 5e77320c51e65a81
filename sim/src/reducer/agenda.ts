/** What is to happen, by virtual time; of what is due at once, what was asked for first comes first. */

import type { Ms } from '@scriptorium/core';

export interface Agenda {
  readonly add: (at: Ms, happen: () => void) => void;
  /** Takes out what comes next; null when nothing does. */
  readonly next: () => { readonly at: Ms; readonly happen: () => void } | null;
  readonly size: () => number;
}

interface Entry {
  readonly at: Ms;
  readonly order: number;
  readonly happen: () => void;
}

/** A list kept in order: the histories of scenarios have only dozens of entries at once. */
export function createAgenda(): Agenda {
  const entries: Entry[] = [];
  let order = 0;
  return {
    add: (at, happen) => {
      order += 1;
      let place = entries.length;
      while (place > 0 && (entries[place - 1] as Entry).at <= at) place -= 1;
      // Latest first, so that the next one is taken from the end.
      entries.splice(place, 0, { at, order, happen });
    },
    next: () => entries.pop() ?? null,
    size: () => entries.length,
  };
}
