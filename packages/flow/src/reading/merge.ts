/** The two merges of the language. Both keep the place of every piece. */

import type { Entry, MapPiece, Piece } from './piece.ts';

/** `like`: mappings are merged key by key, everything else of `over` replaces what `base` has. */
export function mergeLike(base: Piece, over: Piece): Piece {
  if (base.type !== 'map' || over.type !== 'map') {
    return over;
  }
  const entries = new Map(base.entries);
  for (const [key, entry] of over.entries) {
    const below = entries.get(key);
    entries.set(key, below === undefined ? entry : { ...entry, value: mergeLike(below.value, entry.value) });
  }
  return { ...over, entries };
}

/** JSON merge patch, RFC 7396: `null` removes the key, mappings are merged, everything else replaces. */
export function mergePatch(target: Piece | undefined, patch: Piece): Piece {
  if (patch.type !== 'map') {
    return patch;
  }
  const base: MapPiece = target?.type === 'map' ? target : { ...patch, entries: new Map() };
  const entries = new Map<string, Entry>(base.entries);
  for (const [key, entry] of patch.entries) {
    if (entry.value.type === 'scalar' && entry.value.value === null) {
      entries.delete(key);
    } else {
      const below = entries.get(key);
      entries.set(key, { ...(below ?? entry), value: mergePatch(below?.value, entry.value) });
    }
  }
  return { ...base, entries };
}
