/** Which transitions of runs, steps and attempts a journal shows. */

import { evolve } from '@scriptorium/core';
import type { ActorState, Recorded } from '@scriptorium/core';

export type Observed = { readonly [chart in 'run' | 'step' | 'attempt']: Set<string> };

export function nothingObserved(): Observed {
  return { run: new Set(), step: new Set(), attempt: new Set() };
}

/** Adds to `observed` what happens in the journal, each as `from event to`. */
export function observe(journal: readonly Recorded[], observed: Observed): void {
  const actors = new Map<string, ActorState>();
  const attempts = new Map<string, string>();
  for (const recorded of journal) {
    const { actor, event } = recorded;
    const before = actors.get(actor) ?? null;
    const after = evolve(before, recorded);
    actors.set(actor, after);
    if (after.kind.type === 'chunk' && before === null) continue;
    const [from, to] = [before === null ? '' : runState(before), runState(after)];
    if (from !== to) observed.run.add(`${from} ${event.type} ${to}`);
    if (!('item' in event) || !('node' in event)) continue;
    if (changesStep(before, after, event)) {
      observed.step.add(`${stepState(before, event)} ${event.type} ${stepState(after, event, event.type)}`);
    }
    const spot = `${actor} ${event.item} ${event.node}`;
    const next = attemptState(event.type);
    if (next === null) continue;
    observed.attempt.add(`${attempts.get(spot) ?? 'asked'} ${event.type} ${next}`);
    if (next === 'running') attempts.set(spot, next);
    else attempts.delete(spot);
  }
}

function runState({ status, kind }: ActorState): string {
  if (kind.type !== 'root') return 'chunk';
  return kind.outcome?.status ?? (status === 'running' ? (kind.held ?? 'running') : status);
}

interface Spot {
  readonly item: number;
  readonly node: string;
}

function changesStep(before: ActorState | null, after: ActorState, { item, node }: Spot): boolean {
  return (
    before?.open.get(item)?.steps.get(node) !== after.open.get(item)?.steps.get(node) || before?.open.has(item) !== after.open.has(item)
  );
}

/** Of an item that is settled, the step that all of it was. */
function stepState(state: ActorState | null, { item, node }: Spot, after: string | null = null): string {
  const open = state?.open.get(item)?.steps.get(node)?.type;
  // A compensation that is done is forgotten, so that the next one can begin.
  if (open === undefined && state !== null && /\/compensate\.\d+$/.test(node))
    return after === 'attempt.succeeded' ? 'succeeded' : 'pending';
  return open ?? (state?.kind.type === 'chunk' && state.kind.node === node ? state.results.get(item)?.status : undefined) ?? 'pending';
}

function attemptState(event: string): string | null {
  switch (event) {
    case 'attempt.started':
    case 'attempt.noted':
      return 'running';
    case 'attempt.continued':
      return 'continued';
    case 'attempt.succeeded':
      return 'succeeded';
    case 'attempt.failed':
      return 'failed';
    case 'attempt.lost':
      return 'lost';
    case 'attempt.reused':
      return 'reused';
    case 'retry.expired':
      return 'expired';
    default:
      return null;
  }
}
