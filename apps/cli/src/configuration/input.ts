/** The input of a run, from the words of a command line. */

import { resolve } from 'node:path';
import type { Flow, Json, JsonObject } from '@scriptorium/core';
import { coerceInput, validateInput } from '@scriptorium/flow';
import type { Placed } from './setting.ts';
import { CommandError, exitCodes } from '../exit-code.ts';

/** `values` feed the flow's inputs in the order of their declaration, `sets` (`name=value`) name theirs. */
export function givenInputs(flow: Flow, values: readonly string[], sets: readonly string[]): JsonObject {
  const names = Object.keys(propertiesOf(flow));
  if (values.length > names.length) {
    const takes = names.length === 0 ? 'takes no input' : `takes at most ${names.length} (${names.join(', ')})`;
    throw new CommandError(
      exitCodes.usage,
      `'${values[names.length]}' is one value too many: ${flow.name} ${takes}`,
      'Quote values that contain spaces.',
    );
  }
  const given: Record<string, string> = {};
  values.forEach((value, index) => (given[names[index] ?? ''] = value));
  for (const set of sets) {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(set) ?? [];
    if (name === undefined || value === undefined)
      throw new CommandError(exitCodes.usage, `'${set}' is not of the form name=value`, 'Write --set name=value, once for each input.');
    if (given[name] !== undefined)
      throw new CommandError(exitCodes.usage, `the input '${name}' is given twice`, 'Give it either by its place or with --set.');
    given[name] = value;
  }
  return coerceInput(flow, given);
}

/**
 * The whole input, checked. Inputs whose schema has the format `path` are made absolute, so that the run can go on from
 * anywhere.
 */
export function completeInput(flow: Flow, entries: Iterable<readonly [name: string, Pick<Placed, 'value' | 'base'>]>): JsonObject {
  const properties = propertiesOf(flow);
  const result = validateInput(
    flow,
    Object.fromEntries(
      [...entries].map(([name, { value, base }]) => [
        name,
        isPath(properties[name]) && typeof value === 'string' ? resolve(base, value) : value,
      ]),
    ),
  );
  if ('value' in result) return result.value;
  const texts = result.issues.map(({ path, message }) => (path === '' || message.includes(`'${path}'`) ? message : `${path} ${message}`));
  throw new CommandError(
    exitCodes.usage,
    `the input of ${flow.name} is not complete or not right:\n  ${texts.join('\n  ')}`,
    `Usage: scriptorium run <flow> ${usageOf(flow)} --out <dir> [--set name=value]`,
  );
}

/** The flow's inputs in the order of their declaration. */
export function inputNames(flow: Flow): readonly string[] {
  return Object.keys(propertiesOf(flow));
}

/** What inputs of the format `path` name. */
export function pathsIn(flow: Flow, input: JsonObject): string[] {
  return Object.entries(propertiesOf(flow)).flatMap(([name, schema]) => {
    const value = input[name];
    return isPath(schema) && typeof value === 'string' ? [value] : [];
  });
}

/** Whether the flow has an input of that name. */
export function hasInput(flow: Flow, name: string): boolean {
  return Object.hasOwn(propertiesOf(flow), name);
}

/** The flow's inputs as a usage line has them: `<folder> [catalog] [workers]`. */
export function usageOf(flow: Flow): string {
  const required =
    typeof flow.input === 'object' && Array.isArray(flow.input['required']) ? (flow.input['required'] as readonly string[]) : [];
  return Object.keys(propertiesOf(flow))
    .map((name) => (required.includes(name) ? `<${name}>` : `[${name}]`))
    .join(' ');
}

function propertiesOf(flow: Flow): JsonObject {
  const properties = typeof flow.input === 'object' ? flow.input['properties'] : undefined;
  return typeof properties === 'object' && properties !== null && !Array.isArray(properties) ? (properties as JsonObject) : {};
}

function isPath(schema: Json | undefined): boolean {
  return typeof schema === 'object' && schema !== null && !Array.isArray(schema) && (schema as JsonObject)['format'] === 'path';
}
