/** When an earlier result serves: the same handler and version on the same input, artifacts compared by content. */

import { hash } from 'node:crypto';
import type { About, ArtifactRef, CacheKey, Handler, Json, JsonObject, Mode, Settings } from '@scriptorium/core';

/**
 * The key under which a result is kept: that of a pure handler, or of a step with `cache`, which may give a key of its
 * own instead of the input. The mode belongs to it, because handlers may read it.
 */
export function memoKey(handler: string, mode: Mode, input: string, cache: CacheKey | null): string {
  const parts = cache?.by === 'key' ? [handler, mode, 'key', canonical(cache.key)] : [handler, mode, input];
  return hash('sha256', JSON.stringify(parts), 'hex');
}

/** The same for inputs that are the same, artifacts compared by content: 128 bits, since every attempt is journaled with one. `settings` are those that the call reads. */
export function inputHash(input: Json, settings: Settings = noSettings): string {
  const whole = Object.keys(settings).length === 0 ? canonical(input) : [canonical(input), canonical(settings)];
  return hash('sha256', JSON.stringify(whole), 'hex').slice(0, 32);
}

/** What of the settings a call depends on; a flow, which is no handler, may read any of them. */
export function settingsRead(handler: Handler | null, input: Json, aboutOf: () => Pick<About, 'step' | 'key' | 'settings'>): Settings {
  if (handler !== null && handler.settingsOf === undefined) return noSettings;
  const about = aboutOf();
  if (handler === null) return about.settings;
  try {
    return handler.settingsOf?.(input as never, about) ?? noSettings;
  } catch {
    // An input that breaks the contract is told of by the call itself.
    return about.settings;
  }
}

export const noSettings: Settings = {};

/** Keys sorted; an artifact is its hash, wherever it lies. */
function canonical(value: Json): Json {
  if (Array.isArray(value)) return value.map((element: Json) => canonical(element));
  if (typeof value !== 'object' || value === null) return value;
  const names = Object.keys(value).toSorted();
  if (names.length === 3 && isArtifact(value)) return { artifact: value.hash };
  return Object.fromEntries(names.map((name) => [name, canonical((value as JsonObject)[name] ?? null)]));
}

function isArtifact(value: object): value is Json & ArtifactRef {
  const { path, hash: digest, bytes } = value as { readonly [name: string]: unknown };
  return typeof path === 'string' && typeof digest === 'string' && digest.startsWith('sha256:') && typeof bytes === 'number';
}
