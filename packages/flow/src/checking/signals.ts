/** The signals that something in a flow takes, and the check of those that it sends to itself. */

import { closest } from '@scriptorium/core';
import type { Checking, Where } from './checking.ts';
import { textSpan } from './expression.ts';
import { stepsIn } from '../reading/shape.ts';
import type { BodyShape } from '../reading/shape.ts';
import { textOf } from '../reading/text.ts';

export interface Signals {
  /** What waits take, and what leads out of states. */
  readonly taken: ReadonlySet<string>;
  /** What is asked by waits that no signal answers. */
  readonly asked: ReadonlySet<string>;
}

type CallShape = Extract<BodyShape, { k: 'uses' }>;

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

/** A signal that nothing in the flow takes is refused when it is sent; its name is known here where it is written out. */
export function checkEmitted({ uses, with: given }: CallShape, { path }: Where, { signals, findings }: Checking): void {
  const event = uses.text.split('@')[0] === 'core/emit' ? given?.entries.get('event')?.value : undefined;
  if (
    event?.type !== 'scalar' ||
    typeof event.value !== 'string' ||
    textOf(event)?.expressions.length !== 0 ||
    signals.taken.has(event.value)
  ) {
    return;
  }
  const tell = (message: string, more: { readonly suggestion?: string; readonly fix?: string }): void =>
    findings.add({ code: 'no_taker', message, span: textSpan(event), path, ...more });
  if (signals.asked.has(event.value)) {
    tell(`'${event.value}' is a question, which no signal answers`, {
      fix: 'leave `ask` and `to` out of its `wait`, or choose another event',
    });
    return;
  }
  const suggestion = closest(event.value, signals.taken) ?? undefined;
  const known = [...signals.taken].sort().join(', ');
  tell(
    `nothing in this flow takes the signal '${event.value}'${suggestion === undefined ? '' : ` — did you mean '${suggestion}'?`}`,
    suggestion === undefined
      ? {
          fix: `${known === '' ? '' : `it takes ${known}; `}wait for it with \`wait: { event: ${event.value} }\`, or let it lead out of a state under \`events\``,
        }
      : { suggestion },
  );
}
