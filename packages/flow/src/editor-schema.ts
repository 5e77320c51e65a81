/** The draft-07 schema that editors check and complete definitions with; draft 07, because their YAML server reads no later one. */

import type { Json, JsonObject, Schema } from '@scriptorium/core';
import { callSchemas } from './handler-schema.ts';
import type { CallSchemas, DescribedHandler } from './handler-schema.ts';
import {
  breakerKeys,
  budgetKeys,
  catchKeys,
  compensateKeys,
  definitionKeys,
  eachKeys,
  flowKeys,
  limitKeys,
  migrateKeys,
  nextKeys,
  retryKeys,
  runKeys,
  stateCatchKeys,
  stateKeys,
  stepKeys,
  waitKeys,
} from './reading/keys.ts';
import type { KeySet } from './reading/keys.ts';

const text: JsonObject = { type: 'string' };
const expression: JsonObject = { type: 'string', pattern: '^\\s*\\$\\{[\\s\\S]*\\}\\s*$', description: 'One expression: ${ … }' };
const duration: JsonObject = {
  type: 'string',
  pattern: '^(P.+|(\\d+(\\.\\d+)?(ms|s|m|h|d))+)$',
  description: 'A duration: 90s, 1h30m, PT5M',
};
const basePath: JsonObject = {
  type: 'string',
  pattern: '^\\.\\.?/.*\\.flow\\.(ya?ml|json)$',
  description: 'The flow file that this one is a merge patch over',
};
/** What a file must have by itself. */
const whole: readonly JsonObject[] = [
  { required: ['extends'] },
  { required: ['flow', 'version'], oneOf: [{ required: ['steps'] }, { required: ['states'] }] },
];
const words: JsonObject = { anyOf: [text, { type: 'array', items: text }] };
const name: JsonObject = { pattern: '^[a-z][A-Za-z0-9_]*$' };
const schemaOrName: JsonObject = { type: ['string', 'object', 'boolean'], description: 'A name in `schemas`, or a JSON Schema' };

const descriptions: Readonly<Record<string, string>> = {
  uses: 'The handler or flow to call, with an optional version range: book/clean@^1',
  detached: 'Starts the flow and goes on with { run }, without waiting for its end',
  with: 'The input of what is called; text may contain ${ expressions }',
  wait: 'Waits: for a duration, until an instant, or for an event',
  event: 'The name of the signal that is waited for, or of the question',
  match: 'Which signals of the name are meant; `event` is what one carries',
  ask: 'What is asked of whoever answers; makes the wait a question, which no signal answers',
  answer: 'The contract of the answer: a name in `schemas`, or a JSON Schema',
  events: 'Signals that lead out of the state, each with the state to go on with',
  value: 'Pure data; text may contain ${ expressions }',
  steps: 'Steps by name. They run in the order of what they read, and otherwise in parallel',
  states: 'States by name, one at a time: the first is the initial one, and one without `next` ends the scope',
  next: 'The state to go on with: a name, an expression that gives one, or a list of which the first entry whose `if` holds',
  max: 'How often the state may be entered; beyond that it fails with loop.exceeded',
  to: 'The name of a state, or an expression that gives one',
  output: 'What the scope gives; without it, an object of the outputs of its steps, or what the final state gives',
  needs: 'Steps beside this one to wait for without reading them',
  if: 'When it is false the step is skipped and its output is null',
  each: 'Runs the body once for each item; gives { ok, failed }',
  like: 'Starts from an entry of `define`; what stands here is merged over it',
  returns: 'The contract of the result',
  limit: 'A pool of `limits` by name, or one of its own',
  budget: 'What all calls inside may use at most, reserved before each of them',
  cache: 'Takes over what an earlier call of the handler gave: true for the same input, or ${ a key }',
  breaker: 'Lets nothing through for `cooldown` after `failures` failures of the service in a row',
  until: 'Over as soon as this holds; what has not settled is cancelled',
  compensate: 'The call that undoes it, should a scope around it fail after all',
  catch: 'What to do instead when it fails; the first entry that fits replaces the output',
  doc: 'A note for readers',
};

/**
 * What a flow file may look like. It says less than the compiler: names, types and references are not in it. With
 * handlers, `uses` names one of them, and `with` holds its input.
 */
export function flowSchema(handlers: readonly DescribedHandler[] = []): Schema {
  const calls = callSchemas(handlers);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Scriptorium flow',
    ...mapping(flowKeys, {
      flow: { type: 'string', pattern: '^[a-z][a-z0-9-]*(/[a-z][a-z0-9-]*)+$' },
      version: { type: 'string', pattern: '^\\d+\\.\\d+\\.\\d+' },
      doc: text,
      extends: basePath,
      input: named({ type: ['object', 'boolean'] }),
      limits: named({ $ref: '#/definitions/limit' }),
      budget: { $ref: '#/definitions/budget' },
      schemas: { type: 'object' },
      define: named({ $ref: '#/definitions/piece' }),
      profiles: named({ type: 'object', properties: { run: { $ref: '#/definitions/run' } } }),
      migrate: { type: 'array', items: migrationSchema() },
      steps: { $ref: '#/definitions/steps' },
      states: { $ref: '#/definitions/states' },
      until: described('until', expression),
      output: described('output', {}),
    }),
    anyOf: whole,
    definitions: {
      steps: { ...named({ $ref: '#/definitions/step' }), minProperties: 1, description: descriptions['steps'] ?? '' },
      states: { ...named({ $ref: '#/definitions/state' }), minProperties: 1, description: descriptions['states'] ?? '' },
      step: { ...mapping(stepKeys, stepProperties(calls, 'catch')), allOf: calls.whole },
      state: { ...mapping(stateKeys, stepProperties(calls, 'stateCatch')), allOf: calls.whole },
      piece: {
        ...mapping(definitionKeys, stepProperties(calls, 'stateCatch')),
        allOf: calls.partial,
        description: 'A step or a state, or a part of one',
      },
      catch: { ...mapping(catchKeys, catchProperties(calls)), allOf: calls.whole },
      stateCatch: { ...mapping(stateCatchKeys, catchProperties(calls)), allOf: calls.whole },
      compensate: { ...mapping(compensateKeys, bodyProperties(calls)), allOf: calls.whole },
      budget: {
        ...mapping(budgetKeys, {
          usd: { type: 'number', minimum: 0 },
          tokens: { type: 'integer', minimum: 0 },
          calls: { type: 'integer', minimum: 0 },
        }),
        minProperties: 1,
      },
      next: { ...mapping(nextKeys, { if: expression, to: text }), required: ['to'] },
      each: {
        ...mapping(eachKeys, {
          in: {},
          as: { ...text, ...name },
          key: expression,
          workers: { type: ['integer', 'string'] },
          batch: { type: ['integer', 'string'] },
          tolerate: { type: ['integer', 'string'] },
          until: expression,
        }),
        required: ['in'],
      },
      ...policySchemas(),
      ...calls.inputs,
      run: mapping(runKeys, { mode: { enum: ['strict', 'flexible', 'best_effort'] }, limit: { type: 'integer', minimum: 1 } }),
    },
  };
}

function policySchemas(): JsonObject {
  return {
    retry: {
      ...mapping(retryKeys, {
        max: { type: 'integer', minimum: 1 },
        delay: duration,
        factor: { type: 'number', minimum: 1 },
        cap: duration,
        within: duration,
        errors: words,
      }),
      required: ['max'],
    },
    limit: mapping(limitKeys, {
      concurrent: { type: 'integer', minimum: 1 },
      rate: { type: 'string', pattern: '^\\d+(\\.\\d+)?/[smhd]$' },
      tokens: { type: 'string', pattern: '^\\d+/[smhd]$' },
      breaker: { $ref: '#/definitions/breaker' },
    }),
    wait: {
      ...mapping(waitKeys, {
        for: { anyOf: [duration, expression] },
        until: text,
        event: { ...text, ...name },
        match: expression,
        ask: text,
        to: { anyOf: [words, expression] },
        answer: schemaOrName,
      }),
      oneOf: [{ required: ['for'] }, { required: ['until'] }, { required: ['event'] }],
    },
    breaker: {
      ...mapping(breakerKeys, { failures: { type: 'integer', minimum: 1 }, cooldown: duration }),
      required: ['failures', 'cooldown'],
    },
  };
}

function stepProperties(calls: CallSchemas, caught: 'catch' | 'stateCatch'): JsonObject {
  return {
    ...bodyProperties(calls),
    needs: words,
    if: expression,
    each: { anyOf: [expression, { type: 'array' }, { $ref: '#/definitions/each' }] },
    catch: { type: 'array', items: { $ref: `#/definitions/${caught}` } },
    compensate: { $ref: '#/definitions/compensate' },
    next: { anyOf: [text, { type: 'array', items: { $ref: '#/definitions/next' }, minItems: 1 }] },
    max: { type: 'integer', minimum: 1 },
    events: named(text),
  };
}

function catchProperties(calls: CallSchemas): JsonObject {
  return { ...bodyProperties(calls), errors: words, if: expression, to: text };
}

function bodyProperties({ uses }: CallSchemas): JsonObject {
  return {
    doc: text,
    like: text,
    uses,
    with: { type: 'object' },
    detached: { type: 'boolean' },
    value: {},
    wait: { anyOf: [duration, expression, { $ref: '#/definitions/wait' }] },
    steps: { $ref: '#/definitions/steps' },
    states: { $ref: '#/definitions/states' },
    until: expression,
    output: {},
    returns: schemaOrName,
    timeout: duration,
    retry: { anyOf: [{ $ref: '#/definitions/retry' }, { type: 'array', items: { $ref: '#/definitions/retry' } }] },
    limit: { anyOf: [text, { $ref: '#/definitions/limit' }] },
    budget: { $ref: '#/definitions/budget' },
    cache: { type: ['boolean', 'string'] },
  };
}

/** A mapping of exactly the keys that the compiler knows; a key without a schema here would be a mistake of this file. */
function mapping(keys: KeySet, properties: JsonObject): JsonObject {
  return {
    type: 'object',
    properties: Object.fromEntries(keys.known.map((key) => [key, described(key, properties[key] ?? false)])),
    additionalProperties: false,
  };
}

function described(key: string, schema: Json): Json {
  const description = descriptions[key];
  const object = schema as JsonObject;
  return description === undefined || typeof schema !== 'object' || 'description' in object
    ? schema
    : '$ref' in object
      ? { allOf: [object], description }
      : { ...object, description };
}

function named(value: JsonObject): JsonObject {
  return { type: 'object', propertyNames: name, additionalProperties: value };
}

function migrationSchema(): JsonObject {
  return {
    ...mapping(migrateKeys, {
      from: text,
      map: { type: 'object', additionalProperties: { type: ['string', 'null'] } },
      assume: { type: 'object' },
    }),
    required: ['from'],
  };
}
