/** The signals that something in a flow takes. */

import { stepsIn } from '../reading/shape.ts';
import type { BodyShape } from '../reading/shape.ts';

export interface Signals {
  /** What waits take, and what leads out of states. */
  readonly taken: ReadonlySet<string>;
  /** What is asked by waits that no signal answers. */
  readonly asked: ReadonlySet<string>;
}

export function signalsIn(body: BodyShape): Signals {
  const steps = stepsIn(body);
  const events = steps.flatMap((step) => (step.body.k === 'wait' ? (step.body.event ?? []) : []));
  const isAsked = ({ ask, to, whom }: (typeof events)[number]): boolean => ask !== undefined || whom !== undefined || to.length > 0;
  return {
    taken: new Set([
      ...events.filter((event) => !isAsked(event)).map(({ name }) => name.text),
      ...steps.flatMap((step) => step.events.map(({ name }) => name)),
    ]),
    asked: new Set(events.filter(isAsked).map(({ name }) => name.text)),
  };
}
