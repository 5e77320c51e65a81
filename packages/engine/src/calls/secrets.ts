/** Finds the values of secrets, at the moment of a call and for that call alone. */

import { readFileSync } from 'node:fs';
import { HostError, placeOf, planOf, secretsOf } from '@scriptorium/core';
import type { Context, Flow, Json, RunOptions, SecretReference, SecretSource } from '@scriptorium/core';
import { AttemptError, failure } from './failures.ts';
import type { Secret } from './redaction.ts';

/** The secrets of one call. */
export interface SecretUse {
  /** Where its input refers to some. */
  readonly references: readonly SecretReference[];
  /** All names that the run knows: what a handler got hold of elsewhere is kept out of its result, too. */
  readonly names: readonly string[];
  readonly sources: NonNullable<RunOptions['secrets']>;
}

type Env = Context['env'];

/** A shorter value would be found by chance in what is no secret. */
const MIN_LENGTH = 8;
const MAX_LENGTH = 65_536;

export const noSecrets: SecretUse = { references: [], names: [], sources: {} };

const known = new WeakMap<Flow, ReturnType<typeof secretsOf>>();

export function secretUse(flow: Flow, { secrets: sources = {} }: RunOptions, node: string): SecretUse {
  const byNode = referencesOf(flow);
  if (byNode.size === 0 && Object.keys(sources).length === 0) return noSecrets;
  const names = new Set([...Object.keys(sources), ...[...byNode.values()].flat().map(({ name }) => name)]);
  // A compensation runs under an id of its own, for each time that it is made.
  const { id } = placeOf(planOf(flow), node).node;
  return { references: byNode.get(id) ?? [], names: [...names], sources };
}

/** Raises `fatal`, with the step, for a secret that a run would lack. */
export function requireSecrets(flow: Flow, options: RunOptions, env: Env): void {
  const missing = missingSecret(flow, options, env);
  if (missing !== null) throw new HostError('fatal', missing.reason, missing.fix);
}

export function missingSecret(
  flow: Flow,
  { secrets: sources = {} }: RunOptions,
  env: Env,
): { readonly reason: string; readonly fix: string } | null {
  for (const [node, references] of referencesOf(flow)) {
    for (const { name, path } of references) {
      const found = lookUp(name, sources, env);
      if ('value' in found) continue;
      return { reason: `\`${node}\` needs the secret ${name} (with.${path.join('.')}), and ${found.problem}`, fix: found.fix };
    }
  }
  return null;
}

/** Every secret of the run that has a value. Throws an AttemptError where the call refers to one that has none. */
export function openSecrets({ references, names, sources }: SecretUse, env: Env): readonly Secret[] {
  return names.flatMap((name) => {
    const found = lookUp(name, sources, env);
    if ('value' in found) return [{ name, value: found.value }];
    if (references.every((reference) => reference.name !== name)) return [];
    throw new AttemptError(failure('fatal', `the secret ${name} is missing: ${found.problem}`, { fix: found.fix }));
  });
}

/** Every secret that a run knows and that has a value. */
export function knownSecrets(flow: Flow, { secrets: sources = {} }: RunOptions, env: Env): readonly Secret[] {
  const names = new Set([...Object.keys(sources), ...[...referencesOf(flow).values()].flat().map(({ name }) => name)]);
  return openSecrets({ references: [], names: [...names], sources }, env);
}

/** The input with values in the places of references; what was given stays as it is. */
export function fillSecrets(input: Json, references: readonly SecretReference[], secrets: readonly Secret[]): Json {
  const values = new Map(secrets.map(({ name, value }) => [name, value]));
  return references.reduce((filled, { path, name }) => placed(filled, path, values.get(name) ?? ''), input);
}

function placed(into: Json, [key, ...rest]: SecretReference['path'], value: string): Json {
  if (key === undefined) return value;
  if (Array.isArray(into)) return into.map((item: Json, index) => (index === key ? placed(item, rest, value) : item));
  const object = into as { readonly [name: string]: Json };
  return { ...object, [key]: placed(object[key] ?? null, rest, value) };
}

function referencesOf(flow: Flow): ReturnType<typeof secretsOf> {
  const found = known.get(flow) ?? secretsOf(flow);
  known.set(flow, found);
  return found;
}

type Found = { readonly value: string } | { readonly problem: string; readonly fix: string };

/** Without a declared source it is the environment variable of its name. */
function lookUp(name: string, sources: SecretUse['sources'], env: Env): Found {
  const source: SecretSource = Object.hasOwn(sources, name) ? (sources[name] ?? { env: name }) : { env: name };
  const where = 'env' in source ? `the environment variable ${source.env}` : source.file;
  const fix =
    'env' in source
      ? `Set ${source.env} where the engine runs, or say in scriptorium.config.yaml where it is: secrets: { ${name}: { file: … } }.`
      : `Put the value into ${source.file}, or correct secrets.${name} in scriptorium.config.yaml.`;
  const value = 'env' in source ? (env[source.env] ?? '') : contentOf(source.file);
  if (value === null) return { problem: `${where} cannot be read`, fix };
  if (value === '') return { problem: `${where} is ${'env' in source ? 'not set' : 'empty'}`, fix };
  if (value.length < MIN_LENGTH || value.length > MAX_LENGTH)
    return { problem: `${where} has ${value.length} characters: a secret has ${MIN_LENGTH} to ${MAX_LENGTH}`, fix };
  return { value };
}

/** Files often end with a line break that belongs to nobody. */
function contentOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch {
    return null;
  }
}
