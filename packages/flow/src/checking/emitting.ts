/** Checks the signals that a flow sends to itself. */

import { closest } from '@scriptorium/core';
import type { Checking, Where } from './checking.ts';
import { textSpan } from './expression.ts';
import type { BodyShape } from '../reading/shape.ts';
import { textOf } from '../reading/text.ts';

type CallShape = Extract<BodyShape, { k: 'uses' }>;

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
