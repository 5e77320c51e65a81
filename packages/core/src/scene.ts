/** Everything a decision looks at, and the one command that all of them give. */

import type { Command, Values } from './commands.ts';
import type { Event } from './events.ts';
import type { Flow, Mode } from './ir.ts';
import type { Place, Plan } from './plan.ts';
import type { ActorState } from './state.ts';
import { iterationOf } from './visiting.ts';

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

export function append(event: Event): Command {
  return { k: 'append', event };
}
