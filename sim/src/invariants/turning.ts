/** Invariants 17 and 18: forks, rollbacks and definitions. */

import type { Invariant } from './invariant.ts';
import { isRollback } from './trace.ts';

export const turningBack: Invariant = {
  number: 17,
  says: 'A fork begins with the very events of its parent; a rollback only appends, and takes back no more than it says.',
  check: ({ runs }) =>
    runs.flatMap(({ run, all, copied }) => {
      const wrong: string[] = [];
      const forked = all[copied]?.event;
      if (copied > 0 && forked?.type === 'run.forked') {
        const parent = runs.find((one) => one.run === forked.parent);
        const theirs = (parent?.all ?? []).filter((fact) => fact.gseq <= forked.gseq);
        const ours = all.slice(0, copied);
        const texts = new Set(theirs.map(({ actor, event }) => `${actor} ${JSON.stringify(event)}`));
        for (const { actor, event, gseq } of ours)
          if (!texts.has(`${actor} ${JSON.stringify(event)}`)) wrong.push(`row ${gseq} of the fork ${run} is none of its parent's`);
      }
      const last = new Map<string, number>();
      for (const { actor, seq, event } of all) {
        if (isRollback(event) && event.to > (last.get(actor) ?? 0))
          wrong.push(`${run} is rolled back to ${event.to}, which had not happened`);
        last.set(actor, seq);
      }
      return wrong;
    }),
};

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
