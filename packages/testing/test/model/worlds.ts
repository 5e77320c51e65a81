/** The ways in which a flow, or a part of it, may end. */

import type { Value } from './data.ts';

/** How the run may end. */
export type World = { readonly ok: Value; readonly degraded: boolean } | { readonly failed: string };

export type Success = Extract<World, { readonly ok: Value }>;

/** In an OR scope a failure may lead to another state. */
export type Result = World | { readonly to: string };

/** Any of them, each with one of its worlds. */
export function choicesOf<T extends { readonly worlds: readonly Success[] }>(
  all: readonly T[],
): readonly (readonly (readonly [T, Success])[])[] {
  return all.reduce<readonly (readonly (readonly [T, Success])[])[]>(
    (choices, one) => choices.flatMap((chosen) => [chosen, ...one.worlds.map((world) => [...chosen, [one, world] as const])]),
    [[]],
  );
}

export function withoutTarget(result: Result): World {
  if ('to' in result) throw new Error(`the run leads to ${result.to}`);
  return result;
}

export function distinct<R extends Result>(results: readonly R[]): readonly R[] {
  return distinctBy(results, (result) => JSON.stringify(result));
}

export function distinctBy<T>(all: readonly T[], key: (one: T) => string): readonly T[] {
  return [...new Map(all.map((one) => [key(one), one])).values()];
}
