/** The typed builder: a flow in TypeScript, as the same plain object that YAML gives. */

import type { Json, JsonObject } from '@scriptorium/core';
import { callerOf, setOrigin } from '../reading/origin.ts';
import { bodyOf } from './body.ts';
import { inputsOf, jsonSchemaOf } from './contract.ts';
import type { Accepted, LibrarySchema } from './contract.ts';
import { plainRecord } from './data.ts';
import type { Definition } from './definition.ts';
import type { BodyOutput, BudgetOptions, PoolOptions } from './options.ts';
import { makeRef } from './ref.ts';
import type { Data, Ref } from './ref.ts';
import type { Scope } from './scope.ts';
import type { StatesBody } from './states-body.ts';

/** A JSON Schema, as TypeScript sees it written in place, or a schema of a library. */
type InputSchema = JsonObject | boolean | LibrarySchema;

export interface FlowOptions<Input, Limits extends string> {
  readonly version: string;
  readonly doc?: string;
  /** A library's schema of an object, or a schema for each input. An input without a default is required. */
  readonly input?: Input;
  readonly limits?: { readonly [pool in Limits]: PoolOptions };
  /** What all calls of a run may use at most. */
  readonly budget?: BudgetOptions;
  readonly schemas?: { readonly [name: string]: InputSchema };
  /** Merge patches over the definition, by name. */
  readonly profiles?: { readonly [name: string]: JsonObject };
  /** How live runs of earlier versions come to this one. */
  readonly migrate?: readonly Migration[];
}

export interface Migration {
  /** The versions that it is for: `^1.0.0`. */
  readonly from: string;
  /** Paths of steps as they were, with their paths now, or null for what is gone. */
  readonly map?: { readonly [path: string]: string | null };
  /** Outputs of steps that were not there, by their paths. */
  readonly assume?: { readonly [path: string]: Json };
}

/** What a caller gives: inputs with a default may be left out. */
type GivenTo<I> =
  I extends LibrarySchema<infer T>
    ? I extends { readonly '~standard': { readonly types?: { readonly input: infer G } | undefined } }
      ? G
      : T
    : { readonly [K in keyof I as I[K] extends WithDefault ? never : K]: Accepted<I[K]> } & {
        readonly [K in keyof I as I[K] extends WithDefault ? K : never]?: Accepted<I[K]>;
      };

type WithDefault = { readonly default: unknown };

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
  const D extends Data | StatesBody | void = void,
>(
  name: string,
  options: FlowOptions<Input, Limits>,
  body: (s: Scope<Limits>, input: Ref<InputOf<Input>>, run: Ref<RunInfo>) => D,
): Definition<GivenTo<Input>, BodyOutput<D>> {
  const { version, doc, input, limits, budget, schemas, profiles, migrate } = options;
  const ref = (text: string): never => makeRef(text, { atomic: true }) as never;
  const definition = plainRecord(
    {
      flow: name,
      version,
      doc,
      input: input === undefined ? undefined : inputsOf(input),
      profiles,
      limits,
      budget,
      migrate,
      schemas: schemas && Object.fromEntries(Object.entries(schemas).map(([key, schema]) => [key, jsonSchemaOf(schema)])),
    },
    'the flow',
  );
  const whole = { ...definition, ...bodyOf('the flow', (s) => body(s, ref('input'), ref('run'))) };
  setOrigin(whole, callerOf(flow));
  return whole;
}
