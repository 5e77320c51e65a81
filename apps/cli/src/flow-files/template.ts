/** Projects to start from: folders that work as they are, and what may be chosen in them. */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { closest } from '@scriptorium/core';
import type { JsonObject, Schema } from '@scriptorium/core';
import { coerceInput, readDocument, rewriteYaml, toJson, validateInput } from '@scriptorium/flow';
import { CommandError, exitCodes } from '../exit-code.ts';

export interface Template {
  readonly name: string;
  readonly doc: string;
  readonly parameters: { readonly [name: string]: Parameter };
  /** The words after `run` that show it at work. */
  readonly run: readonly string[];
  /** Commands for another terminal, without which the run does not end. */
  readonly meanwhile?: readonly string[];
}

/** A JSON Schema with a default and a description, and the places that hold the value: `batch.flow.yaml#/input/n/default`. */
export type Parameter = JsonObject & { readonly description: string; readonly sets: readonly string[] };

const directory = fileURLToPath(new URL('../../../../templates/', import.meta.url));
const manifest = 'template.yaml';

export function templates(): readonly Template[] {
  return readdirSync(directory)
    .filter((name) => statSync(join(directory, name)).isDirectory())
    .toSorted()
    .map(readTemplate);
}

export function templateNamed(name: string): Template {
  const known = templates();
  const found = known.find((template) => template.name === name);
  if (found !== undefined) return found;
  const names = known.map((template) => template.name);
  const meant = closest(name, names);
  throw new CommandError(
    exitCodes.notFound,
    `there is no template '${name}'${meant === null ? '' : ` — did you mean '${meant}'?`}`,
    `Templates: ${names.join(', ')}. See them with \`scriptorium new --list\`.`,
  );
}

/** The files of a project, by their path in it. */
export function filesOf({ name, parameters }: Template, given: JsonObject): ReadonlyMap<string, Uint8Array> {
  const from = join(directory, name);
  const paths = readdirSync(from, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== manifest)
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(from.length + 1)
        .replaceAll('\\', '/'),
    );
  return new Map(
    paths.map((path) => {
      const values = Object.entries(parameters).flatMap(([parameter, { sets }]) =>
        sets
          .filter((place) => place.startsWith(`${path}#`))
          .map((place): [string, JsonObject[string]] => [place.slice(path.length + 1), given[parameter] ?? null]),
      );
      const bytes = readFileSync(join(from, path));
      return [path, values.length === 0 ? bytes : Buffer.from(rewriteYaml(bytes.toString('utf8'), new Map(values)))];
    }),
  );
}

/** `name=value` words as the parameters, checked, with the defaults of those that are not given. */
export function parametersOf({ name, parameters }: Template, words: readonly string[]): JsonObject {
  const pairs = words.map((word): [string, string] => {
    const [, parameter = '', value = ''] = /^([^=]+)=(.*)$/s.exec(word) ?? [];
    if (parameter === '') throw new CommandError(exitCodes.usage, `'${word}' is not of the form parameter=value`, 'Write --set workers=8.');
    return [parameter, value];
  });
  const properties = Object.fromEntries(Object.entries(parameters).map(([key, { sets: _, ...schema }]) => [key, schema]));
  const input: Schema = { type: 'object', properties, additionalProperties: false };
  const result = validateInput({ input }, coerceInput({ input }, Object.fromEntries(pairs)));
  if ('value' in result) return result.value;
  const said = result.issues.map(({ path, message }) => (path === '' || message.includes(`'${path}'`) ? message : `${path} ${message}`));
  throw new CommandError(
    exitCodes.usage,
    said.join('\n').replaceAll('the input', 'the parameter').replaceAll('no input', 'no parameter').replaceAll('(inputs:', '(parameters:'),
    `See the parameters of ${name} with \`scriptorium new --list\`.`,
  );
}

function readTemplate(name: string): Template {
  const path = join(directory, name, manifest);
  const { root } = readDocument(readFileSync(path, 'utf8'), basename(path));
  if (root === undefined) throw new Error(`${path} is no YAML`);
  return { name, ...(toJson(root) as unknown as Omit<Template, 'name'>) };
}
