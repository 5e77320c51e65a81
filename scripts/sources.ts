/** The project's own files, as the tests about the project itself read them. */

import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Source {
  /** Relative to the project's root, with `/`. */
  readonly path: string;
  readonly text: string;
}

export interface Workspace {
  /** The folder, relative to the root: `packages/core`. */
  readonly path: string;
  readonly manifest: Manifest;
}

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly license?: string;
  readonly type?: string;
  readonly exports?: { readonly [path: string]: string };
  readonly dependencies?: { readonly [name: string]: string };
  readonly devDependencies?: { readonly [name: string]: string };
  readonly optionalDependencies?: { readonly [name: string]: string };
}

export const root: string = fileURLToPath(new URL('..', import.meta.url));

const notOurs = new Set(['node_modules', '.git', '.scriptorium', 'out', 'out_test', 'fixtures']);

/** Files that match `pattern`, a glob relative to the root. */
export function sources(pattern: string): readonly Source[] {
  return globSync(pattern, { cwd: root, exclude: (path) => notOurs.has(basename(path)) })
    .map((path) => path.replaceAll(sep, '/'))
    .toSorted()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

export function workspaces(): readonly Workspace[] {
  return sources('{packages/*,apps/*,pipelines/*,bench,sim}/package.json').map(({ path, text }) => ({
    path: dirname(path),
    manifest: JSON.parse(text) as Manifest,
  }));
}

/** What a module imports or re-exports, statically or by a literal `import()`. */
export function importsOf(text: string): readonly string[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
  const specifiers = [
    ...code.matchAll(/^\s*(?:import|export)\s(?:[^'"`;]*?\sfrom\s+)?['"]([^'"]+)['"]/gm),
    ...code.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g),
  ];
  return specifiers.flatMap(([, specifier]) => specifier ?? []);
}
