/** Everything a decision looks at, and the one command that all of them give. */

import type { Command, Values } from './commands.ts';
import type { Failure } from './errors.ts';
import type { Event } from './events.ts';
import type { Flow, Mode } from './ir.ts';
import { itemRow } from './names.ts';
import type { Place, Plan } from './plan.ts';
import type { ActorState, StepState } from './state.ts';
import { iterationOf } from './scopes/visiting.ts';

export interface Scene {
  readonly flow: Flow;
  readonly plan: Plan;
  readonly state: ActorState;
  readonly values: Values;
  readonly mode: Mode;
  readonly underway: (key: string) => boolean;
}

/** What one step of one item asks for: how the rooms that decide about scopes and chunks go on with what is inside. */
export type DecideStep = (item: number, place: Place) => readonly Command[];

/** See {@link iterationOf}; what is decided about is always in a current state. */
export function iterationIn({ state }: Scene, item: number, { node }: Place): string {
  return iterationOf(state.open.get(item)?.steps, node.id) ?? '';
}

/** The key of the item of an `each`; null outside of one. */
export function keyIn({ state, values }: Scene, item: number): string | null {
  return state.kind.type === 'chunk' ? itemRow(state, item, values).key : null;
}

export function append(event: Event): Command {
  return { k: 'append', event };
}

/** A step with a larger share in the ends of engine and worker is set aside with its input. */
export const MAX_CRASHES = 3;

/** Ends of the engine after which those who ran at the time run alone. */
const SUSPICIOUS_LOSSES = 2;

/** Whether the step's next attempt runs alone: the engine ended during its last one, and not for the first time. */
export function isSuspect(step: StepState | undefined): boolean {
  return step?.type === 'again' && step.reason === 'engine_ended' && step.losses >= SUSPICIOUS_LOSSES;
}

/** `last` is what is known of the last end. */
export function quarantined(losses: number, last: Failure | null): Failure {
  const how = last === null ? '' : `; the last time ${last.message}`;
  return { code: 'quarantined', message: `the engine or its worker ended during ${losses} attempts of this step${how}` };
}
