/** Invariants 17 and 18: forks, rollbacks and definitions. */

import { evolve, foldActor } from '@scriptorium/core';
import type { ActorState } from '@scriptorium/core';
import type { Observation } from '../history.ts';
import type { Invariant } from './invariant.ts';
import { isSame } from './same.ts';
import { isRollback } from './trace.ts';
import type { Fact, RunTrace } from './trace.ts';

export const turningBack: Invariant = {
  number: 17,
  says: 'A fork begins with the very events of its parent; a rollback only appends, leaves what the events before it give, and names the effects that stay.',
  check: ({ history: { observations }, runs }) => [
    ...runs.flatMap((trace) => [...copiedWrongly(trace, runs), ...takenBackWrongly(trace)]),
    ...observations.flatMap((seen) => unlisted(seen, runs)),
  ],
};

function copiedWrongly({ run, all, copied }: RunTrace, runs: readonly RunTrace[]): readonly string[] {
  const forked = all[copied]?.event;
  if (copied === 0 || forked?.type !== 'run.forked') return [];
  const parent = runs.find((one) => one.run === forked.parent);
  const textOf = ({ actor, seq, event }: Fact): string => `${actor} ${seq} ${JSON.stringify(event)}`;
  const theirs = (parent?.all ?? []).filter((fact) => fact.gseq <= forked.gseq).map(textOf);
  const ours = all.slice(0, copied).map(textOf);
  return ours.join('\n') === theirs.join('\n') ? [] : [`the ${ours.length} events that the fork ${run} begins with are not its parent's`];
}

/** What it goes on from is what the events that are left give, each folded in after the other. */
function takenBackWrongly({ run, all }: RunTrace): readonly string[] {
  const kept = new Map<string, Fact[]>();
  return all.flatMap((fact) => {
    const { actor, event, seq } = fact;
    const own = kept.get(actor) ?? [];
    kept.set(actor, own);
    if (!isRollback(event)) {
      own.push(fact);
      return [];
    }
    if (event.to >= seq) return [`${run} is rolled back to ${event.to}, which had not happened`];
    while ((own.at(-1)?.seq ?? 0) > event.to) own.pop();
    const left = own.reduce<ActorState | null>(evolve, null);
    const now = foldActor(all.filter((one) => one.actor === actor && one.seq <= seq));
    return isSame(left?.open, now?.open) && isSame(left?.status, now?.status)
      ? []
      : [`${run} ${actor} is not what it was after ${event.to}`];
  });
}

/** Effects of what was taken back, as far as whoever asked for it was told of them. */
function unlisted(seen: Observation, runs: readonly RunTrace[]): readonly string[] {
  if (seen.type !== 'client.acked' || seen.effects === undefined) return [];
  const all = runs.find(({ run }) => run === seen.run)?.all ?? [];
  const back = all.findLast(({ gseq, event }) => gseq <= seen.head && event.type === 'run.rolled_back');
  if (back?.event.type !== 'run.rolled_back') return [`${seen.run} was not taken back`];
  const { gseq } = back.event;
  const earlier = all.filter((fact) => fact.gseq < back.gseq);
  const told = [...seen.effects];
  return earlier.flatMap(({ event, gseq: own, place }) => {
    if (own <= gseq || event.type !== 'attempt.started' || !event.handler.startsWith('model/') || place >= 0) return [];
    // Of what was taken back before, somebody was told then; the same attempt may have been made again since.
    if (wasErased(earlier, own)) return [];
    const at = told.indexOf(`${event.node} ${event.attempt}`);
    if (at !== -1) told.splice(at, 1);
    return at === -1 ? [`attempt ${event.attempt} of ${event.node} in ${seen.run} was taken back, and nobody is told`] : [];
  });
}

/** Whether an earlier rollback had taken it back already. */
function wasErased(earlier: readonly Fact[], gseq: number): boolean {
  const fact = earlier.find((one) => one.gseq === gseq);
  return earlier.some(({ actor, gseq: later, event }) => later > gseq && actor === fact?.actor && isRollback(event) && event.to < fact.seq);
}

export const versions: Invariant = {
  number: 18,
  says: 'A run has one definition at a time: a migration names the one before it, and all its actors move in one commit.',
  check: ({ history: { commits, flows }, runs }) =>
    runs.flatMap(({ run, facts }) => {
      const wrong: string[] = [];
      let hash = '';
      for (const { event, gseq } of facts) {
        if (event.type === 'run.started') hash = event.flow.hash;
        if (event.type !== 'run.migrated' && event.type !== 'actor.migrated') continue;
        if (event.type === 'run.migrated') {
          if (event.before !== hash) wrong.push(`${run} is migrated from ${event.before} in row ${gseq}, and was ${hash}`);
          hash = event.flow.hash;
          if (!flows.has(hash)) wrong.push(`the definition ${hash} of ${run} is gone`);
        } else {
          const commit = commits.find((one) => one.outcome !== 'refused' && one.from <= gseq && gseq <= one.to);
          const root = facts.findLast((fact) => fact.event.type === 'run.migrated' && fact.gseq < gseq);
          if (commit === undefined || root === undefined || root.gseq < commit.from)
            wrong.push(`row ${gseq} migrates an actor of ${run} without its root`);
        }
      }
      return wrong;
    }),
};
