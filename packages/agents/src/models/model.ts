/**
 * The port to language models: one call, its answer, and what it used. What stands behind it (a service, a recording,
 * the offline model) is chosen by name; whoever calls knows nothing of it.
 *
 * A call raises `StepError`s alone: `rate_limited` and `overloaded` with the service's `Retry-After`, `timeout`, `io`,
 * `agent.refused` when the model or a filter of the service refuses, `agent.length` when the answer was cut off,
 * `fatal` for missing keys, unknown models and what will fail again. It never tries again by itself: the engine does.
 */

import type { Json, Schema } from '@scriptorium/core';

/** Something that the model may ask to be done. */
export interface ToolSpec {
  readonly name: string;
  readonly doc: string;
  /** JSON Schema of the arguments. */
  readonly input: Schema;
}

export interface ToolCall {
  /** The model's own, unique in the conversation. */
  readonly id: string;
  readonly tool: string;
  /** As the model gave them, checked by nobody yet. */
  readonly input: Json;
}

export interface ToolResult {
  readonly id: string;
  readonly tool: string;
  readonly output: Json;
  /** It did not work, or was not allowed; `output` says why. */
  readonly isError: boolean;
}

export type Message =
  | { readonly role: 'user'; readonly text: string; readonly images?: readonly ImagePart[] }
  | { readonly role: 'assistant'; readonly text: string; readonly calls: readonly ToolCall[] }
  | { readonly role: 'tool'; readonly results: readonly ToolResult[] };

export interface ImagePart {
  readonly mediaType: string;
  /** Base64. */
  readonly data: string;
}

export interface ModelRequest {
  /** Instructions, apart from the conversation. */
  readonly system: string;
  readonly messages: readonly Message[];
  readonly tools: readonly ToolSpec[];
  /** What the final answer has to be; null for text. */
  readonly returns: Schema | null;
  readonly settings: ModelSettings;
}

export interface ModelSettings {
  readonly temperature?: number;
  readonly maxOutputTokens?: number;
  readonly seed?: number;
}

export interface ModelUsage {
  /** All of the prompt, cached tokens included. */
  readonly input: number;
  readonly cachedInput: number;
  /** All that was generated, reasoning included. */
  readonly output: number;
  readonly reasoning: number;
}

export interface ModelReply {
  readonly text: string;
  /** Where `returns` was asked for and the text is JSON: its value, not checked against the schema. */
  readonly value?: Json;
  readonly calls: readonly ToolCall[];
  readonly usage: ModelUsage;
  /** In US dollars by the price table; null for a model that is not in it. */
  readonly usd: number | null;
  /** Who answered: `provider/model`. */
  readonly by: string;
  readonly ms: number;
  /** Until the first piece of the answer. */
  readonly firstMs: number;
}

export interface CallOptions {
  readonly signal: AbortSignal;
  /** Pieces of the text as they come. */
  readonly onText: (piece: string) => void;
  /** By which the service may know the same call again. */
  readonly idempotencyKey: string;
}

export interface Model {
  /** `provider/model`. */
  readonly name: string;
  /** What one call of this request can use at most: reserved before it is made. */
  readonly most: (request: ModelRequest) => { readonly usd: number; readonly tokens: number };
  readonly call: (request: ModelRequest, options: CallOptions) => Promise<ModelReply>;
}

/** Models by the names that flows and configurations use: `offline`, an alias of the configuration, or `provider/model`. */
export interface Models {
  /** Raises `fatal` for a name that nothing stands behind, with the names that there are. */
  readonly find: (name: string) => Model;
}
