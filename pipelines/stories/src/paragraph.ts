/** Paragraphs, and where each comes from: the call that wrote it last, and in which pass over the chapter. */

import type { Json, JsonObject } from '@scriptorium/core';

export interface Paragraph {
  readonly text: string;
  /** As `core/agent` signs it: agent, model, call, attempt, turn. */
  readonly origin: JsonObject;
  /** From 1; the editor's is one more than the last of the loop. */
  readonly pass: number;
}

export const paragraphSchema: JsonObject = {
  type: 'object',
  required: ['text', 'origin', 'pass'],
  properties: { text: { type: 'string' }, origin: { type: 'object' }, pass: { type: 'integer' } },
};

/** A paragraph that stands word for word in the draft before stays the work of whoever wrote it there. */
export function paragraphsOf(text: string, origin: Json | undefined, pass: number, before: readonly Paragraph[]): readonly Paragraph[] {
  const known = new Map(before.map((paragraph) => [paragraph.text, paragraph]));
  const own = (origin ?? {}) as JsonObject;
  return text
    .split(/\n\s*\n/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => known.get(part) ?? { text: part, origin: own, pass });
}

export function textOf(paragraphs: readonly Paragraph[]): string {
  return paragraphs.map((paragraph) => paragraph.text).join('\n\n');
}

/** What a reader counts. */
export function countWords(text: string): number {
  return text.match(/[\p{L}\p{N}][\p{L}\p{N}'’-]*/gu)?.length ?? 0;
}
