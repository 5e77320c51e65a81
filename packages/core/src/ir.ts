/**
 * The compiled form of a flow. It contains no code: expressions are checked source strings. The hash of the canonical
 * IR is the identity that runs are pinned to; source positions live beside it, never inside.
 */

import type { Json, Ms, Schema } from './json.ts';

/** A checked expression: its source and the root names it reads. */
export interface Expr {
  readonly $: string;
  readonly reads: readonly string[];
}

/**
 * A template: literal JSON under `lit`, one expression, text with expressions in it, or a list or object of templates.
 * Every variant carries its own key, so that user data can never be mistaken for a template.
 */
export type Tpl =
  | { readonly lit: Json }
  | { readonly expr: Expr }
  | { readonly cat: readonly Tpl[] }
  | { readonly list: readonly Tpl[] }
  | { readonly obj: { readonly [key: string]: Tpl } };

/** Error codes; `*` matches all, `agent.*` a family. */
export type ErrorNames = readonly string[];

export interface Flow {
  readonly ir: 1;
  readonly expr: 1;
  readonly name: string;
  readonly version: string;
  /** `sha256:…` over the canonical JSON of everything else in this object. */
  readonly hash: string;
  readonly doc?: string;
  /** An object schema: one property per input, `required` for those without a default. */
  readonly input: Schema;
  readonly output: Schema;
  /** Every pool that a step names, the inline ones under `<flow>/<step path>`. */
  readonly limits: { readonly [pool: string]: Limit };
  readonly budget?: Budget;
  /** What `profiles.<p>.run` asked for; command-line options win over it. */
  readonly run?: { readonly mode?: Mode; readonly limit?: number };
  readonly root: Node;
  readonly migrate: readonly Migration[];
}

export type Mode = 'strict' | 'flexible' | 'best_effort';

/** One step. Its id is its path from the flow's body: `books/clean`; the root's id is the empty string. */
export interface Node {
  readonly id: string;
  /** Sibling steps that must have settled: those named in `needs` and those that expressions read. */
  readonly needs: readonly string[];
  /** `if` and `each` speak about the step as a whole; everything below applies to each item. */
  readonly if?: Expr;
  readonly each?: Each;
  readonly do: Body;
  readonly retry: readonly Retry[];
  readonly timeout?: Ms;
  readonly limit?: string;
  readonly budget?: Budget;
  readonly cache?: Tpl;
  readonly catch: readonly Catch[];
  readonly compensate?: Node;
  /** Contract of one result. */
  readonly returns: Schema;
  /** Only in a state: where to go from here; without it the state is final. */
  readonly next?: readonly Next[];
  /** Only in a state: how often it may be entered. */
  readonly max?: number;
  readonly events?: { readonly [event: string]: string };
}

export type Body =
  | {
      readonly k: 'call';
      readonly uses: string;
      readonly with: Tpl;
      /** Set where `uses` is a flow. */
      readonly flow?: FlowCall;
      /** Flows that the step lets its handler call. */
      readonly lends?: readonly LentFlow[];
    }
  | { readonly k: 'value'; readonly value: Tpl }
  | { readonly k: 'wait'; readonly for?: Tpl; readonly until?: Tpl; readonly event?: WaitEvent }
  | { readonly k: 'and'; readonly steps: readonly Node[]; readonly until?: Expr; readonly output: Tpl }
  | { readonly k: 'or'; readonly states: readonly Node[]; readonly output?: Tpl };

export interface FlowCall {
  /** Of versions; with the name it is the {@link calledAs} under which a run finds the definition. */
  readonly range: string;
  /** The step has done its work once the child run is there. */
  readonly detached?: true;
  /** So many runs of the flow may be in each other. */
  readonly depth?: number;
  /** Where a handler calls it: its failures with these codes are the step's, and the handler is told of all others. */
  readonly raises?: ErrorNames;
}

export interface LentFlow {
  readonly uses: string;
  readonly flow: FlowCall;
}

/** Under which a run is told what a step's flow is: `team/flow@^2`. */
export function calledAs(uses: string, { range }: FlowCall): string {
  return `${uses}@${range}`;
}

/** The definitions that a flow calls, and those that they call, by {@link calledAs}. */
export type CalledFlows = { readonly [called: string]: Flow };

export interface WaitEvent {
  readonly name: string;
  readonly match?: Expr;
  readonly ask?: Tpl;
  /** Roles, or what gives them when the wait begins. */
  readonly to: readonly string[] | { readonly expr: Expr };
  readonly answer: Schema;
}

export interface Each {
  readonly in: Tpl;
  readonly as: string;
  /** Absent: the index is the key. */
  readonly key?: Expr;
  readonly workers: Tpl;
  /** Items per group; 1 gives the items themselves. */
  readonly batch: Tpl;
  /** A count, or text such as `10%`. */
  readonly tolerate: Tpl;
  readonly until?: Expr;
  /** Names of outer scopes that the body reads: what each chunk is given at its start. */
  readonly captures: readonly string[];
}

/** A transition to a state, or to the one that an expression names; `among` then lists those it may name. */
export interface Next {
  readonly if?: Expr;
  readonly to: string | Expr;
  readonly among?: readonly string[];
}

export interface Catch {
  readonly errors: ErrorNames;
  readonly if?: Expr;
  /** Only in a state, and then instead of `do`: the state to go on with. */
  readonly to?: string;
  /** Its id is `<step path>/catch.<index>`; its output replaces the failed step's. */
  readonly do?: Node;
}

export interface Retry {
  readonly errors: ErrorNames;
  /** How many times after the first attempt. */
  readonly max: number;
  readonly delay: Ms;
  readonly factor: number;
  readonly cap: Ms;
  /** No retry starts later than this after the start of the step's first attempt. */
  readonly within?: Ms;
}

export interface Limit {
  readonly concurrent?: number;
  readonly rate?: { readonly n: number; readonly per: Ms };
  /** Tokens of models in a time, held by estimate before a call and settled by what it used. */
  readonly tokens?: { readonly n: number; readonly per: Ms };
  /** Opened by so many failures of the service in a row, it lets nothing through for `cooldown`. */
  readonly breaker?: { readonly failures: number; readonly cooldown: Ms };
}

export interface Budget {
  readonly usd?: number;
  readonly tokens?: number;
  readonly calls?: number;
}

export interface Migration {
  readonly from: string;
  readonly map: { readonly [path: string]: string | null };
  readonly assume: { readonly [path: string]: Tpl };
}
