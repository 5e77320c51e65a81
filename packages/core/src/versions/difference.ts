/**
 * What differs between two definitions of a flow, step by step, and what that asks of the version.
 *
 * 1. A change of policies only is a patch: runs that are under way may adopt it.
 * 2. Steps, optional inputs and output that are added are minor: what runs have done so far is part of what is new.
 * 3. Everything else is major, and `migrate` must say what becomes of runs that are under way.
 */

import { assignable } from '../expr/assignment.ts';
import { typeOfSchema } from '../expr/schema-type.ts';
import type { Catch, Flow, Migration, Node } from '../ir.ts';
import type { Json, JsonObject, Schema } from '../json.ts';
import { planOf } from '../plan.ts';
import type { Place, Plan } from '../plan.ts';
import { mapPath } from './path-map.ts';
import { compareVersions, leastVersion, satisfies } from './version.ts';
import type { Bump } from './version.ts';

export interface FlowChange {
  /** The step's path; empty for the flow as a whole. */
  readonly path: string;
  /** `added`, `removed`, or the key of the definition that says something else. */
  readonly what: string;
  readonly bump: Bump;
  /** What stood there; absent where nothing did. */
  readonly before?: Json;
  readonly after?: Json;
}

export interface FlowDifference {
  readonly changes: readonly FlowChange[];
  /** What the changes together ask of the version; null where there are none. */
  readonly bump: Bump | null;
  /** The least version that the newer definition may have. */
  readonly least: string;
  /** The newer definition's `migrate` for runs of the older one. */
  readonly migration: Migration | null;
  /** Steps of the older definition of which the newer one, its `migration` included, says nothing. */
  readonly unmapped: readonly string[];
  /** What keeps the newer definition from following the older one. */
  readonly problems: readonly string[];
}

export function compareFlows(older: Flow, newer: Flow): FlowDifference {
  const changes = [...flowChanges(older, newer), ...stepChanges(planOf(older), planOf(newer))];
  const bump = (['major', 'minor', 'patch'] as const).find((one) => changes.some((change) => change.bump === one)) ?? null;
  const least = bump === null ? older.version : leastVersion(older.version, bump);
  const migration = newer.migrate.find(({ from }) => satisfies(older.version, from)) ?? null;
  const unmapped = outermost(planOf(older), (id) => !isKnown(planOf(newer), id, migration?.map ?? {}));
  const problems = [
    ...(older.name === newer.name ? [] : [`${newer.name} is another flow than ${older.name}`]),
    ...(compareVersions(newer.version, least) < 0 ? [`the version must be at least ${least}, not ${newer.version}`] : []),
    ...(bump === 'major' && migration === null ? [`no entry of \`migrate\` has a \`from\` that covers ${older.version}`] : []),
    ...(migration === null ? [] : unmapped.map((id) => `\`migrate\` does not say what becomes of ${id}`)),
  ];
  return { changes, bump, least, migration, unmapped, problems };
}

function isKnown(plan: Plan, id: string, map: Migration['map']): boolean {
  const target = mapPath(map, id);
  return target === null || plan.has(target);
}

/** The steps that `holds` for and that lie in no other such step; bodies of `catch` and `compensate` belong to their step. */
function outermost(plan: Plan, holds: (id: string) => boolean): readonly string[] {
  return [...plan].flatMap(([id, place]) => {
    const around = place.catches ?? place.undoes ?? place.scope;
    return place.catches === null && place.undoes === null && holds(id) && (around === null || !holds(around.node.id)) ? [id] : [];
  });
}

function flowChanges(older: Flow, newer: Flow): readonly FlowChange[] {
  const plain = (['limits', 'budget', 'run', 'doc'] as const).flatMap((key) => changeOf('', key, older[key], newer[key], 'patch'));
  const dialect = changeOf('', 'expr', older.expr, newer.expr, 'major');
  const output = changeOf('', 'output', older.output, newer.output, isWider(older.output, newer.output) ? 'minor' : 'major');
  return [...dialect, ...inputChanges(older.input, newer.input), ...output, ...plain];
}

function inputChanges(older: Schema, newer: Schema): readonly FlowChange[] {
  const [before, after] = [propertiesOf(older), propertiesOf(newer)];
  return [...new Set([...Object.keys(before.properties), ...Object.keys(after.properties)])].flatMap((name) => {
    const [was, is] = [before.properties[name], after.properties[name]];
    if (is === undefined) return changeOf('', `input.${name}`, was, is, 'major');
    const isDemanded = after.required.includes(name) && !before.required.includes(name);
    const isNarrower = was !== undefined && assignable(typeOfSchema(was as Schema), typeOfSchema(is as Schema)) !== null;
    return changeOf('', `input.${name}`, was, is, isDemanded || isNarrower ? 'major' : 'minor');
  });
}

function propertiesOf(schema: Schema): { readonly properties: JsonObject; readonly required: readonly Json[] } {
  const { properties = {}, required = [] } = schema as { readonly properties?: JsonObject; readonly required?: readonly Json[] };
  return { properties, required };
}

function stepChanges(older: Plan, newer: Plan): readonly FlowChange[] {
  const removed = outermost(older, (id) => !newer.has(id)).map((path): FlowChange => ({ path, what: 'removed', bump: 'major' }));
  const added = outermost(newer, (id) => !older.has(id)).map((path): FlowChange => ({ path, what: 'added', bump: 'minor' }));
  const changed = [...newer].flatMap(([id, place]) => {
    const before = older.get(id)?.node;
    return before === undefined || isCompensation(place) ? [] : nodeChanges(before, place.node, older);
  });
  return [...removed, ...added, ...changed];
}

/** How something is undone is a policy of its step, as a whole. */
function isCompensation(place: Place): boolean {
  return place.undoes !== null || (place.scope !== null && isCompensation(place.scope));
}

/** What says how a step is called rather than what it does. */
const policies: ReadonlySet<string> = new Set(['retry', 'timeout', 'limit', 'budget', 'cache', 'compensate']);

/** Those that are compared by themselves, or follow from what is. */
const apart: ReadonlySet<string> = new Set(['id', 'do', 'each', 'catch', 'needs', 'returns']);

function nodeChanges(before: Node, after: Node, older: Plan): readonly FlowChange[] {
  const path = after.id;
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => !apart.has(key));
  const [was, is] = [fieldsOf(before), fieldsOf(after)];
  return [
    ...bodyChanges(before, after),
    ...needsChanges(before, after, older),
    ...eachChanges(before, after),
    ...keys.flatMap((key) => changeOf(path, key, was[key], is[key], policies.has(key) ? 'patch' : 'major')),
    ...changeOf(path, 'returns', before.returns, after.returns, isWider(before.returns, after.returns) ? 'minor' : 'major'),
    ...catchChanges(path, before.catch, after.catch),
  ];
}

function bodyChanges(before: Node, after: Node): readonly FlowChange[] {
  const path = after.id;
  if (before.do.k !== after.do.k) return [{ path, what: 'body', bump: 'major', before: before.do.k, after: after.do.k }];
  const [was, is] = [fieldsOf(before.do), fieldsOf(after.do)];
  const keys = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter((key) => key !== 'steps' && key !== 'states');
  const first = [before.do, after.do].map((body) => (body.k === 'or' ? body.states[0]?.id : undefined));
  return [
    ...changeOf(path, 'states', first[0], first[1], 'major'),
    ...keys.flatMap((key) => {
      const isAddition = key === 'output' && hasMore(was[key], is[key]);
      return changeOf(path, key, was[key], is[key], isAddition ? 'minor' : 'major');
    }),
  ];
}

/** Whether an output is the one before with fields added. */
function hasMore(before: unknown, after: unknown): boolean {
  const [was, is] = [before, after].map((output) => fieldsOf(fieldsOf(output ?? {})['obj'] ?? {}));
  return (
    was !== undefined && is !== undefined && Object.keys(was).length > 0 && Object.keys(was).every((name) => isSame(was[name], is[name]))
  );
}

/** Waiting for a step that is new follows from adding it. */
function needsChanges(before: Node, after: Node, older: Plan): readonly FlowChange[] {
  const scope = after.id.includes('/') ? `${after.id.slice(0, after.id.lastIndexOf('/'))}/` : '';
  const known = after.needs.filter((name) => older.has(`${scope}${name}`)).toSorted();
  return changeOf(after.id, 'needs', before.needs.toSorted(), known, 'major');
}

/** `captures` follow from what the body reads. */
function eachChanges(before: Node, after: Node): readonly FlowChange[] {
  if (before.each === undefined || after.each === undefined)
    return changeOf(after.id, 'each', before.each, after.each, 'major').map(({ path, what, bump }) => ({ path, what, bump }));
  const [was, is] = [fieldsOf(before.each), fieldsOf(after.each)];
  return [...new Set([...Object.keys(was), ...Object.keys(is)])]
    .filter((key) => key !== 'captures')
    .flatMap((key) => changeOf(after.id, `each.${key}`, was[key], is[key], key === 'workers' || key === 'tolerate' ? 'patch' : 'major'));
}

/** Bodies are steps, and compared as such; here it is which there are, and what each takes. */
function catchChanges(path: string, before: readonly Catch[], after: readonly Catch[]): readonly FlowChange[] {
  const entries = Array.from({ length: Math.max(before.length, after.length) }, (_, index) => index);
  return entries.flatMap((index) => {
    const [was, is] = [before[index], after[index]];
    const what = `catch.${index}`;
    if (was === undefined) return [{ path, what, bump: 'minor' } as const];
    if (is === undefined || was.to !== is.to || (was.do === undefined) !== (is.do === undefined))
      return [{ path, what, bump: 'major' } as const];
    const { do: _, ...taken } = was;
    const { do: __, ...taking } = is;
    return changeOf(path, what, taken, taking, 'patch');
  });
}

/** Whether whoever reads values of the schema before can read those of the schema after. */
function isWider(before: Schema, after: Schema): boolean {
  return assignable(typeOfSchema(after), typeOfSchema(opened(before) as Schema)) === null;
}

/** The schema without a word against further properties: whoever reads a value does not mind them. */
function opened(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(opened);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).filter(([key, value]) => key !== 'additionalProperties' || value !== false);
  return Object.fromEntries(entries.map(([key, value]) => [key, key === 'enum' || key === 'const' ? value : opened(value)]));
}

function changeOf(path: string, what: string, before: unknown, after: unknown, bump: Bump): readonly FlowChange[] {
  if (isSame(before, after)) return [];
  const sides = { ...(before === undefined ? {} : { before: before as Json }), ...(after === undefined ? {} : { after: after as Json }) };
  return [{ path, what, bump, ...sides }];
}

function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [fieldsOf(a), fieldsOf(b)];
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].every((key) => isSame(left[key], right[key]));
}

function fieldsOf(value: object): { readonly [key: string]: unknown } {
  return value as { readonly [key: string]: unknown };
}
