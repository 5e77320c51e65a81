/**
 * Work in parts: a handler may do its work in several attempts, each of which goes on from what those before it have
 * noted; between two of them a flow may do a part, as a run of its own. What is noted is not done again after a crash,
 * and while the flow works or waits for somebody nothing of the handler is in memory.
 */

import type { BudgetScope } from '../budgets/usage.ts';
import type { Carried } from '../carried.ts';
import type { FlowCall } from '../ir.ts';
import type { Json } from '../json.ts';

/** What an attempt leaves for those after it; of two with one name the later counts. */
export interface Note {
  readonly name: string;
  readonly value: Carried;
  /** The run that gave the value, where it did a part: it is kept once for both. */
  readonly run?: string;
}

/** A flow that does the next part. How its run ended is noted under `as`: a {@link PartResult}. */
export interface PartCall {
  readonly as: string;
  readonly uses: string;
  readonly flow: FlowCall;
  readonly input: Carried;
  /** The handler's own account, which the run that does the part has to fit into as well. */
  readonly account?: BudgetScope;
}

/** How the run of a part ended. */
export type PartResult =
  | { readonly status: 'succeeded'; readonly run: string; readonly output: Json }
  | {
      readonly status: 'failed' | 'cancelled';
      /** Null where none could begin. */
      readonly run: string | null;
      readonly error: { readonly code: string; readonly message: string };
    };

/** Parts that one step may be done in. */
export const MAX_PARTS = 256;

/** What a handler returns that has done a part of its work; the next attempt begins at once, or when the flow has ended. */
export class GoOn {
  readonly notes: { readonly [name: string]: Json };
  readonly call: { readonly as: string; readonly flow: string; readonly input: Json } | null;

  /** `flow` is the name of one of the handler's own `flows`, or as the step names one that it lends. */
  constructor(notes: GoOn['notes'] = {}, call: GoOn['call'] = null) {
    this.notes = notes;
    this.call = call;
  }
}

/** The notes with these ones added. */
export function withNotes(notes: readonly Note[] | undefined, added: readonly Note[]): readonly Note[] {
  const names = new Set(added.map(({ name }) => name));
  return [...(notes ?? []).filter(({ name }) => !names.has(name)), ...added];
}
