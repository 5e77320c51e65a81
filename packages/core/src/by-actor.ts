/**
 * What is kept by actor. The root of a run may know thousands of others, and hear of one with every event: a change copies
 * the part in which that one is, and not all of it. A chunk knows one or two, and there are thousands of chunks.
 */

export interface ByActor<V> {
  /** One while few are known, then {@link PARTS}, each with the actors whose ids hash to it; none where nobody is known. */
  readonly parts: readonly ReadonlyMap<string, V>[];
}

const PARTS = 64;
/** So many share one part. */
const FEW = 16;

export const noActors: ByActor<never> = { parts: [] };

export function valueFor<V>({ parts }: ByActor<V>, actor: string): V | undefined {
  return parts[partOf(actor, parts.length)]?.get(actor);
}

export function withActor<V>({ parts }: ByActor<V>, actor: string, value: V): ByActor<V> {
  const own = partOf(actor, parts.length);
  const part = new Map(parts[own]).set(actor, value);
  if (parts.length > 1) return { parts: parts.with(own, part) };
  return { parts: part.size <= FEW ? [part] : spread(part) };
}

function spread<V>(all: ReadonlyMap<string, V>): readonly ReadonlyMap<string, V>[] {
  const parts = Array.from({ length: PARTS }, () => new Map<string, V>());
  for (const [actor, value] of all) parts[partOf(actor, PARTS)]?.set(actor, value);
  return parts;
}

export function withoutActor<V>(known: ByActor<V>, actor: string): ByActor<V> {
  const own = partOf(actor, known.parts.length);
  const part = new Map(known.parts[own]);
  if (!part.delete(actor)) return known;
  const parts = known.parts.with(own, part);
  return parts.every(({ size }) => size === 0) ? noActors : { parts };
}

export function* valuesOf<V>({ parts }: ByActor<V>): Generator<V> {
  for (const part of parts) yield* part.values();
}

/** The ids of chunks end in their numbers, so that any of these tells them apart well enough. */
function partOf(actor: string, parts: number): number {
  if (parts <= 1) return 0;
  let hash = 0;
  for (let at = 0; at < actor.length; at += 1) hash = (hash * 31 + actor.charCodeAt(at)) | 0;
  return hash & (parts - 1);
}
