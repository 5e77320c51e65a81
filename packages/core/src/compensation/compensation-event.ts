/** Facts about what can be undone, and is. */

import type { At, Carried } from '../carried.ts';
import type { Failure } from '../errors.ts';
import type { Instant } from '../json.ts';

/** A compensation that can be run: of which step, for which visits of the states around it, with which input. */
export interface UndoCall {
  readonly type: 'call';
  /** When the step completed. */
  readonly at: Instant;
  readonly node: string;
  readonly iteration: string;
  /** Of the item that the step belongs to. */
  readonly key: string | null;
  readonly input: Carried;
  /** Set where the input could not be evaluated; the compensation then fails with it. */
  readonly error: Failure | null;
}

/** What can be undone: one call, or the calls that a chunk handed on. */
export type Undoable =
  | UndoCall
  | {
      readonly type: 'page';
      readonly node: string;
      readonly iteration: string;
      /** Hash of the page, a list of {@link Undoable}s. */
      readonly page: string;
      /** How many calls that is in all. */
      readonly count: number;
    };

export type CompensationEvent =
  /** A step that has a compensation completed: so it would be undone. */
  | (At & {
      readonly type: 'compensation.noted';
      readonly key: string | null;
      readonly input: Carried;
      /** Set where the input could not be evaluated. */
      readonly error: Failure | null;
    })
  /** The scope or `each` failed, or the run was cancelled: what completed inside is undone, the latest first. */
  | (At & {
      readonly type: 'compensation.begun';
      /** With which the step fails afterwards. */
      readonly error: Failure;
      readonly total: number;
      /** Calls per page. */
      readonly pageSize: number;
      /** Hash of the list of page hashes. */
      readonly pages: string;
    });
