/** Invariants 1 to 3: what the journal itself is like, and what may be seen of the world before it is written. */

import type { Event } from '@scriptorium/core';
import type { ActName, Observation, Row } from '../history.ts';
import type { Invariant, Played } from './invariant.ts';
import { callKey, isOfStep } from './trace.ts';

export const contiguity: Invariant = {
  number: 1,
  says: 'Every actor’s sequence and the whole journal run from 1 without gap or duplicate, and each row is chained to the one before.',
  absent: { reducer: 'Its rows have no chain; the sequences are looked at.' },
  check: ({ history: { rows } }) => {
    const wrong: string[] = [];
    const last = new Map<string, number>();
    const hashes = new Set<string>();
    for (const [index, { gseq, run, actor, seq, hash }] of rows.entries()) {
      if (gseq !== index + 1) wrong.push(`row ${index + 1} has the number ${gseq}`);
      const own = `${run} ${actor}`;
      if (seq !== (last.get(own) ?? 0) + 1) wrong.push(`event ${seq} of ${own} comes after ${last.get(own) ?? 0}`);
      last.set(own, seq);
      if (hash !== null && hashes.has(hash)) wrong.push(`row ${gseq} has the link of another row`);
      if (hash !== null) hashes.add(hash);
    }
    return wrong;
  },
};

/** The fact that an act becomes. */
const facts: { readonly [act in ActName]?: Event['type'] } = {
  start: 'run.started',
  again: 'run.started',
  cancel: 'run.cancelling',
  signal: 'signal.received',
  answer: 'wait.answered',
  fork: 'run.forked',
  rollback: 'run.rolled_back',
};

export const ackDurability: Invariant = {
  number: 2,
  says: 'Every operation that was acknowledged to a client is in the journal, whatever happens later.',
  check: ({ history: { rows, observations } }) =>
    observations.flatMap((seen) => {
      if (seen.type !== 'client.acked' || seen.already) return [];
      if (seen.act === 'pause' || seen.act === 'resume') return isHeldAt(rows, seen) === (seen.act === 'pause') ? [] : [notThere(seen)];
      const type = facts[seen.act];
      if (type === undefined) return [];
      const isThere = rows.some(
        ({ gseq, run, event }) =>
          gseq <= seen.head &&
          run === seen.run &&
          event.type === type &&
          (seen.id === null || seen.act !== 'signal' || ('id' in event && event.id === seen.id)),
      );
      return isThere ? [] : [notThere(seen)];
    }),
};

type Acked = Extract<Observation, { type: 'client.acked' }>;

function notThere({ act, run, mono }: Acked): string {
  return `${act} of ${run} was acknowledged at ${mono} ms and is not in the journal by then`;
}

const holds: ReadonlySet<string> = new Set(['run.paused', 'run.interrupted', 'run.parked']);

/** Whether the run is held by what was durable then. Of one that has ended, or was taken back, nobody knows. */
function isHeldAt(rows: readonly Row[], { run, act, head }: Acked): boolean {
  let held = false;
  for (const row of rows) {
    if (row.gseq > head) break;
    if (row.run !== run) continue;
    if (row.event.type === 'run.settled' || row.event.type === 'run.rolled_back') return act === 'pause';
    // Another client may have asked for the opposite before this one was told.
    if (row.event.type === `run.${act}d`) return act === 'pause';
    if (holds.has(row.event.type)) held = true;
    if (row.event.type === 'run.resumed') held = false;
  }
  return held;
}

export const effectsAfterCommit: Invariant = {
  number: 3,
  says: 'The rows of a commit are all there or none; no call begins before its start is durable.',
  check: (played) => [...halfWritten(played), ...unannounced(played)],
};

function halfWritten({ history: { rows, commits } }: Played): readonly string[] {
  return commits.flatMap(({ number, from, to, epoch, outcome }) => {
    if (outcome !== 'written' && outcome !== 'unknown_written') return [];
    const own = rows.slice(from - 1, to);
    const isWhole = own.length === to - from + 1 && own.every((row) => row.epoch === epoch);
    return isWhole ? [] : [`of commit ${number} the rows ${from} to ${to} are not all there`];
  });
}

function unannounced({ history: { observations }, runs }: Played): readonly string[] {
  const starts = new Map<string, number>();
  for (const { all } of runs)
    for (const fact of all)
      if (fact.event.type === 'attempt.started' && isOfStep(fact)) {
        const key = `${callKey(fact)} ${fact.event.attempt}`;
        if (!starts.has(key)) starts.set(key, fact.gseq);
      }
  return observations.flatMap((seen) => {
    if (seen.type !== 'call.begun') return [];
    const start = starts.get(beginningOf(seen));
    return start !== undefined && start <= seen.head
      ? []
      : [`attempt ${seen.attempt} of ${seen.idempotencyKey} began before its start was durable`];
  });
}

function beginningOf({ idempotencyKey, attempt }: Extract<Observation, { type: 'call.begun' }>): string {
  return `${idempotencyKey} ${attempt}`;
}
