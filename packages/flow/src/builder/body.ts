/** Runs the bodies that describe scopes, and writes down the steps and states that they add. */

import type { Json, JsonObject } from '@scriptorium/core';
import { callerOf, setOrigin } from '../reading/origin.ts';
import { jsonSchemaOf } from './contract.ts';
import { plain, plainRecord } from './data.ts';
import { callOf, stepOf } from './options.ts';
import type { AnyOptions, Callee } from './options.ts';
import { makeRef } from './ref.ts';
import type { Untyped } from './ref.ts';
import type { Scope } from './scope.ts';
import { makeStates, statesOf } from './states-body.ts';
import type { StatesBody } from './states-body.ts';

type AnyBody = (...parameters: readonly unknown[]) => unknown;

/** Adds a step, as `callee` was called to, and gives the reference to its output. */
type Add = (name: string, step: JsonObject, callee: (...parameters: never) => unknown) => Untyped;

/** What `body` adds to a scope of its own, as the keys of a step: its steps and output, or its data where it has no steps. */
export function bodyOf(where: string, body: (scope: Scope<string>) => unknown): JsonObject {
  const steps = collector(where, 'step');
  const made = new Set<StatesBody>();
  const ends: Json[] = [];
  const until = (condition: unknown): void => {
    ends.push(plain(condition, `the \`until\` of ${where}`));
  };
  const given = body({ ...addersOf(steps.add), until, states: statesMaker(where, made) } as unknown as Scope<string>);
  const result = steps.close(given);
  const states = statesOf(given);
  if (states === undefined && made.size > 0) {
    throw new TypeError(`the body of ${where} makes states and does not return them: write \`return s.states(…)\``);
  }
  if (states !== undefined && steps.added.size > 0) {
    throw new TypeError(`${where} has steps and states: put the states into a scope of their own`);
  }
  if (states !== undefined) {
    return states;
  }
  if (steps.added.size === 0 && result !== undefined) {
    return { value: result };
  }
  const [end, another] = ends;
  if (another !== undefined) {
    throw new TypeError(`${where} has two \`until\`: join the conditions with ||`);
  }
  return {
    steps: Object.fromEntries(steps.added),
    ...(end === undefined ? {} : { until: end }),
    ...(result === undefined ? {} : { output: result }),
  };
}

interface Collector {
  readonly added: ReadonlyMap<string, Json>;
  readonly add: Add;
  /** No more can be added; gives what the body gave as data. */
  readonly close: (given: unknown) => Json | undefined;
}

function collector(where: string, kind: 'step' | 'state'): Collector {
  const added = new Map<string, Json>();
  let open = true;
  const add: Add = (name, step, callee) => {
    if (!open) {
      throw new TypeError(
        `the ${kind} '${name}' comes too late for ${where}: a body adds its ${kind}s before it returns, and is not async`,
      );
    }
    if (added.has(name)) {
      throw new TypeError(`${where} has a ${kind} '${name}' already: give this one another name`);
    }
    setOrigin(step, callerOf(callee));
    added.set(name, step);
    return makeRef(name, { atomic: true });
  };
  const close = (given: unknown): Json | undefined => {
    open = false;
    if (given instanceof Promise) {
      throw new TypeError(`the body of ${where} is async: what it waits for belongs into a step`);
    }
    return given === undefined || statesOf(given) !== undefined ? undefined : plain(given, `what the body of ${where} gives`);
  };
  return { added, add, close };
}

function statesMaker(where: string, made: Set<StatesBody>): AnyBody {
  return function states(names: unknown, build: unknown): StatesBody {
    const wanted = names as readonly string[];
    const states = collector(where, 'state');
    const latest = (name: string): Untyped => makeRef(name, { atomic: true, dot: '?' });
    const more = { latest, prev: makeRef('prev', { atomic: true }), visits: makeRef('visits', { atomic: true }) };
    const output = states.close((build as AnyBody)({ ...addersOf(states.add), ...more }));
    const missing = wanted.filter((name) => !states.added.has(name));
    const stray = [...states.added.keys()].filter((name) => !wanted.includes(name));
    if (missing.length > 0 || stray.length > 0) {
      const [problem, which] =
        missing.length > 0 ? ['names states that it does not add', missing] : ['adds states that it does not name', stray];
      throw new TypeError(`${where} ${problem}: ${which.join(', ')}`);
    }
    const inOrder = wanted.map((name): [string, Json] => [name, states.added.get(name) ?? null]);
    const body = makeStates({ states: Object.fromEntries(inOrder), ...(output === undefined ? {} : { output }) });
    made.add(body);
    return body;
  };
}

/** The calls that add a step or a state. */
function addersOf(add: Add): object {
  function step(name: string, callee: Callee<never, unknown>, options: AnyOptions = {}): Untyped {
    return add(name, written(name, options, callOf(callee, options)), step);
  }
  function start(name: string, callee: Callee<never, unknown>, options: AnyOptions): Untyped {
    return add(name, written(name, options, { ...callOf(callee, options), detached: true }), start);
  }
  function wait(name: string, what: unknown, options: AnyOptions = {}): Untyped {
    return add(name, written(name, options, { wait: waitOf(name, what) }), wait);
  }
  function value(name: string, data: unknown, options: AnyOptions = {}): Untyped {
    return add(name, written(name, options, { value: plain(data, `the value of '${name}'`) }), value);
  }
  function scope(name: string, ...rest: readonly [AnyBody] | readonly [AnyOptions, AnyBody]): Untyped {
    const [options, body] = rest.length === 1 ? [{}, rest[0]] : rest;
    return add(name, written(name, options, bodyOf(`the scope '${name}'`, body)), scope);
  }
  function each(name: string, options: AnyOptions, what: AnyBody | Callee<never, unknown>, input?: AnyBody): Untyped {
    const item = makeRef(options.as ?? 'item', { atomic: true });
    const index = makeRef('index', { atomic: true });
    const body =
      typeof what === 'function'
        ? bodyOf(`the each '${name}'`, (inner) => what(item, inner, index))
        : callOf(what, { ...options, with: (input?.(item, index) ?? {}) as { readonly [name: string]: unknown } });
    return add(name, written(name, options, body, item), each);
  }
  return { step, start, wait, value, scope, each };
}

function written(name: string, options: AnyOptions, body: JsonObject, item?: Untyped): JsonObject {
  return stepOf(options, {
    body,
    ...(item === undefined ? {} : { each: eachOf(options, item) }),
    compensate: compensationOf(name, options),
    catch: catchOf(options, item),
    next: nextOf(name, options),
  });
}

function eachOf({ in: list, as, key, workers, batch, tolerate, until }: AnyOptions, item: Untyped): Json {
  const soFar = { ok: makeRef('ok', { atomic: true }), failed: makeRef('failed', { atomic: true }) };
  const ends = (until as AnyBody | undefined)?.(soFar);
  return plainRecord({ in: list, as, key: key?.(item as never), workers, batch, tolerate, until: ends }, '`each`');
}

function waitOf(name: string, what: unknown): Json {
  if (typeof what !== 'object' || what === null) {
    return plain(what, `the wait of '${name}'`);
  }
  const { match, answer, ...others } = what as { readonly match?: AnyBody; readonly answer?: unknown };
  return plainRecord(
    {
      ...others,
      match: match?.(makeRef('event', { atomic: true })),
      answer: answer === undefined ? undefined : jsonSchemaOf(answer),
    },
    `the wait of '${name}'`,
  );
}

function compensationOf(name: string, { compensate }: AnyOptions): Json | undefined {
  const undo = (callee: Callee<never, unknown>, options: AnyOptions): JsonObject => stepOf(options, { body: callOf(callee, options) });
  return (compensate as AnyBody | undefined)?.(undo, makeRef(name, { atomic: true })) as Json | undefined;
}

function nextOf(name: string, { next }: AnyOptions): Json | undefined {
  const given: unknown = typeof next === 'function' ? (next as AnyBody)(makeRef(name, { atomic: true })) : next;
  return given === undefined ? undefined : plain(given, `the \`next\` of '${name}'`);
}

function catchOf(options: AnyOptions, item?: Untyped): Json | undefined {
  const entries = options.catch as ((caught: object, error: Untyped, item?: Untyped) => readonly JsonObject[]) | undefined;
  return entries?.(caught, makeRef('error', { atomic: true }), item);
}

const caught = {
  value: (data: unknown, filter: AnyOptions = {}): JsonObject => entryOf({ value: plain(data, 'the value of a catch') }, filter),
  step: (callee: Callee<never, unknown>, options: AnyOptions): JsonObject => entryOf(callOf(callee, options), options),
  scope: (options: AnyOptions, body: AnyBody): JsonObject => entryOf(bodyOf('the catch', body), options),
  to: (to: string, filter: AnyOptions = {}): JsonObject => entryOf({ to }, filter),
};

/** `errors` first, as they are read. */
function entryOf(body: JsonObject, options: AnyOptions): JsonObject {
  return { ...plainRecord({ errors: options.errors }, '`catch`'), ...stepOf(options, { body }) };
}
