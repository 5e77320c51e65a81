/** The files around a flow file: those that it extends, and the flows that its steps may call. */

import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { ReadDefinition } from '@scriptorium/flow';
import { CommandError, exitCodes } from '../exit-code.ts';

export interface DefinitionFiles {
  readonly read: ReadDefinition;
  /** Makes known how messages name a file. */
  readonly name: (file: string, path: string) => void;
  /** Absolute, of the file that messages name so. */
  readonly pathOf: (file: string) => string | undefined;
  /** Absolute, of all files that were extended, whether they are there or not. */
  readonly extended: () => readonly string[];
}

export function definitionFiles(): DefinitionFiles {
  const names = new Map<string, string>();
  const places = new Map<string, string>();
  const extended = new Set<string>();
  const name = (file: string, path: string): void => {
    names.set(path, file);
    places.set(file, path);
  };
  return {
    name,
    pathOf: (file) => places.get(file),
    extended: () => [...extended],
    read(relative, from) {
      const place = resolve(dirname(places.get(from) ?? from), relative);
      const file = names.get(place) ?? join(dirname(from), relative);
      name(file, place);
      extended.add(place);
      try {
        return { file, source: readFileSync(place, 'utf8') };
      } catch {
        return null;
      }
    },
  };
}

/** Flow files beside one that are looked at for the flows that it calls. */
const MAX_NEIGHBOURS = 500;

const pattern = '*.flow.{yaml,yml,json,ts,mts,js,mjs}';

/** Absolute: the other flow files in the directory, and those below `flows/` in it. */
export function neighbourFiles(path: string): readonly string[] {
  const directory = dirname(path);
  const below = existsSync(join(directory, 'flows')) ? globSync(`flows/**/${pattern}`, { cwd: directory, exclude: isHidden }) : [];
  const files = [...globSync(pattern, { cwd: directory }), ...below].map((file) => resolve(directory, file));
  const others = files.filter((file) => file !== path).toSorted();
  if (others.length <= MAX_NEIGHBOURS) return others;
  throw new CommandError(
    exitCodes.usage,
    `${directory} has ${others.length} flow files; the flows that a step calls are looked for in at most ${MAX_NEIGHBOURS}`,
    'Put flows that belong together into a directory of their own.',
  );
}

function isHidden(path: string): boolean {
  return basename(path) === 'node_modules' || basename(path).startsWith('.');
}
