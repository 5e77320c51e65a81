/** Invariant 14, of budgets: told from the journal alone, for the calls that a flow allows its runs. */

import type { Invariant } from './invariant.ts';
import { nodeOf, undoneBy } from './trace.ts';
import type { Fact, RunTrace } from './trace.ts';

export const budgets: Invariant = {
  number: 14,
  says: 'A run starts no more calls than its budget allows, whichever engine counts them, and none is refused while there is room for it.',
  absent: { reducer: 'It has no accounts.' },
  check: ({ history: { level }, runs }) => (level === 'reducer' ? [] : runs.flatMap(overspent)),
};

function overspent(trace: RunTrace): readonly string[] {
  const most = trace.flow.budget?.calls;
  if (most === undefined) return [];
  const wrong: string[] = [];
  let started = 0;
  let own = 0;
  for (const [index, fact] of trace.all.entries()) {
    const { event } = fact;
    if (isCounted(trace, fact)) {
      started += 1;
      // What a fork has from its parent was paid for there.
      if (index >= trace.copied) own += 1;
      if (own > most) wrong.push(`row ${fact.gseq} is call ${own} of ${trace.run}, which may make ${most}`);
    }
    if (event.type === 'attempt.failed' && event.error.code === 'budget.exceeded' && started < most)
      wrong.push(`row ${fact.gseq} refuses a call of ${trace.run}, which has made ${started} and may make ${most}`);
  }
  return wrong;
}

/** Calls that cost something; what undoes others is bound by no budget. */
function isCounted(trace: RunTrace, { event }: Fact): boolean {
  if (event.type !== 'attempt.started' || undoneBy(event.node) !== null) return false;
  return nodeOf(trace, event.node)?.do.k === 'call';
}
