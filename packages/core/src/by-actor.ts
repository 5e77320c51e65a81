/**
 * What is kept by actor. An actor may know thousands of others, and hear of one with every event: a change copies the
 * part in which that one is, and not all of it.
 */

export interface ByActor<V> {
  /** {@link PARTS} of them, each with the actors whose ids hash to it; empty where nobody is known. */
  readonly parts: readonly ReadonlyMap<string, V>[];
}

const PARTS = 64;

export const noActors: ByActor<never> = { parts: [] };

export function valueFor<V>({ parts }: ByActor<V>, actor: string): V | undefined {
  return parts[partOf(actor)]?.get(actor);
}

export function withActor<V>({ parts }: ByActor<V>, actor: string, value: V): ByActor<V> {
  const own = partOf(actor);
  const known = parts.length === 0 ? Array.from({ length: PARTS }, (): ReadonlyMap<string, V> => new Map()) : parts;
  return { parts: known.with(own, new Map(known[own]).set(actor, value)) };
}

export function withoutActor<V>(known: ByActor<V>, actor: string): ByActor<V> {
  const own = partOf(actor);
  const part = new Map(known.parts[own]);
  if (!part.delete(actor)) return known;
  const parts = known.parts.with(own, part);
  return parts.every(({ size }) => size === 0) ? noActors : { parts };
}

export function* valuesOf<V>({ parts }: ByActor<V>): Generator<V> {
  for (const part of parts) yield* part.values();
}

/** The ids of chunks end in their numbers, so that any of these tells them apart well enough. */
function partOf(actor: string): number {
  let hash = 0;
  for (let at = 0; at < actor.length; at += 1) hash = (hash * 31 + actor.charCodeAt(at)) | 0;
  return hash & (PARTS - 1);
}
