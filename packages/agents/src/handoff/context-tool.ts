/** A tool by which an agent reads what was shortened or left out of the context of its message. */

import { StepError } from '@scriptorium/core';
import type { Json, ValueRef } from '@scriptorium/core';
import { shown } from '../agent/instructions.ts';
import type { LocalTool } from '../tools/tool.ts';

/** Characters that one call gives, unless it asks for fewer. */
const MOST = 20_000;

/** `original` is null where nothing is missing; `recall` gives the value behind a reference. */
export function contextTool(original: ValueRef | null, recall: (ref: ValueRef) => Promise<Json>): LocalTool {
  return {
    name: 'context_read',
    doc: 'Reads a part of the context as it was before it was shortened: the whole text, or from one character on.',
    input: {
      type: 'object',
      required: ['part'],
      properties: {
        part: { type: 'string', minLength: 1, maxLength: 200 },
        from: { type: 'integer', minimum: 0 },
        length: { type: 'integer', minimum: 1, maximum: MOST },
      },
      additionalProperties: false,
    },
    effects: 'none',
    tainted: true,
    reaches: () => [],
    run: async (input) => {
      const { part, from = 0, length = MOST } = input as { readonly part: string; readonly from?: number; readonly length?: number };
      if (original === null) throw new StepError('contract.input', 'nothing was left out of the context: all of it is in the task');
      const parts = (await recall(original)) as { readonly [name: string]: Json };
      if (!Object.hasOwn(parts, part))
        throw new StepError('contract.input', `there is no part '${part}': there is ${Object.keys(parts).join(', ')}`);
      const text = shown(parts[part] ?? null);
      return { text: text.slice(from, from + length).toWellFormed(), characters: text.length };
    },
  };
}
