/** What an expression of a step sees: the names of LANGUAGE's scoping rule, read from the state of one actor. */

import { Collection } from './expr/value.ts';
import type { Value } from './expr/value.ts';
import type { Values } from './commands.ts';
import type { ItemRow, ResultRow } from './events.ts';
import type { Carried } from './carried.ts';
import type { Json } from './json.ts';
import type { ActorState, ItemState, Machine, StepState } from './state.ts';
import { placeOf } from './plan.ts';
import type { Place, Plan } from './plan.ts';
import { outputsOf } from './scopes/visiting.ts';

export type Names = (name: string) => Value | undefined;

/** The names visible to `place` in one item of an actor. */
export function namesOf(plan: Plan, state: ActorState, item: number, place: Place, values: Values): Names {
  const steps = state.open.get(item)?.steps;
  return (name) => {
    for (let at: Place | null = place; at !== null; at = at.scope) {
      if (name === 'error' && at.catches !== null) return errorOf(steps?.get(at.catches.node.id));
      if (isBorder(state, at)) break;
      if (at.scope?.node.do.k === 'or' && (name === 'prev' || name === 'visits')) return visitOf(steps, at.scope, name, values);
      const found = at.scope === null ? undefined : childOutput(steps, at.scope, name, values);
      if (found !== undefined) return found.value;
    }
    return outerName(plan, state, item, name, values);
  };
}

/** What the name of a step or state of the scope stands for; undefined where it has none of that name. */
export function childOutput(
  steps: ItemState['steps'] | undefined,
  scope: Place,
  name: string,
  values: Values,
): { readonly value: Value | undefined } | undefined {
  const child = scope.steps.get(name);
  if (child === undefined) return undefined;
  if (scope.node.do.k !== 'or') return { value: outputOf(steps?.get(child.node.id), values) };
  const latest = outputsOf(steps, scope.node.id, machineOf(steps, scope)).get(name);
  return { value: latest === undefined ? null : readCarried(latest.output, values) };
}

function visitOf(steps: ItemState['steps'] | undefined, scope: Place, name: 'prev' | 'visits', values: Values): Value {
  const machine = machineOf(steps, scope);
  if (name === 'visits') return machine?.visits.get(machine.current) ?? 0;
  return machine === null || machine.prev === null ? null : readCarried(machine.prev, values);
}

function machineOf(steps: ItemState['steps'] | undefined, scope: Place): Machine | null {
  const step = steps?.get(scope.node.id);
  return step?.type === 'entered' ? step.machine : null;
}

/** The step whose items a chunk works on is the border: what lies outside came with the chunk's `env`. */
function isBorder(state: ActorState, place: Place): boolean {
  const { kind } = state;
  return kind.type === 'chunk' && [place, place.catches, place.undoes].some((at) => at?.node.id === kind.node);
}

function outerName(plan: Plan, state: ActorState, item: number, name: string, values: Values): Value | undefined {
  const { kind } = state;
  if (kind.type === 'root') {
    if (name === 'input') return kind.input;
    return name === 'run' ? runValue(state.run, kind) : undefined;
  }
  const as = placeOf(plan, kind.node).node.each?.as;
  if (name === as) return itemRow(state, item, values).value;
  if (name === 'index') return kind.offset + item;
  const carried = kind.env[name];
  return carried === undefined ? undefined : readCarried(carried, values);
}

/** A run's id is its batch too. */
function runValue(run: string, kind: Extract<ActorState['kind'], { type: 'root' }>): Json {
  const { mode, test, dryRun } = kind.options;
  return { id: run, batch: run, mode, test, dryRun };
}

/** The row of an item in a chunk's page. */
export function itemRow(state: ActorState, item: number, values: Values): ItemRow {
  if (state.kind.type !== 'chunk') throw new Error(`actor ${state.id} has no items`);
  const row = (values.read(state.kind.page) as readonly ItemRow[])[item];
  if (row === undefined) throw new Error(`the page of ${state.id} has no item ${item}`);
  return row;
}

/** The output of a settled step; null when it was skipped, undefined while there is none. */
export function outputOf(step: StepState | undefined, values: Values): Value | undefined {
  if (step === undefined) return undefined;
  if (step.type === 'skipped') return null;
  return step.type === 'succeeded' ? readCarried(step.output, values) : undefined;
}

function errorOf(step: StepState | undefined): Value | undefined {
  if (step?.type !== 'caught' && step?.type !== 'erred') return undefined;
  const { code, message, details } = step.error;
  return details === undefined ? { code, message } : { code, message, details };
}

/** As it is written: collections stay the markers that they are stored as. */
export function jsonOf(carried: Carried, values: Values): Json {
  return 'v' in carried ? carried.v : (values.read(carried.ref) as Json);
}

export function readCarried(carried: Carried, values: Values): Value {
  const json = jsonOf(carried, values);
  return carried.collections === true ? revive(json, values) : json;
}

/** Writes a value as an event holds it; collections become `{ $collection }` markers. */
export function carry(value: Value): Carried {
  return isPlain(value) ? { v: value } : { v: strip(value), collections: true };
}

function isPlain(value: Value): value is Json {
  if (typeof value !== 'object' || value === null) return true;
  if (value instanceof Collection) return false;
  return Array.isArray(value) ? value.every(isPlain) : Object.values(value).every(isPlain);
}

function strip(value: Value): Json {
  if (value instanceof Collection) return { $collection: { side: value.side, size: value.size, pages: [...value.pages] } };
  if (Array.isArray(value)) return value.map(strip);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, element]) => [key, strip(element)]));
}

function revive(json: Json, values: Values): Value {
  if (Array.isArray(json)) return json.map((element: Json) => revive(element, values));
  if (typeof json !== 'object' || json === null) return json;
  const marker = (json as { readonly $collection?: Json }).$collection;
  if (marker !== undefined) {
    const { side, size, pages } = marker as unknown as { side: 'ok' | 'failed'; size: number; pages: readonly string[] };
    return new Collection(side, size, pages, (collection) => loadCollection(collection, values));
  }
  return Object.fromEntries(Object.entries(json).map(([key, element]) => [key, revive(element, values)]));
}

function* loadCollection(collection: Collection, values: Values): Generator<Json> {
  let index = 0;
  for (const page of collection.pages) {
    for (const row of values.read(page) as readonly ResultRow[]) {
      const element = collectionElement(collection.side, row, index, values);
      if (element !== undefined) yield element;
      index += 1;
    }
  }
}

/** What one result row contributes to a side of an `each`'s output; undefined when it is on the other side. */
export function collectionElement(side: 'ok' | 'failed', row: ResultRow, index: number, values: Values): Json | undefined {
  if (side === 'ok') {
    if (row.status !== 'succeeded' || row.output === undefined) return undefined;
    return 'v' in row.output ? row.output.v : (values.read(row.output.ref) as Json);
  }
  if (row.status !== 'failed' || row.error === undefined) return undefined;
  const { code, message } = row.error;
  return { key: row.key, index, error: { code, message } };
}
