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

export interface Tool {
  readonly name: string;
  readonly doc: string;
  readonly input: Schema;
  /** `write` is what cannot be taken back: files, requests that change something, programs, messages. */
  readonly effects: 'none' | 'read' | 'write';
  /** Whether what it gives comes from outside and may say anything: pages, files, mail, other agents. */
  readonly tainted: boolean;
  /** What a call with these arguments reaches for; pure, and asked before anything is done. */
  readonly reaches: (input: Json) => readonly Reach[];
  /** Done by a flow of that name as a run of its own, instead of `run`. */
  readonly flow?: string;
  readonly run: (input: Json, context: ToolContext) => Promise<Json>;
}
