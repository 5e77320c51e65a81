/** `config explain` and `config diff`: which value of a setting counts, and why. */

import { isDeepStrictEqual } from 'node:util';
import { closest } from '@scriptorium/core';
import type { Json } from '@scriptorium/core';
import { configName } from '../configuration/config-file.ts';
import { configurationOf, settled } from '../configuration/configuration.ts';
import type { Configuration } from '../configuration/configuration.ts';
import { settings } from '../configuration/setting.ts';
import { putResult } from '../context.ts';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { table } from '../terminal.ts';

interface ExplainedSetting {
  readonly key: string;
  readonly value: Json;
  /** Null where nothing gives it. */
  readonly layer: string | null;
  readonly place: string | null;
  /** The weakest first. */
  readonly layers: readonly { readonly layer: string; readonly value: Json; readonly place: string; readonly won: boolean }[];
}

export function explainConfig(context: Context, key: string | undefined): ExitCode {
  const { configuration } = context;
  const keys = key === undefined ? keysOf(configuration) : keysNamed(configuration, key);
  const explained = keys.map((each) => explainSetting(configuration, each));
  const { file, environment } = configuration;
  putResult(context, { version: 1, file: file?.path ?? null, environment, settings: explained }, () =>
    key === undefined ? `${headText(configuration)}\n${allText(explained)}` : explained.map(oneText).join('\n'),
  );
  return exitCodes.ok;
}

export function diffConfig(context: Context, one: string, other: string): ExitCode {
  // What this terminal happens to have in its variables is the same for both.
  const inEnvironment = (environment: string): Configuration => configurationOf({ cwd: context.cwd, env: {}, environment, flags: {} });
  const [first, second] = [inEnvironment(one), inEnvironment(other)];
  const differences = [...new Set([...keysOf(first), ...keysOf(second)])]
    .map((key) => ({ key, values: [sideOf(first, key), sideOf(second, key)] as const }))
    .filter(({ values: [left, right] }) => !isDeepStrictEqual(left?.value, right?.value));
  const result = { version: 1, file: first.file?.path ?? null, environments: [one, other], same: differences.length === 0, differences };
  putResult(context, result, () =>
    differences.length === 0
      ? `${one} and ${other} are the same.\n`
      : table([['setting', one, other], ...differences.map(({ key, values }) => [key, ...values.map(sideText)])]),
  );
  return exitCodes.ok;
}

type Side = { readonly value: Json; readonly place: string } | null;

function sideOf(configuration: Configuration, key: string): Side {
  const won = settled(configuration, key);
  return won === undefined ? null : { value: won.value, place: won.place };
}

function sideText(side: Side): string {
  return side !== null ? `${textOf(side.value)} (${side.place})` : '–';
}

/** All settings, in the order in which they are declared; of maps, the entries that something gives. */
function keysOf({ layers }: Configuration): readonly string[] {
  const given = [...new Set(layers.flatMap(({ values }) => [...values.keys()]))];
  return Object.entries(settings).flatMap(([key, { shape }]) =>
    shape.type === 'map' ? given.filter((each) => each.startsWith(`${key}.`)).toSorted() : [key],
  );
}

function keysNamed(configuration: Configuration, key: string): readonly string[] {
  const known = keysOf(configuration);
  const named = known.filter((each) => each === key || each.startsWith(`${key}.`));
  if (named.length > 0 || Object.hasOwn(settings, key)) return named;
  const meant = closest(key, [...known, ...Object.keys(settings)]);
  throw new CommandError(
    exitCodes.notFound,
    `there is no setting '${key}'${meant === null ? '' : ` — did you mean '${meant}'?`}`,
    `Settings: ${Object.keys(settings).join(', ')}.`,
  );
}

function explainSetting(configuration: Configuration, key: string): ExplainedSetting {
  const won = settled(configuration, key);
  const layers = configuration.layers.flatMap(({ name, values }) => {
    const placed = values.get(key);
    return placed === undefined ? [] : [{ layer: name, value: placed.value, place: placed.place, won: name === won?.layer }];
  });
  return { key, value: won?.value ?? null, layer: won?.layer ?? null, place: won?.place ?? null, layers };
}

function headText({ file, environment }: Configuration): string {
  const where = file === null ? `no ${configName} here or above` : file.shown;
  return `${where}, ${environment === null ? 'no environment' : `environment ${environment}`}\n`;
}

function allText(explained: readonly ExplainedSetting[]): string {
  const rows = explained.map(({ key, value, layer, place }) => [key, layer === null ? '–' : textOf(value), layer ?? '', place ?? '']);
  return table([['setting', 'value', 'from', 'place'], ...rows]);
}

function oneText({ key, value, layer, layers }: ExplainedSetting): string {
  const { doc } = settings[key.split('.')[0] ?? key] ?? { doc: '' };
  const rows = layers.map(({ layer: name, value: given, place, won }) => [won ? '→' : ' ', name, textOf(given), place]);
  return `${key} = ${layer === null ? 'nothing gives it' : textOf(value)}   (${doc})\n${rows.length === 0 ? '' : table(rows, '  ')}`;
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
