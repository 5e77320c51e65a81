/** Finds and reads `scriptorium.config.yaml`. Whatever is wrong in it is told at once, with its place, and nothing is run. */

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { closest } from '@scriptorium/core';
import { formatDiagnostic, readDocument } from '@scriptorium/flow';
import { CommandError, exitCodes } from '../exit-code.ts';
import { readEnvironments, readValues } from './config-reader.ts';
import type { Values } from './setting.ts';

export const configName = 'scriptorium.config.yaml';

export interface ConfigFile {
  /** Absolute. */
  readonly path: string;
  /** As it is shown. */
  readonly shown: string;
  readonly values: Values;
  /** Overlays over it, by name. */
  readonly environments: ReadonlyMap<string, Values>;
}

/** The nearest one, from the directory upwards. */
export function findConfig(directory: string): string | null {
  for (let at = directory; ; at = dirname(at)) {
    const path = join(at, configName);
    if (existsSync(path)) return path;
    if (dirname(at) === at) return null;
  }
}

export function readConfig(path: string, cwd: string): ConfigFile {
  const shown = relative(cwd, path);
  const source = readFileSync(path, 'utf8');
  const nothing: ConfigFile = { path, shown, values: new Map(), environments: new Map() };
  if (/^(\s*(#.*)?(\n|$))*$/.test(source)) return nothing;
  const { root, findings } = readDocument(source, shown);
  const place = { base: dirname(path), findings, placeOf: (offset: number) => placeAt(source, shown, offset) };
  const values = root === undefined ? new Map() : readValues(root, place, true);
  const environments = root === undefined ? new Map() : readEnvironments(root, place);
  const diagnostics = findings.sorted();
  if (diagnostics.length > 0) {
    const texts = diagnostics.map((diagnostic) => formatDiagnostic(diagnostic, source));
    throw new CommandError(
      exitCodes.refused,
      `${texts.join('\n\n')}\n\n${shown} has ${diagnostics.length} ${diagnostics.length === 1 ? 'error' : 'errors'}; nothing was started`,
      'Mend the places above.',
    );
  }
  return { path, shown, values, environments };
}

/** The environment that counts: what the command line names, else SCRIPTORIUM_ENV; null for none. */
export function chosenEnvironment(file: ConfigFile | null, named: string | undefined, variable: string | undefined): string | null {
  const name = named ?? (variable || undefined);
  if (name === undefined) return null;
  const known = [...(file?.environments.keys() ?? [])];
  if (known.includes(name)) return name;
  const where = file === null ? `there is no ${configName} here or above` : `${file.shown} has ${known.join(', ') || 'none'}`;
  const meant = closest(name, known);
  throw new CommandError(
    exitCodes.refused,
    `there is no environment '${name}'${named === undefined ? ', which SCRIPTORIUM_ENV names' : ''}: ${where}${meant === null ? '' : ` — did you mean '${meant}'?`}`,
    `Declare it in ${configName}: environments: { ${name}: { … } }`,
  );
}

function placeAt(source: string, file: string, offset: number): string {
  const before = source.slice(0, offset).split('\n');
  return `${file}:${before.length}:${(before.at(-1) ?? '').length + 1}`;
}
