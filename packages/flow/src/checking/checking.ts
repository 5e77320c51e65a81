/** What the checks of one compilation share. */

import type { Budget, JsonObject, Limit, Ms, Node, Tpl, Type } from '@scriptorium/core';
import type { Callable } from './callable.ts';
import type { Contracts } from '../contracts.ts';
import type { Findings } from '../diagnostic.ts';
import type { Accepting, LentCall, Library } from './library.ts';
import type { ReadsFinder } from './reads.ts';
import type { Signals } from './signals.ts';
import type { ReadDefinition } from '../reading/extends.ts';
import type { SchemaReader } from '../reading/schema-reader.ts';
import type { ScopeShape } from '../reading/shape.ts';

export interface Checking {
  readonly flow: string;
  /** Of the definition, as messages name it. */
  readonly file: string;
  readonly library: Library;
  /** Gives the files that the definition names, relative to the one at a place in it. */
  readonly read: ReadDefinition;
  readonly fileAt: (offset: number) => string;
  /** The files of the flows that are called, by {@link calledAs}. */
  readonly calls: Map<string, string>;
  /** Calls that are left to a handler, and how many runs of the flow may then be in each other. */
  readonly lent: Map<string, LentCall>;
  readonly callables: ReadonlyMap<string, Callable>;
  readonly findings: Findings;
  readonly contracts: Contracts;
  readonly schemas: SchemaReader;
  readonly reads: ReadsFinder;
  /** Scopes of states that were checked, by what they are and what the names that they read had for types. */
  readonly checkedStates: Map<ScopeShape, Map<string, RememberedStates>>;
  /** The pools that the definition declares. */
  readonly declared: ReadonlySet<string>;
  /** All pools; those of steps are added as they are met. */
  readonly pools: Map<string, Limit>;
  /** For each step name, the scopes that have a step of that name. */
  readonly scopesOf: ReadonlyMap<string, readonly string[]>;
  readonly signals: Signals;
  /** What its own steps accept as messages. */
  readonly accepted: readonly Accepting[];
  /** Names that cannot be one, which has been told: in an expression, `max-words` is a difference. */
  readonly misnamed: readonly string[];
}

/** Of the states of a scope, the initial one first. */
export interface CheckedStates {
  readonly states: readonly Node[];
  readonly output?: Tpl;
  readonly type: Type;
}

export interface RememberedStates {
  readonly checked: CheckedStates;
  readonly findings: Findings;
}

export type Names = Readonly<Record<string, Type>>;

/** Where something is checked: the step's path and the names it sees. */
export interface Where {
  readonly path: string;
  readonly names: Names;
  /** The nearest timeout around. */
  readonly around: { readonly path: string; readonly ms: Ms } | null;
  /** Whether it is the `with` of a call, where secrets may be referred to. */
  readonly isInput?: boolean;
  /** The tightest budgets around, by unit. */
  readonly budget: BudgetAround;
}

export type BudgetAround = { readonly [unit in keyof Budget]?: { readonly path: string; readonly amount: number } };

export interface CheckedStep {
  readonly node: Node;
  /** Of what the step's name stands for. */
  readonly type: Type;
}

export function isObject(schema: unknown): schema is JsonObject {
  return typeof schema === 'object' && schema !== null && !Array.isArray(schema);
}

/** Names of an outer scope with more names inside it. */
export function namesWith(names: Names, more: Names): Names {
  return Object.assign(Object.create(null) as Record<string, Type>, names, more);
}
