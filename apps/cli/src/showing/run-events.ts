/** A run's events from a host, read in pages. */

import type { Host, Recorded } from '@scriptorium/core';

const PAGE = 5_000;

/** All of a run, or those of one actor where it is named; no more than `most`. */
export async function eventsOf(
  host: Host,
  run: string,
  actor?: string,
  most: number = Number.POSITIVE_INFINITY,
): Promise<readonly Recorded[]> {
  const events: Recorded[] = [];
  for (;;) {
    const size = Math.min(PAGE, most - events.length);
    const page = await host.events(run, events.at(-1)?.gseq ?? 0, size, actor);
    for (const recorded of page) events.push(recorded);
    if (page.length < PAGE || events.length >= most) return events;
  }
}
