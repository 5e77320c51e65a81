/** Reads the files that a flow file extends. */

import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { ReadDefinition } from '@scriptorium/flow';

export interface DefinitionFiles {
  readonly read: ReadDefinition;
  /** Absolute, of all files that were asked for, whether they are there or not. */
  readonly paths: () => readonly string[];
}

/** `file` is how messages name the flow file at the absolute `path`; those around it are named alike. */
export function definitionFiles(file: string, path: string): DefinitionFiles {
  const names = new Map([[path, file]]);
  const places = new Map([[file, path]]);
  return {
    read(relative, from) {
      const place = resolve(dirname(places.get(from) ?? path), relative);
      const name = names.get(place) ?? join(dirname(from), relative);
      names.set(place, name);
      places.set(name, place);
      try {
        return { file: name, source: readFileSync(place, 'utf8') };
      } catch {
        return null;
      }
    },
    paths: () => [...names.keys()],
  };
}
