/** What a definition says, read key by key: no names are resolved here and no types known. */

import type { Limit, Mode, Ms, Retry } from '@scriptorium/core';
import type { Span } from './diagnostic.ts';
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
  readonly schemas: readonly Named<Piece>[];
  readonly run: { readonly mode?: Mode; readonly limit?: number } | undefined;
  readonly steps: readonly StepShape[];
  readonly output: Piece | undefined;
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
  readonly catch: readonly CatchShape[];
}

export type BodyShape =
  /** `place` is where to tell of what is missing: the handler's name, or the step's where the handler came by `like`. */
  | { readonly k: 'uses'; readonly uses: Word; readonly with: MapPiece | undefined; readonly place: Span }
  | { readonly k: 'value'; readonly value: Piece }
  | { readonly k: 'steps'; readonly steps: readonly StepShape[]; readonly output: Piece | undefined }
  /** What is wrong with it has been told, or it is for another version to run. */
  | { readonly k: 'unknown' };

export interface EachShape {
  readonly in: Piece | undefined;
  readonly as: Word;
  readonly key: ScalarPiece | undefined;
  readonly workers: Piece | undefined;
  readonly batch: Piece | undefined;
  readonly tolerate: Piece | undefined;
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

export interface CatchShape {
  readonly errors: readonly Word[];
  readonly if: ScalarPiece | undefined;
  /** Its name is `catch.<index>`. */
  readonly do: StepShape;
}
