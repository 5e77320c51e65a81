/**
 * What a call would use that nobody has made yet, where the handler says how large its elements are: its own `cost` is
 * asked, which reserves the same for real calls, about an input as it will be.
 */

import { fill } from '@scriptorium/core';
import type { Cost, JsonObject, Node } from '@scriptorium/core';
import type { HandlerFacts } from './defaults.ts';

/**
 * `elements` are those of one call: a batch stands in the input as a list of as many nulls. Inputs of the run and
 * literals are what they are; what comes from other steps is left out. Null where the handler cannot say it of that.
 */
export function typicalCost(node: Node, elements: number, handler: HandlerFacts, input: JsonObject): Cost | null {
  if (handler.cost === undefined || node.do.k !== 'call' || !('obj' in node.do.with)) return null;
  const as = node.each?.as;
  const known: { [key: string]: unknown } = {};
  for (const [key, template] of Object.entries(node.do.with.obj)) {
    try {
      known[key] = fill(template, (name) =>
        name === 'input' ? input : name === as ? Array.from({ length: elements }, () => null) : undefined,
      );
    } catch {
      // It comes from a step that has not run.
    }
  }
  try {
    return handler.cost(known as never, { step: node.id, notes: {}, returns: true, settings: {} });
  } catch {
    return null;
  }
}
