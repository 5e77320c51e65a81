/** Pauses and timeouts end at their time, signals lead out of states that they came after, and no others. */

import type { Recorded } from '@scriptorium/core';
import type { Plan, ScopePlan, StepPlan } from './plan.ts';

/** As long as the longest call takes: whoever has the clock hears of it that much later. */
const LATE_MS = 60;

/** What happened at another time than it says, as sentences. */
export function mistimed({ body }: Plan, journal: readonly Recorded[]): readonly string[] {
  const steps = new Map<string, StepPlan>();
  collect(body, '', steps);
  const begun = new Map<string, number>();
  const first = new Map<string, number>();
  const entered = new Map<string, number>();
  const received = new Map<string, number>();
  const wrong: string[] = [];
  for (const { actor, at, gseq, event } of journal) {
    if (event.type === 'signal.received' && !received.has(event.id)) received.set(event.id, gseq);
    if (!('item' in event) || !('node' in event)) continue;
    const spot = `${actor} ${event.item} ${event.node}`;
    if (event.type === 'wait.begun' || event.type === 'step.entered') {
      begun.set(spot, at);
      if (!first.has(spot)) first.set(spot, at);
    }
    if (event.type === 'state.entered') entered.set(`${spot} ${event.visit}`, gseq);
    if (event.type === 'state.signalled') {
      const since = entered.get(`${spot} ${event.iteration.split('.').at(-1)}`) ?? 0;
      if ((received.get(event.signal.id) ?? 0) < since) wrong.push(`${event.node} was left by a signal from before it was entered`);
    }
    const since = begun.get(spot);
    const step = steps.get(event.node);
    if (step === undefined || since === undefined) continue;
    const took = at - since;
    if (event.type === 'step.settled' && step.body.k === 'pause' && Math.abs(took - step.body.ms - LATE_MS / 2) > LATE_MS / 2)
      wrong.push(`${event.node} took ${took} ms for a pause of ${step.body.ms} ms`);
    // The timer of an earlier visit may still fire: it has no effect.
    const most = at - (first.get(spot) ?? at);
    if (event.type === 'step.timed_out' && most < (step.timeoutMs ?? 0)) wrong.push(`${event.node} timed out after ${most} ms already`);
    if (event.type === 'step.settled' || event.type === 'step.timed_out') begun.delete(spot);
  }
  return wrong;
}

function collect(scope: ScopePlan, path: string, steps: Map<string, StepPlan>): void {
  for (const step of scope.k === 'and' ? scope.steps : scope.states) {
    const id = path === '' ? step.name : `${path}/${step.name}`;
    steps.set(id, step);
    if (step.body.k === 'and' || step.body.k === 'or') collect(step.body, id, steps);
  }
}
