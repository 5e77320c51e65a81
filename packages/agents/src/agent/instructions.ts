/**
 * Instructions: text with the values of parameters in it, as `{{name}}`. A value is put in once and never read again,
 * so what it says cannot ask for another; lists and objects are put in as JSON.
 */

import { StepError } from '@scriptorium/core';
import type { Json, JsonObject } from '@scriptorium/core';

const PARAMETER = /\{\{\s*([a-z][A-Za-z0-9_]*)\s*\}\}/g;

export function parametersOf(text: string): readonly string[] {
  return [...new Set([...text.matchAll(PARAMETER)].map(([, name = '']) => name))];
}

/** Raises `contract.input` for a parameter without a value. */
export function fillInstructions(text: string, values: JsonObject): string {
  return text.replaceAll(PARAMETER, (_all, name: string) => {
    const value = values[name];
    if (value === undefined)
      throw new StepError('contract.input', `the instructions name {{${name}}}, which the step does not give`, {
        fix: `Give \`${name}\` in the step's \`with\`, or take it out of the instructions.`,
      });
    return shown(value);
  });
}

export function shown(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 1);
}
