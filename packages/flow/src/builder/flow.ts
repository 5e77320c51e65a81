/** The typed builder: a flow in TypeScript, as the same plain object that YAML gives. */

import type { JsonObject } from '@scriptorium/core';
import { callerOf, setOrigin } from '../origin.ts';
import { bodyOf } from './body.ts';
import { inputsOf, jsonSchemaOf } from './contract.ts';
import type { Accepted, LibrarySchema } from './contract.ts';
import { plainRecord } from './data.ts';
import type { PoolOptions } from './options.ts';
import { makeRef } from './ref.ts';
import type { Data, Ref } from './ref.ts';
import type { Scope } from './scope.ts';
import type { StatesBody } from './states.ts';

/** A definition as a plain object: what its YAML says, and what `compileFlow` and `printFlow` take. */
export type Definition = JsonObject;

/** A JSON Schema, as TypeScript sees it written in place, or a schema of a library. */
type InputSchema = JsonObject | boolean | LibrarySchema;

export interface FlowOptions<Input, Limits extends string> {
  readonly version: string;
  readonly doc?: string;
  /** A library's schema of an object, or a schema for each input. An input without a default is required. */
  readonly input?: Input;
  readonly limits?: { readonly [pool in Limits]: PoolOptions };
  readonly schemas?: { readonly [name: string]: InputSchema };
  /** Merge patches over the definition, by name. */
  readonly profiles?: { readonly [name: string]: JsonObject };
}

type InputOf<I> = I extends LibrarySchema<infer T> ? T : { readonly [K in keyof I]: Accepted<I[K]> };

/** What every run tells of itself. */
export interface RunInfo {
  readonly id: string;
  readonly batch: string;
  readonly mode: 'strict' | 'flexible' | 'best_effort';
  readonly test: boolean;
  readonly dryRun: boolean;
}

/**
 * Builds a definition. `body` adds its steps to `s` and gives the flow's output; it runs once, now, and what it gets
 * are references. Throws a TypeError for what no definition could say; everything else `compileFlow` tells, at the
 * place of the call.
 */
export function flow<
  const Input extends LibrarySchema | { readonly [name: string]: InputSchema } = Record<string, never>,
  Limits extends string = never,
>(
  name: string,
  options: FlowOptions<Input, Limits>,
  body: (s: Scope<Limits>, input: Ref<InputOf<Input>>, run: Ref<RunInfo>) => Data | StatesBody | void,
): Definition {
  const { version, doc, input, limits, schemas, profiles } = options;
  const ref = (text: string): never => makeRef(text, { atomic: true }) as never;
  const definition = plainRecord(
    {
      flow: name,
      version,
      doc,
      input: input === undefined ? undefined : inputsOf(input),
      profiles,
      limits,
      schemas: schemas && Object.fromEntries(Object.entries(schemas).map(([key, schema]) => [key, jsonSchemaOf(schema)])),
    },
    'the flow',
  );
  const whole = { ...definition, ...bodyOf('the flow', (s) => body(s, ref('input'), ref('run'))) };
  setOrigin(whole, callerOf(flow));
  return whole;
}
