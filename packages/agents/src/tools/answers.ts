/**
 * The answers of calls, as notes of the step. What a run gave that did a part is kept with that run: where the model is
 * told it as it is, the answer is noted without it.
 */

import type { Json, JsonObject, Notes, PartResult } from '@scriptorium/core';
import type { ToolResult } from '../models/model.ts';

/** What became of a call, as the model is told. */
export interface ToolAnswer extends ToolResult {
  /** It came from outside and may say anything: what the model asks for from now on may be somebody else's wish. */
  readonly tainted: boolean;
}

/** The answer with what it counts for. */
export interface NotedAnswer extends ToolAnswer {
  /** Of the call, by `hashOfCall`. */
  readonly hash: string;
  /** Whether it was made, and what it may have spent. */
  readonly made: boolean;
  readonly usd: number;
}

/** Begins the names of the notes with answers. */
export const RESULT = 'result:';

/** Under what name it is noted how the run of a call ended. */
export function partNote(call: string): string {
  return `part:${call}`;
}

export function answerNote({ output, ...facts }: NotedAnswer, notes: Notes): JsonObject {
  const isKept = JSON.stringify(output) === JSON.stringify(partOutput(notes, facts.id));
  return isKept ? { ...facts } : { ...facts, output };
}

export function answerIn(notes: Notes, call: string): NotedAnswer | undefined {
  const noted = notes[`${RESULT}${call}`] as JsonObject | undefined;
  return noted === undefined ? undefined : ({ output: partOutput(notes, call), ...noted } as unknown as NotedAnswer);
}

function partOutput(notes: Notes, call: string): Json | undefined {
  const part = notes[partNote(call)] as PartResult | undefined;
  return part?.status === 'succeeded' ? part.output : undefined;
}
