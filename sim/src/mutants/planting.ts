/**
 * Plants mistakes while code is loaded. `players.ts?mutant=3` is the player with the third mistake in what it works with.
 *
 * 1. Only files that import the one with the mistake, however far around, are loaded anew; all others are shared between
 *    mistakes, and stay as fast as they have become.
 * 2. What makes scenarios, and reads traces, never has the mistake.
 */

import { readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import { pathOf } from './mutant.ts';
import type { Mutant } from './mutant.ts';

/** What is about the code, or is the code. */
const about = /\/(packages\/(core|engine)\/src|sim\/src\/(invariants\/(?!trace\.)|reducer|world|players))[/.]?/;

const root = new URL('../../../', import.meta.url).href;
const entry = new URL('../players.ts', import.meta.url).href;

export function plantOnLoad(mutants: readonly Mutant[]): void {
  const importers = importersFrom(entry);
  const affected = mutants.map((mutant) => allAround(new URL(pathOf(mutant), root).href, importers));
  const texts = new Map<string, string>();
  registerHooks({
    resolve: (specifier, context, next) => {
      const resolved = next(specifier, context);
      const number = /\?mutant=(\d+)$/.exec(context.parentURL ?? '')?.[1];
      const [file = ''] = resolved.url.split('?');
      return number === undefined || affected[Number(number)]?.has(file) !== true
        ? resolved
        : { ...resolved, url: `${file}?mutant=${number}` };
    },
    load: (url, context, next) => {
      const [file = '', number] = url.split('?mutant=');
      if (number === undefined) return next(url, context);
      const mutant = mutants[Number(number)];
      const isPlanted = mutant !== undefined && file === new URL(pathOf(mutant), root).href;
      const text = isPlanted ? planted(mutant, file) : (texts.get(file) ?? stripTypeScriptTypes(readFileSync(fileURLToPath(file), 'utf8')));
      if (!isPlanted) texts.set(file, text);
      return { format: 'module', source: text, shortCircuit: true };
    },
  });
}

function planted(mutant: Mutant, file: string): string {
  const source = readFileSync(fileURLToPath(file), 'utf8');
  if (source.split(mutant.from).length !== 2) throw new Error(`${mutant.file} does not have once: ${mutant.from}`);
  return stripTypeScriptTypes(source.replace(mutant.from, () => mutant.to));
}

const imported = /^(?:import|export) (?!type\b)[^;]*?from '([^']+)'|\bimport\('([^']+)'\)/gm;

/** Of every file that is about the code, those that import it. */
function importersFrom(from: string): ReadonlyMap<string, ReadonlySet<string>> {
  const importers = new Map<string, Set<string>>();
  const seen = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const [, fixed, dynamic] of readFileSync(fileURLToPath(file), 'utf8').matchAll(imported)) {
      const specifier = fixed ?? dynamic ?? '';
      const to = specifier.startsWith('.') ? new URL(specifier, file).href : import.meta.resolve(specifier);
      if (!about.test(to)) continue;
      importers.set(to, (importers.get(to) ?? new Set()).add(file));
      visit(to);
    }
  };
  visit(from);
  return importers;
}

function allAround(file: string, importers: ReadonlyMap<string, ReadonlySet<string>>): ReadonlySet<string> {
  const around = new Set([file]);
  // A set that grows while it is walked through is walked through to its end.
  for (const one of around) for (const importer of importers.get(one) ?? []) around.add(importer);
  return around;
}
