/**
 * A tool: something that an agent may ask to be done. It declares what it does to the world and where, so that it can
 * be granted, refused or put to a person before it is done. A tool never decides about its own permission.
 */

import type { Json, Schema } from '@scriptorium/core';

/** What a call reaches for: below which folder, at which host, how much it may spend. */
export type Reach =
  | { readonly kind: 'file'; readonly path: string; readonly access: 'read' | 'write' }
  | { readonly kind: 'host'; readonly url: string; readonly method: string }
  | { readonly kind: 'program'; readonly argv: readonly string[] }
  | { readonly kind: 'flow'; readonly name: string }
  | { readonly kind: 'person'; readonly role: string }
  | { readonly kind: 'spend'; readonly usd: number };

export interface ToolContext {
  readonly signal: AbortSignal;
  /** The same however often the same call of the same agent is tried. */
  readonly idempotencyKey: string;
  readonly env: { readonly [name: string]: string | undefined };
  readonly log: (level: 'info' | 'warn', message: string) => void;
}

interface ToolFacts {
  readonly name: string;
  readonly doc: string;
  readonly input: Schema;
  /** `write` is what cannot be taken back: files, requests that change something, programs, messages. */
  readonly effects: 'none' | 'read' | 'write';
  /** Whether what it gives comes from outside and may say anything: pages, files, mail, other agents. */
  readonly tainted: boolean;
  /** Whether a second call with the same arguments and key changes nothing more: then it is made again after a crash. */
  readonly idempotent?: boolean;
  /** What a call with these arguments reaches for; pure, and asked before anything is done. May throw for broken arguments. */
  readonly reaches: (input: Json) => readonly Reach[];
}

export interface LocalTool extends ToolFacts {
  readonly run: (input: Json, context: ToolContext) => Promise<Json>;
}

/** A tool whose work is a run of a flow. */
export interface FlowTool extends ToolFacts {
  readonly flow: {
    readonly name: string;
    readonly given: (input: Json) => Json;
    /** What the model is told of the run's output; all of it unless given. */
    readonly gives?: (output: Json) => Json;
  };
}

export type Tool = LocalTool | FlowTool;
