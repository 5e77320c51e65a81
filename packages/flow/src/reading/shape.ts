/** What a definition says, read key by key: no names are resolved here and no types known. */

import type { Budget, Limit, Mode, Ms, Retry } from '@scriptorium/core';
import type { Span } from '../diagnostic.ts';
import type { MapPiece, Piece, ScalarPiece } from './piece.ts';

export interface Named<T> {
  readonly name: string;
  readonly span: Span;
  readonly value: T;
}

export interface Word {
  readonly text: string;
  readonly span: Span;
}

export interface FlowShape {
  readonly name: string;
  readonly version: string;
  readonly doc: string | undefined;
  readonly inputs: readonly Named<Piece>[];
  readonly limits: readonly Named<Limit>[];
  readonly budget: BudgetShape | undefined;
  readonly schemas: readonly Named<Piece>[];
  readonly run: { readonly mode?: Mode; readonly limit?: number } | undefined;
  readonly migrate: readonly MigrationShape[];
  readonly body: ScopeShape;
}

export interface MigrationShape {
  readonly from: Word;
  /** Paths of the older definition, each with its place and what it is now; null where it is gone. */
  readonly map: readonly Named<Word | null>[];
  /** Paths of this definition with the output that runs are given which are past them. */
  readonly assume: readonly Named<Piece>[];
}

export interface StepShape {
  readonly name: string;
  /** Place of the name. */
  readonly span: Span;
  readonly path: string;
  readonly needs: readonly Word[];
  readonly if: ScalarPiece | undefined;
  readonly each: EachShape | undefined;
  readonly body: BodyShape;
  readonly returns: Piece | undefined;
  readonly timeout: { readonly ms: Ms; readonly span: Span } | undefined;
  readonly retry: readonly RetryShape[];
  readonly limit: LimitShape | undefined;
  readonly budget: BudgetShape | undefined;
  /** `true`, or what gives a key; false is none. */
  readonly cache: ScalarPiece | undefined;
  readonly catch: readonly CatchShape[];
  /** The call that undoes it; its name is `compensate`. */
  readonly compensate: StepShape | undefined;
  /** Of a state only; without it the state is final. */
  readonly next: NextShape | undefined;
  /** Of a state only. */
  readonly max: number | undefined;
  /** Of a state only: where signals lead, by their names. */
  readonly events: readonly Named<Word>[];
}

export interface NextShape {
  /** None when it is wrong. */
  readonly entries: readonly TransitionShape[];
  /** Place of the key. */
  readonly span: Span;
}

export interface TransitionShape {
  readonly if: ScalarPiece | undefined;
  /** The name of a state, or one expression that gives it; undefined when it is wrong, which has been told. */
  readonly to: ScalarPiece | undefined;
  readonly span: Span;
}

export type ScopeShape =
  | {
      readonly k: 'steps';
      readonly steps: readonly StepShape[];
      readonly until: ScalarPiece | undefined;
      readonly output: Piece | undefined;
    }
  /** The first state is the initial one; `span` is where to tell of the states as a whole. */
  | { readonly k: 'states'; readonly states: readonly StepShape[]; readonly output: Piece | undefined; readonly span: Span };

export type BodyShape =
  /** `place` is where to tell of what is missing: the handler's name, or the step's where the handler came by `like`. */
  | {
      readonly k: 'uses';
      readonly uses: Word;
      readonly with: MapPiece | undefined;
      readonly place: Span;
      readonly detached: { /** Undefined when it is wrong. */ readonly value: boolean | undefined; readonly span: Span } | undefined;
    }
  | { readonly k: 'value'; readonly value: Piece }
  | WaitShape
  | ScopeShape
  /** What is wrong with it has been told. */
  | { readonly k: 'unknown' };

export interface WaitShape {
  readonly k: 'wait';
  readonly for: Piece | undefined;
  readonly until: Piece | undefined;
  readonly event: EventShape | undefined;
}

export interface EventShape {
  readonly name: Word;
  readonly match: ScalarPiece | undefined;
  readonly ask: Piece | undefined;
  readonly to: readonly Word[];
  /** In place of `to`, what gives the roles. */
  readonly whom: ScalarPiece | undefined;
  readonly answer: Piece | undefined;
}

export interface EachShape {
  readonly in: Piece | undefined;
  readonly as: Word;
  readonly key: ScalarPiece | undefined;
  readonly workers: Piece | undefined;
  readonly batch: Piece | undefined;
  readonly tolerate: Piece | undefined;
  readonly until: ScalarPiece | undefined;
  readonly span: Span;
}

export interface RetryShape {
  readonly retry: Retry;
  readonly errors: readonly Word[];
  readonly span: Span;
}

export type LimitShape =
  | { readonly k: 'named'; readonly name: Word }
  | { readonly k: 'inline'; readonly limit: Limit; readonly span: Span };

export interface BudgetShape {
  readonly budget: Budget;
  readonly span: Span;
}

export interface CatchShape {
  readonly errors: readonly Word[];
  readonly if: ScalarPiece | undefined;
  readonly span: Span;
  /** Of a state only, and then instead of `do`: the state to go on with. */
  readonly to: Word | undefined;
  /** Its name is `catch.<index>`. */
  readonly do: StepShape | undefined;
}

/** The steps or states of a scope; none for other bodies. */
export function childrenOf(body: BodyShape): readonly StepShape[] {
  return body.k === 'steps' ? body.steps : body.k === 'states' ? body.states : [];
}

/** All steps in it, at whatever depth, those of catches included. */
export function stepsIn(body: BodyShape): readonly StepShape[] {
  return childrenOf(body).flatMap((step) => [
    step,
    ...stepsIn(step.body),
    ...step.catch.flatMap(({ do: inner }) => (inner === undefined ? [] : [inner, ...stepsIn(inner.body)])),
  ]);
}
