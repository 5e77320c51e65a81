/**
 * What an agent may do in one step: the tools that it was granted, and one way to have them called. Whether a call is
 * allowed, asked about or refused is decided here, before anything is done; a model never decides it.
 *
 * How the loop of an agent uses it: open one for the attempt by `toolsOf`, give `specs` to the model, take its calls
 * one after the other in their order, return `new GoOn({}, taken.call)` where a flow has to do its part first, take the
 * same calls again in the next attempt, and close it before the attempt ends.
 */

import type { Json, Notes } from '@scriptorium/core';
import type { ToolCall, ToolResult, ToolSpec } from '../models/model.ts';

/** What became of a call, as the model is told. */
export interface ToolAnswer extends ToolResult {
  /** It came from outside and may say anything: what the model asks for from now on may be somebody else's wish. */
  readonly tainted: boolean;
}

/** How a call went on. */
export type Taken =
  /** It is answered, also where it was refused, and the answer is noted under `result:<id>`. */
  | { readonly type: 'answered'; readonly answer: ToolAnswer }
  /** A flow does it, or asks a person about it: the next attempt takes the same call again. */
  | { readonly type: 'waiting'; readonly call: { readonly as: string; readonly flow: string; readonly input: Json } };

export interface Toolbox {
  /** What the model is told that there is; empty without grants. */
  readonly specs: readonly ToolSpec[];
  /**
   * Decides about a call and does it, once, however often it is taken: what was answered is answered the same. The id of
   * the call must be unique in the step. `tainted`: something of unknown origin stands in the conversation beside the
   * results of tools, which are known here. Rejects with what `signal` was aborted with, and with `StepError`s of the
   * tool that are worth another attempt (`rate_limited`, `overloaded`); everything else is an answer.
   */
  readonly take: (call: ToolCall, options?: { readonly tainted?: boolean }) => Promise<Taken>;
  /** Lets go of connections. */
  readonly close: () => Promise<void>;
}

/** What a toolbox is told of its step; a `Context` fits. */
export interface ToolboxContext {
  readonly run: { readonly id: string };
  readonly step: { readonly path: string; readonly key?: string; readonly idempotencyKey: string };
  readonly notes: Notes;
  readonly note: (name: string, value: Json) => Promise<void>;
  readonly signal: AbortSignal;
  readonly env: { readonly [name: string]: string | undefined };
  readonly log: (level: 'debug' | 'info' | 'warn' | 'error', message: string) => void;
}

/** Opens the toolbox of one attempt. `grants` is what the step gives as `tools`; raises `fatal` for what is no grant. */
export type OpenToolbox = (grants: Json, context: ToolboxContext) => Promise<Toolbox>;
