/** JSON Schema at run time, behind one function. */

import type { Json, JsonObject, Schema } from '@scriptorium/core';
import Compiled from 'typebox/schema';
import { Settings } from 'typebox/system';
import { withRe2Patterns } from './checking/pattern.ts';
import { quickCheck } from './quick-check.ts';

export interface ContractIssue {
  /** JSON pointer into the value; empty for the value itself. */
  readonly path: string;
  readonly message: string;
}

export type Contract = (value: unknown) => readonly ContractIssue[];

export interface Contracts {
  /** The same schema object is compiled once. Throws a SyntaxError for a `pattern` that RE2 does not know. */
  readonly compile: (schema: Schema) => Contract;
}

const fine: readonly ContractIssue[] = [];

/**
 * Contracts are interpreted, never turned into code: definitions come from users. The keyword `collection` accepts
 * anything, because collections are checked element by element where they arise.
 */
export function createContracts(): Contracts {
  const known = new WeakMap<object, Contract>();
  const [everything, nothing] = [compile(true), compile(false)];
  return {
    compile(schema) {
      if (typeof schema === 'boolean') {
        return schema ? everything : nothing;
      }
      const contract = known.get(schema) ?? compile(schema);
      known.set(schema, contract);
      return contract;
    },
  };
}

function compile(schema: Schema): Contract {
  const certainlyFits = quickCheck(schema);
  const check = fullCheck(schema);
  return (value) => (certainlyFits(value) ? fine : check(value));
}

/** The schema as typebox reads it, with no short way. */
export function fullCheck(schema: Schema): Contract {
  Settings.Set({ useAcceleration: false });
  const validator = Compiled.Compile(withRe2Patterns(schema) as JsonObject);
  return (value) => {
    if (validator.Check(value)) {
      return fine;
    }
    const [, errors] = validator.Errors(value);
    return told(errors as readonly SchemaError[]);
  };
}

interface SchemaError {
  readonly keyword: string;
  readonly schemaPath: string;
  readonly instancePath: string;
  readonly params: JsonObject;
  readonly message: string;
}

/** One issue per place and cause, in words that say what was expected. */
function told(errors: readonly SchemaError[]): readonly ContractIssue[] {
  const issues = errors
    .filter((error) => !isEcho(error, errors))
    .map((error): ContractIssue => ({ path: error.instancePath, message: messageOf(error) }));
  const seen = new Set<string>();
  return issues.filter(({ path, message }) => {
    const key = `${path} ${message}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** An error that only repeats, one level up or down, what another one says. */
function isEcho(error: SchemaError, errors: readonly SchemaError[]): boolean {
  const { keyword, schemaPath, instancePath } = error;
  if (keyword === 'boolean' && schemaPath.endsWith('/additionalProperties')) {
    return true;
  }
  if (keyword === 'additionalProperties') {
    return errors.some((other) => other.keyword !== 'boolean' && other.schemaPath.startsWith(`${schemaPath}/additionalProperties`));
  }
  return errors.some((other) => {
    const branches = other.keyword === 'anyOf' || other.keyword === 'oneOf';
    return branches && schemaPath.startsWith(`${other.schemaPath}/${other.keyword}/`) && instancePath === other.instancePath;
  });
}

function messageOf({ keyword, params, message }: SchemaError): string {
  const list = (key: string): readonly Json[] => (Array.isArray(params[key]) ? params[key] : []);
  switch (keyword) {
    case 'enum':
      return `must be one of ${list('allowedValues')
        .map((value) => JSON.stringify(value))
        .join(', ')}`;
    case 'const':
      return `must be ${JSON.stringify(params.allowedValue)}`;
    case 'required':
      return `must have ${list('requiredProperties').join(', ')}`;
    case 'additionalProperties':
      return `must not have ${list('additionalProperties').join(', ')}`;
    case '~refine':
      return String(params.message);
    case 'boolean':
      return 'must not be given';
    default:
      return message;
  }
}
