/** Messages as agents get them: what their model is told, and how it may say that it will not do the work. */

import { StepError } from '@scriptorium/core';
import type { Json, JsonObject, ValueRef } from '@scriptorium/core';
import type { Turn } from '../agent/conversation.ts';
import type { LeftOut } from '../context/fitting.ts';
import type { ToolSpec } from '../models/model.ts';

/** What a message brings along, as `core/handoff` makes it. */
export interface CarriedContext extends JsonObject {
  readonly parts: { readonly [name: string]: Json };
  readonly left: readonly (LeftOut & JsonObject)[];
  readonly tokens: number;
  readonly budget: number;
  /** All parts whole, where some are not; null where nothing is missing. */
  readonly original: (ValueRef & JsonObject) | null;
}

export interface AgentMessage extends JsonObject {
  readonly id: string;
  readonly from: string;
  readonly payload: Json;
  /** ISO 8601. */
  readonly deadline?: string | null;
  readonly context?: Json;
}

/** The codes that an agent raises about a message beside those of its model. */
export const messageErrors: { readonly [code: string]: string } = {
  'message.refused': 'The agent refused the work that a message asks for, and said why.',
  'message.returned': 'The agent handed the work back, with what it had done and why not more.',
};

const REFUSE = 'refuse_work';
const HAND_BACK = 'hand_back';

const reason: JsonObject = { type: 'string', minLength: 1, maxLength: 2_000 };

const declining: readonly ToolSpec[] = [
  {
    name: REFUSE,
    doc: 'Refuses the work that the message asks for, before doing any of it: for work that you cannot or must not do.',
    input: { type: 'object', required: ['reason'], properties: { reason }, additionalProperties: false },
  },
  {
    name: HAND_BACK,
    doc: 'Hands the work back to whoever sent it, with what is done so far: for work that you cannot finish.',
    input: {
      type: 'object',
      required: ['reason', 'done'],
      properties: { reason, done: { description: 'what is done so far' } },
      additionalProperties: false,
    },
  },
];

/** What its model may call because there is a message. */
export function declineSpecs(message: AgentMessage | null): readonly ToolSpec[] {
  return message === null ? [] : declining;
}

/** What the model said instead of doing the work; null where it does it. */
export function declinedIn(message: AgentMessage | null, turn: Turn | undefined): StepError | null {
  if (message === null) return null;
  const call = turn?.calls.find(({ tool }) => tool === REFUSE || tool === HAND_BACK);
  if (call === undefined) return null;
  const { reason: why = null, done = null } = call.input as { readonly reason?: Json; readonly done?: Json };
  const said = typeof why === 'string' && why !== '' ? why : 'no reason was given';
  const details = { message: message.id, to: message.from, payload: done };
  return call.tool === REFUSE
    ? new StepError('message.refused', `the work was refused: ${said}`, { details })
    : new StepError('message.returned', `the work was handed back: ${said}`, { details });
}

/** Raises `timeout` for a message whose time is over: nobody waits for what becomes of it. */
export function requireInTime({ id, deadline }: AgentMessage, now: number): void {
  if (deadline === undefined || deadline === null || Date.parse(deadline) > now) return;
  throw new StepError('timeout', `the message ${id} was to be worked on until ${deadline}`);
}

/** What the model is told of it: who sends it, its context part by part, and what it says, each field under its name. */
export function materialOfMessage({ from, payload, context }: AgentMessage): JsonObject {
  const { parts = {}, left = [] } = (context ?? {}) as Partial<CarriedContext>;
  const missing = left.map(({ name, how }) => `${name} (${how})`).join(', ');
  return { from, ...(missing === '' ? {} : { shortened: missing }), ...parts, ...fieldsOf(payload) };
}

function fieldsOf(payload: Json): JsonObject {
  const isObject = typeof payload === 'object' && payload !== null && !Array.isArray(payload);
  return isObject ? (payload as JsonObject) : { message: payload };
}

/** Where all of its context is, if not all of it is here. */
export function originalOf(message: AgentMessage | null): ValueRef | null {
  return ((message?.context ?? null) as CarriedContext | null)?.original ?? null;
}
