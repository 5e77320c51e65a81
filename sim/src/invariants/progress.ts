/** Invariants 19, 20 and 22: runs get on, one engine writes, and nothing grows without bound. */

import { foldActor } from '@scriptorium/core';
import type { ActorState, Recorded } from '@scriptorium/core';
import type { Invariant, Played } from './invariant.ts';
import type { RunTrace } from './trace.ts';

export const noStuckRun: Invariant = {
  number: 19,
  says: 'When nothing happens any more, a run that has not ended is held or waits for something from outside.',
  check: ({ history: { observations }, runs }) =>
    observations.some(({ type }) => type === 'quiet') ? runs.flatMap((trace) => stuckIn(trace, runs)) : ['it never became quiet'],
};

function stuckIn({ run, all }: RunTrace, runs: readonly RunTrace[]): readonly string[] {
  const states = [...Map.groupBy(all as readonly Recorded[], ({ actor }) => actor).values()].flatMap((own) => foldActor(own) ?? []);
  const root = states.find(({ kind }) => kind.type === 'root');
  if (root === undefined || root.kind.type !== 'root') return [`${run} has no root`];
  if (root.status === 'settled' || (root.status === 'running' && root.kind.held !== null)) return [];
  const open = new Set(runs.flatMap((one) => (one.all.some(({ event }) => event.type === 'run.settled') ? [] : [one.run])));
  const called = all.flatMap(({ actor, event }) =>
    event.type === 'attempt.started' && event.child !== undefined && open.has(event.child)
      ? [`${actor} ${event.item}:${event.node} ${event.attempt}`]
      : [],
  );
  const busy = states.flatMap((state) =>
    busyIn(state, new Set(called)).map((what) => `${run} ${state.id} ${what} when nothing happens any more`),
  );
  if (busy.length > 0) return busy;
  return called.length > 0 || states.some(waitsIn) ? [] : [`${run} is ${root.status}, and waits for nothing`];
}

/** Steps that something should be going on for; `called`: attempts that wait for a run that has not ended. */
function busyIn({ id, open, status }: ActorState, called: ReadonlySet<string>): readonly string[] {
  if (status === 'settled') return [];
  return [...open].flatMap(([item, { steps }]) =>
    [...steps].flatMap(([node, step]) => {
      if (step.type === 'running' && called.has(`${id} ${item}:${node} ${step.attempt}`)) return [];
      const isBusy = step.type === 'running' || step.type === 'erred' || step.type === 'again' || step.type === 'aborted';
      const isDue = step.type === 'waiting' && (step.due !== null || step.end !== null);
      return isBusy || isDue ? [`has the step ${item}:${node} ${step.type}`] : [];
    }),
  );
}

function waitsIn({ open }: ActorState): boolean {
  return [...open.values()].some(({ steps }) =>
    [...steps.values()].some((step) => step.type === 'waiting' || (step.type === 'entered' && step.machine?.subscribed === true)),
  );
}

/** Of a commit that it may or may not have made, an engine cannot know; so it makes no other one. */
function writtenOn({ history: { commits } }: Played): readonly string[] {
  const ended = new Map<number, number>();
  return commits.flatMap(({ number, epoch, outcome }) => {
    const failed = ended.get(epoch);
    if (outcome !== 'written' && failed === undefined) ended.set(epoch, number);
    return failed === undefined ? [] : [`engine ${epoch} makes commit ${number}, although its commit ${failed} failed`];
  });
}

export const ownershipAndViews: Invariant = {
  number: 20,
  says: 'An engine of which a commit failed makes no other one. Epochs and times in the journal never go back; what clients see is what the journal says; a reader that goes on sees each event once and in order.',
  absent: { reducer: 'It has no views; the epochs are looked at.' },
  check: (played) => {
    const { runs } = played;
    const { rows, observations } = played.history;
    const wrong: string[] = [...writtenOn(played)];
    const copied = new Set(runs.flatMap((trace) => trace.all.slice(0, trace.copied).map(({ gseq }) => gseq)));
    let epoch = 0;
    let time = 0;
    for (const row of rows) {
      // The reducer takes the times that its host gives, whatever the host's clock does.
      if (played.history.level === 'engine' && !copied.has(row.gseq) && row.at < time)
        wrong.push(`row ${row.gseq} was written ${time - row.at} ms before one that comes before it`);
      if (!copied.has(row.gseq)) time = Math.max(time, row.at);
      if (row.epoch < epoch) wrong.push(`row ${row.gseq} is of engine ${row.epoch}, after one of engine ${epoch}`);
      epoch = Math.max(epoch, row.epoch);
    }
    const readers = new Map<string, { run: string; seen: number[] }>();
    for (const seen of observations) {
      if (seen.type === 'view.run') wrong.push(...seenOtherwise(seen.summary, runs, seen.head));
      if (seen.type !== 'view.events') continue;
      const reader = readers.get(seen.reader) ?? { run: seen.run, seen: [] };
      reader.seen.push(...seen.gseqs);
      readers.set(seen.reader, reader);
    }
    for (const [reader, { run, seen }] of readers) {
      const last = seen.at(-1) ?? 0;
      const wanted = rows.filter((row) => row.run === run && row.gseq <= last).map(({ gseq }) => gseq);
      if (JSON.stringify(seen) !== JSON.stringify(wanted))
        wrong.push(`reader ${reader} of ${run} saw ${seen.length} events, and there were ${wanted.length}`);
    }
    return wrong;
  },
};

function seenOtherwise(
  { run, status }: { readonly run: string; readonly status: string },
  runs: readonly RunTrace[],
  head: number,
): readonly string[] {
  const own = runs.find((one) => one.run === run)?.all.filter(({ gseq }) => gseq <= head) ?? [];
  const root = foldActor(own.filter(({ actor }) => actor === 'root'));
  if (root?.kind.type !== 'root') return [`${run} is seen, and is not in the journal`];
  const { held, outcome } = root.kind;
  // Nobody works on what is interrupted, also where it is being cancelled.
  const isLeft = held !== null && held !== 'paused';
  const known = outcome?.status ?? (root.status === 'cancelling' && !isLeft ? 'cancelling' : (held ?? 'running'));
  return known === status ? [] : [`${run} is seen as ${status} when it is ${known}`];
}

/** Rows of a history that no scenario needs. */
const MAX_ROWS = 20_000;

export const boundedness: Invariant = {
  number: 22,
  says: 'No scenario makes the journal grow without bound, and what is remembered of actors that have ended is forgotten.',
  check: ({ history: { rows }, runs }) => [
    ...(rows.length > MAX_ROWS ? [`${rows.length} rows`] : []),
    ...runs.flatMap(({ run, all }) => {
      const root = foldActor(all.filter(({ actor }) => actor === 'root'));
      if (root?.status !== 'settled' || root.open.size === 0) return [];
      return [`${run} has ended and keeps ${root.open.size} open items`];
    }),
  ],
};
