/**
 * Every setting, from every place that may give it. This is the one precedence: each layer is stronger than the one
 * before it, and nothing else decides between two values.
 *
 * default < file < environment of the file < SCRIPTORIUM_* variables < demands of the flow and of --test < command line
 */

import type { Json, Mode } from '@scriptorium/core';
import { CommandError, exitCodes } from '../exit-code.ts';
import type { ProgressMode } from '../progress/mode.ts';
import { chosenEnvironment, findConfig, readConfig } from './config-file.ts';
import type { ConfigFile } from './config-file.ts';
import { problemOf, settings, settle, variableOf } from './setting.ts';
import type { Placed, Values } from './setting.ts';

export const COMMAND_LINE = 'command line';

export interface Layer {
  readonly name: string;
  readonly values: Values;
}

export interface Configuration {
  readonly file: ConfigFile | null;
  /** The environment whose overlay counts. */
  readonly environment: string | null;
  /** The weakest first; the command line is the last. */
  readonly layers: readonly Layer[];
}

export interface Settings {
  readonly home: string;
  readonly out: string | null;
  readonly mode: Mode;
  readonly profile: string | null;
  readonly progress: ProgressMode;
  readonly limit: number | null;
  /** As the environment variable has it. */
  readonly httpAllow: string | null;
  readonly gcOlderThan: string;
  readonly gcKeep: number | null;
  readonly gcForget: string | null;
  readonly reserve: 'full' | 'none';
  readonly networkHome: 'refuse' | 'allow';
  readonly isolation: 'handler' | 'process';
}

export interface ConfigurationRequest {
  readonly cwd: string;
  readonly env: { readonly [name: string]: string | undefined };
  /** Named on the command line. */
  readonly environment: string | undefined;
  /** Of the command line, by key; undefined for what was not given. */
  readonly flags: { readonly [key: string]: Json | undefined };
}

/** Throws a CommandError that shows everything wrong with the file, or names the variable that is. */
export function configurationOf({ cwd, env, environment, flags }: ConfigurationRequest): Configuration {
  const path = findConfig(cwd);
  const file = path === null ? null : readConfig(path, cwd);
  const chosen = chosenEnvironment(file, environment, env['SCRIPTORIUM_ENV']);
  const overlay = chosen === null ? undefined : file?.environments.get(chosen);
  const layers: Layer[] = [
    { name: 'default', values: placedAll(fallbacks(), () => 'default', cwd) },
    ...(file === null ? [] : [{ name: 'file', values: file.values }]),
    ...(overlay === undefined ? [] : [{ name: `environment ${chosen}`, values: overlay }]),
    { name: 'variables', values: placedAll(readVariables(env), (key) => variableOf(key) ?? key, cwd) },
    { name: COMMAND_LINE, values: placedAll(flags, (key) => settings[key]?.flag ?? key, cwd) },
  ];
  return { file, environment: chosen, layers };
}

/** What a flow and `--test` ask for: stronger than all but the command line. */
export function withDemands(configuration: Configuration, ...demands: readonly Layer[]): Configuration {
  const [others, values] = partOf(configuration, COMMAND_LINE);
  return { ...configuration, layers: [...others, ...demands, { name: COMMAND_LINE, values }] };
}

function partOf({ layers }: Configuration, name: string): readonly [others: readonly Layer[], values: Values] {
  return [layers.filter((layer) => layer.name !== name), layers.find((layer) => layer.name === name)?.values ?? new Map()];
}

/** Nothing but what holds without any configuration. */
export function bare(configuration: Configuration): Configuration {
  return { file: null, environment: null, layers: configuration.layers.slice(0, 1) };
}

/** With more that the command line says. */
export function withCommandLine(configuration: Configuration, values: Values): Configuration {
  const [others, known] = partOf(configuration, COMMAND_LINE);
  return { ...configuration, layers: [...others, { name: COMMAND_LINE, values: new Map([...known, ...values]) }] };
}

export interface Won extends Placed {
  readonly layer: string;
}

/** The value that counts; where something goes by several keys, of all of them. */
export function settled({ layers }: Configuration, ...keys: readonly string[]): Won | undefined {
  const layer = layers.findLast(({ values }) => keys.some((key) => values.has(key)));
  const placed = layer?.values.get(keys.find((key) => layer.values.has(key)) ?? '');
  return layer === undefined || placed === undefined ? undefined : { ...placed, layer: layer.name };
}

export function settingsOf(configuration: Configuration): Settings {
  const valueOf = (key: string): Json => settled(configuration, key)?.value ?? null;
  return {
    home: valueOf('home') as string,
    out: valueOf('out') as string | null,
    mode: valueOf('mode') as Mode,
    profile: valueOf('profile') as string | null,
    progress: valueOf('progress') as ProgressMode,
    limit: valueOf('limit') as number | null,
    httpAllow: valueOf('http_allow') as string | null,
    gcOlderThan: valueOf('gc_older_than') as string,
    gcKeep: valueOf('gc_keep') as number | null,
    gcForget: valueOf('gc_forget') as string | null,
    isolation: valueOf('isolation') as Settings['isolation'],
    reserve: valueOf('reserve') as Settings['reserve'],
    networkHome: valueOf('network_home') as Settings['networkHome'],
  };
}

/** A profile that was asked for must be there, one that is configured or meant by --test need not. */
export function profileOf(configuration: Configuration, isTest = false): { readonly profile?: string; readonly preferred?: string } {
  const won = settled(configuration, 'profile');
  if (won?.layer === COMMAND_LINE) return { profile: won.value as string };
  const preferred = isTest ? 'test' : won?.value;
  return preferred === undefined ? {} : { preferred: preferred as string };
}

/** What counts of a map: of `inputs`, by the names of inputs. */
export function entriesOf(configuration: Configuration, map: string): ReadonlyMap<string, Won> {
  const keys = configuration.layers.flatMap(({ values }) => [...values.keys()]).filter((key) => key.startsWith(`${map}.`));
  return new Map(
    [...new Set(keys)].flatMap((key) => {
      const won = settled(configuration, key);
      return won === undefined ? [] : [[key.slice(map.length + 1), won]];
    }),
  );
}

type Unplaced = { readonly [key: string]: Json | undefined };

function placedAll(values: Unplaced, placeOf: (key: string) => string, base: string): Values {
  return new Map(
    Object.entries(values).flatMap(([key, value]): [string, Placed][] => {
      const shape = settings[key]?.shape;
      return value === undefined || shape === undefined ? [] : [[key, { value: settle(shape, value, base), place: placeOf(key), base }]];
    }),
  );
}

function fallbacks(): Unplaced {
  return Object.fromEntries(Object.entries(settings).map(([key, { fallback }]) => [key, fallback]));
}

/** A variable that is empty is not set. */
function readVariables(env: ConfigurationRequest['env']): Unplaced {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([key, { shape }]) => {
      const name = variableOf(key);
      const text = name === null ? '' : (env[name] ?? '');
      if (name === null || shape.type === 'map' || text === '') return [];
      const value: Json = shape.type === 'count' && /^\d+$/.test(text) ? Number(text) : text;
      const problem = problemOf(shape, value);
      if (problem !== null)
        throw new CommandError(exitCodes.refused, `${name} ${problem}, not '${text}'`, `Correct the environment variable, or remove it.`);
      return [[key, value]];
    }),
  );
}
