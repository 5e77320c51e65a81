/**
 * Answers that say where they come from: under the name that a step's `sign` gives, an answer has the agent, the model
 * that gave it, the step, and which attempt and turn of it that was. The model is not asked for it.
 */

import type { Context, Json, JsonObject, Schema } from '@scriptorium/core';
import type { Turn } from './conversation.ts';
import { agentOf } from './settings.ts';

/** The contract as the model is to see it. */
export function unsigned(returns: Schema, name: string | undefined): Schema {
  if (name === undefined || typeof returns === 'boolean') return returns;
  const { [name]: _signature, ...properties } = (returns['properties'] ?? {}) as JsonObject;
  const required = (returns['required'] as readonly string[] | undefined)?.filter((one) => one !== name);
  return { ...returns, properties, ...(required === undefined ? {} : { required }) };
}

export function signed(
  value: Json,
  given: { readonly sign?: string; readonly agent?: string },
  { by, attempt }: Turn,
  turn: number,
  { step }: Context,
): Json {
  const { sign } = given;
  if (sign === undefined || typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const call = `${step.path}${step.key === undefined ? '' : `[${step.key}]`}`;
  return { ...value, [sign]: { agent: agentOf(given, step.path), model: by, call, attempt, turn } };
}
