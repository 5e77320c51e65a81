/** Functions as tools, with the arguments as a zod schema. */

import { StepError } from '@scriptorium/core';
import type { Json, Schema } from '@scriptorium/core';
import { z } from 'zod';
import type { LocalTool, Reach, Tool, ToolContext } from './tool.ts';

export interface ToolDefinition<I extends z.ZodType> {
  /** As the model and grants name it: `[a-z][a-z0-9_]*`. */
  readonly name: string;
  readonly doc: string;
  readonly input: I;
  /** What a call does to the world. */
  readonly effects: Tool['effects'];
  /** Unless said otherwise, what it gives may say anything. */
  readonly tainted?: boolean;
  readonly idempotent?: boolean;
  /** What a call reaches for, where that is more than the tool itself. */
  readonly reaches?: (input: z.output<I>) => readonly Reach[];
  readonly run: (input: z.output<I>, context: ToolContext) => Promise<Json> | Json;
}

/** Throws for names that models cannot be told. */
export function defineTool<I extends z.ZodType>(definition: ToolDefinition<I>): LocalTool {
  const { name, doc, input, effects, tainted = true, idempotent = false, reaches, run } = definition;
  if (!/^[a-z][a-z0-9_]{0,63}$/.test(name)) throw new Error(`'${name}' is no name of a tool: lower-case letters, digits and _ alone`);
  return {
    name,
    doc,
    input: z.toJSONSchema(input, { io: 'input' }) as Schema,
    effects,
    tainted,
    idempotent,
    reaches: (given) => reaches?.(input.parse(given)) ?? [],
    run: async (given, context) => {
      const parsed = input.safeParse(given);
      // What JSON Schema cannot say, zod does.
      if (!parsed.success) throw new StepError('contract.input', z.prettifyError(parsed.error));
      return run(parsed.data, context);
    },
  };
}
