/** What is assumed where no earlier run tells: docs/planning.md has the source of each number. */

import type { Handler, Limit, Ms } from '@scriptorium/core';

/** What bounds a step: a service that it calls, files and the network, the processor, or that only one may run at a time. */
export type Kind = 'api' | 'io' | 'cpu' | 'sequential';

export interface KindDefault {
  /** Null: as many as there are processors. */
  readonly workers: { readonly low: number; readonly high: number } | null;
  readonly callMs: Ms;
  /** A call takes between `callMs / factor` and `callMs × factor` in 8 of 10 flows. */
  readonly factor: number;
}

export const kindDefaults: { readonly [kind in Kind]: KindDefault } = {
  api: { workers: { low: 3, high: 5 }, callMs: 3_000, factor: 5 },
  io: { workers: { low: 10, high: 20 }, callMs: 50, factor: 10 },
  cpu: { workers: null, callMs: 200, factor: 10 },
  sequential: { workers: { low: 1, high: 1 }, callMs: 50, factor: 10 },
};

/** Items where nobody knows how many there will be. */
export const UNKNOWN_ITEMS = 10;
/** Calls for each item inside of an `each` in an item. */
export const INNER_CALLS = 5;
/** Calls that follow from the bytes of the input lie between so much of what is expected and as many times it. */
export const INNER_SPREAD = 2;
/** What a call uses of what it may use at most, and the least of it. */
export const USED_SHARE: number = 1 / 3;
export const LEAST_SHARE: number = 1 / 6;
/** A spread of calls that nothing has been measured of: from as many as there are steps to twice as many. */
export const MOST_RETRIES = 1;
/** What the engine itself takes for a step: 4,582 a second, one after another, in `bench/engine/steps.ts` of docs/performance.md. */
export const ENGINE_STEP_MS: Ms = 0.22;

/** What a plan has to know of a handler. */
export type HandlerFacts = Pick<Handler, 'runs' | 'cost' | 'elementBytes'>;

/** `limit`: of the step's pool. A flow that is called counts as a service, and so does what a rate or tokens are set for. */
export function kindOf(uses: string, handler: HandlerFacts | undefined, isFlow: boolean, limit: Limit | undefined): Kind {
  if (limit?.concurrent === 1) return 'sequential';
  if (isFlow || handler?.cost !== undefined || uses === 'core/http' || (limit?.rate ?? limit?.tokens) !== undefined) return 'api';
  return handler?.runs === 'thread' || handler?.runs === 'process' ? 'cpu' : 'io';
}

/** How many workers are usual for a kind of work. */
export function usualWorkers(kind: Kind, processors: number): { readonly low: number; readonly high: number } {
  return kindDefaults[kind].workers ?? { low: processors, high: processors };
}
