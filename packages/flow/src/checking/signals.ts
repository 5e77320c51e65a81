/** The signals that something in a flow takes, and the check of those that it sends to itself. */

import { closest } from '@scriptorium/core';
import type { Schema } from '@scriptorium/core';
import type { Checking, Where } from './checking.ts';
import { textSpan } from './expression.ts';
import { toJson } from '../reading/piece.ts';
import type { Piece } from '../reading/piece.ts';
import { childrenOf } from '../reading/shape.ts';
import type { BodyShape, StepShape } from '../reading/shape.ts';
import { textOf } from '../reading/text.ts';

export interface Signals {
  /** What waits take, and what leads out of states. */
  readonly taken: ReadonlySet<string>;
  /** What is asked by waits that no signal answers. */
  readonly asked: ReadonlySet<string>;
  /** What the mailboxes accept from which a step receives, as far as that is written out. */
  readonly accepted: ReadonlyMap<string, Schema>;
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
    accepted: new Map(steps.flatMap(({ body: step }) => acceptedBy(step))),
  };
}

function acceptedBy(body: BodyShape): readonly (readonly [string, Schema])[] {
  if (body.k !== 'uses' || body.uses.text.split('@')[0] !== 'core/receive') return [];
  const [mailbox, accepts] = ['mailbox', 'accepts'].map((name) => body.with?.entries.get(name)?.value);
  const name = literalText(mailbox);
  if (name === null || accepts === undefined) return [];
  const schema = toJson(accepts);
  const isSchema = typeof schema === 'boolean' || (typeof schema === 'object' && schema !== null && !Array.isArray(schema));
  return isSchema && !JSON.stringify(schema).includes('${') ? [[name, schema as Schema]] : [];
}

function literalText(piece: Piece | undefined): string | null {
  const isText = piece?.type === 'scalar' && typeof piece.value === 'string' && textOf(piece)?.expressions.length === 0;
  return isText ? piece.value : null;
}

/** What the payload of a message has to be, where its receiver is a step of the same flow; undefined where nobody knows. */
export function acceptedFrom({ uses, with: given }: CallShape, { signals }: Checking): Schema | undefined {
  if (!SENDING.has(uses.text.split('@')[0] ?? '')) return undefined;
  const to = literalText(given?.entries.get('to')?.value);
  return to === null ? undefined : signals.accepted.get(to);
}

const SENDING: ReadonlySet<string> = new Set(['core/send', 'core/request']);

function stepsIn(body: BodyShape): readonly StepShape[] {
  return childrenOf(body).flatMap((step) => [
    step,
    ...stepsIn(step.body),
    ...step.catch.flatMap(({ do: inner }) => (inner === undefined ? [] : [inner, ...stepsIn(inner.body)])),
  ]);
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
