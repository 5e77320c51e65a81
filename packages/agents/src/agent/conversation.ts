/**
 * What an agent and its model have said, as notes of the step: each answer of the model and each result of a tool is
 * noted as soon as it is there, and the conversation is put together from them in every attempt.
 */

import type { Json, JsonObject, Notes } from '@scriptorium/core';
import type { Message, ModelReply, ToolCall } from '../models/model.ts';
import { answerIn } from '../tools/answers.ts';

/** One answer of the model, as it is noted. */
export interface Turn {
  readonly text: string;
  readonly value?: Json;
  readonly calls: readonly ToolCall[];
  /** What was wrong with the answer before it, where it was asked for again. */
  readonly correction?: string;
  /** The model that gave it, and in which attempt of the step. */
  readonly by: string;
  readonly attempt: number;
}

/** What a call of a model took and used: a note of its own, which is small whatever was said. */
export interface TurnFacts extends Pick<ModelReply, 'by' | 'usage' | 'usd' | 'ms' | 'firstMs'> {
  readonly agent: string;
  /** It was asked for again what was wrong the time before. */
  readonly corrects: boolean;
}

export interface Conversation {
  readonly turns: readonly Turn[];
  readonly messages: readonly Message[];
  /** Calls of the last turn without a result. */
  readonly open: readonly ToolCall[];
}

export function turnNote(number: number): string {
  return `turn:${number}`;
}

/** Begin the names of the notes with {@link TurnFacts}. */
export const FACTS = 'facts:';

export function factsNote(number: number): string {
  return `${FACTS}${number}`;
}

/** The calls get names of their own: those that models give are not always different from turn to turn. */
export function turnOf(number: number, { text, value, calls, by }: ModelReply, correction: string | null, attempt: number): Turn {
  const named = calls.map((call, index) => ({ ...call, id: `${number}-${index + 1}` }));
  return { text, calls: named, by, attempt, ...(value === undefined ? {} : { value }), ...(correction === null ? {} : { correction }) };
}

export function conversationOf(first: Message, notes: Notes): Conversation {
  const turns: Turn[] = [];
  const messages: Message[] = [first];
  let open: readonly ToolCall[] = [];
  for (let number = 1; ; number += 1) {
    const turn = notes[turnNote(number)] as Turn | undefined;
    if (turn === undefined) return { turns, messages, open };
    if (turn.correction !== undefined) messages.push({ role: 'user', text: turn.correction });
    turns.push(turn);
    messages.push({ role: 'assistant', text: turn.text, calls: turn.calls });
    const results = turn.calls.flatMap(({ id }) => answerIn(notes, id) ?? []);
    open = turn.calls.filter(({ id }) => answerIn(notes, id) === undefined);
    if (results.length > 0) messages.push({ role: 'tool', results });
  }
}

/** The task and what was given with it, each under its name. */
export function firstMessage(prompt: string, given: JsonObject, show: (value: Json) => string): string {
  const parts = Object.entries(given).map(([name, value]) => `## ${name}\n\n${show(value)}`);
  return [prompt, ...parts].filter((part) => part !== '').join('\n\n');
}
