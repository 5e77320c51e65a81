/** Profiles: merge patches over the definition. Those that are not chosen are checked too. */

import { closest } from '@scriptorium/core';
import type { Findings } from '../diagnostic.ts';
import { mapField } from './field.ts';
import { checkKeys, profileKeys } from './keys.ts';
import { mergePatch } from './merge.ts';
import { entryOf } from './piece.ts';
import type { MapPiece } from './piece.ts';

export type Profiles = ReadonlyMap<string, MapPiece>;

export function profilesOf(root: MapPiece, findings: Findings): Profiles {
  const site = { path: '', findings };
  const entry = entryOf(root, 'profiles');
  const map = entry === undefined ? undefined : mapField(entry.value, '`profiles`', site);
  const named = [...(map?.entries.values() ?? [])].flatMap(({ key, value }): [string, MapPiece][] => {
    const patch = mapField(value, `the profile '${key}'`, site);
    return patch === undefined ? [] : [[key, checkKeys(patch, profileKeys, '', findings)]];
  });
  return new Map(named);
}

/** Undefined when there is no such profile; that is told. */
export function chooseProfile(name: string | undefined, profiles: Profiles, root: MapPiece, findings: Findings): MapPiece | undefined {
  const chosen = name === undefined ? undefined : profiles.get(name);
  if (name !== undefined && chosen === undefined) {
    const suggestion = closest(name, profiles.keys()) ?? undefined;
    const known = profiles.size === 0 ? 'the flow has none' : `profiles: ${[...profiles.keys()].join(', ')}`;
    const span = entryOf(root, 'profiles')?.keySpan ?? { from: root.span.from, to: root.span.from };
    findings.add({
      code: 'no_such_profile',
      message: `there is no profile '${name}' (${known})${suggestion === undefined ? '' : ` — did you mean '${suggestion}'?`}`,
      span,
      suggestion,
    });
  }
  return chosen;
}

export function applyProfile(base: MapPiece, patch: MapPiece | undefined): MapPiece {
  return patch === undefined ? base : (mergePatch(base, patch) as MapPiece);
}
