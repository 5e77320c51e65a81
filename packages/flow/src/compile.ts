/**
 * The compiler: source → pieces → shape → checked IR. All stages go on after a mistake and tell of all that they find;
 * what a mistake makes unknown has the type `any`, so that nothing follows from it.
 */

import { checkExpr, isVersion, schemaOfType, typeOfSchema } from '@scriptorium/core';
import type { CalledFlows, Flow, Json, JsonObject, Limit, Node, Schema, Type } from '@scriptorium/core';
import { checkFlowBudget } from './checking/budget-checker.ts';
import type { Callable } from './checking/callable.ts';
import type { LentCall } from './checking/library.ts';
import type { Checking } from './checking/checking.ts';
import { unknownDeeds } from './checking/callable.ts';
import { deedsOf } from './checking/deeds.ts';
import type { Deeds } from './checking/callable.ts';
import { createContracts } from './contracts.ts';
import { readWhole } from './reading/definition.ts';
import { Findings } from './diagnostic.ts';
import type { Diagnostic } from './diagnostic.ts';
import { hashFlow } from './digest.ts';
import type { DefinitionFile, ReadDefinition } from './reading/extends.ts';
import { checkRoot, readFlow } from './reading/flow-reader.ts';
import { rebuildSchema } from './reading/keyword.ts';
import { checkMigrations } from './checking/migrate-checker.ts';
import { calledFrom, createLibrary } from './checking/library.ts';
import type { Candidate, FlowFile, Library } from './checking/library.ts';
import { acceptedAt, acceptedIn } from './checking/mail.ts';
import type { Lines } from './reading/lines.ts';
import { isName } from './reading/name.ts';
import { entryOf, pieceAt, toJson } from './reading/piece.ts';
import type { MapPiece } from './reading/piece.ts';
import { positionsOf } from './positions.ts';
import type { Positions } from './positions.ts';
import { applyProfile, chooseProfile, profilesOf } from './reading/profile.ts';
import { readsFinder } from './checking/reads.ts';
import { unguardedCalls } from './checking/unguarded.ts';
import { checkRecursion } from './checking/recursion.ts';
import type { UnguardedCall } from './checking/unguarded.ts';
import { SchemaReader } from './reading/schema-reader.ts';
import { childrenOf } from './reading/shape.ts';
import type { FlowShape, ScopeShape, StepShape } from './reading/shape.ts';
import { signalsIn } from './checking/signals.ts';
import { checkScopeBody } from './checking/step-checker.ts';

export interface CompileOptions {
  /** For messages. */
  readonly file: string;
  readonly callables: ReadonlyMap<string, Callable>;
  /** The entry of `profiles` to merge in; flows that are called take theirs of that name, if they have one. */
  readonly profile?: string;
  /** Gives the files that `extends` names; without it there are none. */
  readonly read?: ReadDefinition;
  /** The definitions that steps may call as flows; each is compiled when it is. */
  readonly flows?: readonly FlowFile[];
}

export interface Compiled {
  /** Null when there is an error. */
  readonly flow: Flow | null;
  /** Errors and warnings, by position. */
  readonly diagnostics: readonly Diagnostic[];
  readonly positions: Positions;
  /** The files that the definition extends, the nearest first. */
  readonly bases: readonly DefinitionFile[];
  /** The flows that it calls, and those that they call. */
  readonly called: CalledFlows;
  /** Their files. */
  readonly calledFiles: readonly string[];
}

/**
 * `source` is text, YAML 1.2 or JSON, or the definition itself as a plain value, such as the builder makes. Never
 * throws for what stands in it. Places in a plain value are those of the builder's calls, else those in
 * `JSON.stringify(source, null, 2)`.
 */
export function compileFlow(source: string | JsonObject, options: CompileOptions): Compiled {
  const library: Library = createLibrary(
    options.flows ?? [],
    (file) => headOf(file, options.read),
    (file) => acceptedAt(file, options.read),
    (file) => {
      const { profile, ...shared } = options;
      compileDefinition(file.source, { ...shared, ...file, ...(profile === undefined ? {} : { preferred: profile }) }, library);
    },
  );
  const compiled = compileDefinition(source, options, library);
  const { flows, files } = calledFrom(options.file, library);
  return { ...compiled, called: compiled.flow === null ? {} : flows, calledFiles: files };
}

type OneOptions = CompileOptions & {
  /** A profile that is taken if there is one of that name. */
  readonly preferred?: string;
};

/** One definition, which the library knows from here on. */
function compileDefinition(source: string | JsonObject, options: OneOptions, library: Library): Omit<Compiled, 'called' | 'calledFiles'> {
  const { file, callables, read } = options;
  const { sources, findings, bases, root: whole } = readWhole(source, file, read);
  const finish = (compiled: CompiledRoot | null): Omit<Compiled, 'called' | 'calledFiles'> => {
    const flow = findings.errors > 0 ? null : (compiled?.flow ?? null);
    const diagnostics = findings.sorted();
    const { calls = new Map(), unguarded = [], lent = [], deeds = unknownDeeds } = compiled ?? {};
    library.end(file, { flow, problem: problemOf(diagnostics), calls, unguarded, lent, deeds });
    return { flow, diagnostics, positions: compiled?.positions ?? {}, bases };
  };
  if (whole === undefined) {
    return finish(null);
  }
  const root = checkRoot(whole, findings);
  const profiles = profilesOf(root, findings);
  const preferred = options.preferred === undefined ? undefined : profiles.get(options.preferred);
  const chosen = preferred ?? chooseProfile(options.profile, profiles, root, findings);
  const base: MapPiece = { ...root, entries: new Map([...root.entries].filter(([key]) => key !== 'profiles' && key !== 'run')) };
  const fileAt = (offset: number): string => sources.at(offset).file ?? file;
  const shared = { file, callables, library, contracts: createContracts(), read: read ?? (() => null), fileAt };
  const compiled = compileRoot(applyProfile(base, chosen), findings, sources, shared);
  for (const [name, patch] of profiles) {
    if (patch !== chosen) {
      const others = new Findings(file, sources);
      compileRoot(applyProfile(base, patch), others, sources, shared);
      findings.addNew(others, ` (in the profile '${name}')`);
    }
  }
  checkRecursion({ ...compiled.flow, file }, compiled, library, findings);
  return finish(compiled);
}

function problemOf(diagnostics: readonly Diagnostic[]): string | null {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  const more = errors.length > 1 ? `, and ${errors.length - 1} more` : '';
  return first === undefined ? null : `${first.file}:${first.line}:${first.col}: ${first.message}${more}`;
}

/** Name and version as they are written; null where they cannot be read. */
function headOf({ file, source }: FlowFile, read: ReadDefinition | undefined): Candidate | null {
  const { root } = readWhole(source, file, read);
  const textOf = (key: string): string => {
    const value = entryOf(root, key)?.value;
    return value?.type === 'scalar' && typeof value.value === 'string' ? value.value : '';
  };
  const [name, version, doc] = [textOf('flow'), textOf('version'), textOf('doc')];
  return isVersion(version) ? { name, version, ...(doc === '' ? {} : { doc }), file } : null;
}

interface CompiledRoot {
  readonly flow: Flow;
  readonly positions: Positions;
  readonly calls: ReadonlyMap<string, string>;
  readonly unguarded: readonly UnguardedCall[];
  readonly lent: readonly LentCall[];
  readonly deeds: Deeds;
}

function compileRoot(
  root: MapPiece,
  findings: Findings,
  lines: Lines,
  shared: Pick<Checking, 'file' | 'callables' | 'library' | 'contracts' | 'read' | 'fileAt'>,
): CompiledRoot {
  const { file, contracts, library } = shared;
  const shape = readFlow(root, findings);
  const schemas = new SchemaReader(shape.schemas, contracts, findings);
  const scopesOf = scopesByName(shape.body);
  const checking: Checking = {
    ...shared,
    flow: shape.name,
    findings,
    calls: new Map(),
    lent: new Map(),
    schemas,
    reads: readsFinder((text) => checkExpr(text, {}).reads),
    checkedStates: new Map(),
    declared: new Set(shape.limits.map(({ name }) => name)),
    pools: new Map(shape.limits.map(({ name, value }): [string, Limit] => [name, value])),
    scopesOf,
    signals: signalsIn(shape.body),
    accepted: acceptedIn(shape.body),
    misnamed: [...scopesOf.keys(), ...shape.inputs.map(({ name }) => name)].filter((name) => !isName(name)),
  };
  schemas.checkNamed();
  const input = inputSchema(shape, checking);
  library.begin({ name: shape.name, version: shape.version, ...(shape.doc === undefined ? {} : { doc: shape.doc }), file }, input);
  const names: Record<string, Type> = Object.assign(Object.create(null) as Record<string, Type>, {
    input: typeOfSchema(withDefaults(input)),
    run: runType,
  });
  const budget = checkFlowBudget(shape, checking);
  const scope = checkScopeBody(shape.body, { path: '', names, around: null, budget }, checking);
  const node: Node = { id: '', needs: [], do: scope.body, retry: [], catch: [], returns: true };
  const flow: Omit<Flow, 'hash'> = {
    ir: 1,
    expr: 1,
    name: shape.name,
    version: shape.version,
    ...(shape.doc === undefined ? {} : { doc: shape.doc }),
    input,
    output: withSortedRequired(schemaOfType(scope.type)),
    limits: Object.fromEntries(checking.pools),
    ...(shape.budget === undefined ? {} : { budget: shape.budget.budget }),
    ...(shape.run === undefined ? {} : { run: shape.run }),
    root: node,
    migrate: checkMigrations(shape.migrate, node, checking),
  };
  return {
    flow: { ...flow, hash: hashFlow(flow) },
    positions: positionsOf(childrenOf(shape.body), lines),
    calls: checking.calls,
    unguarded: unguardedCalls(shape.body),
    lent: [...checking.lent.values()],
    deeds: deedsOf(shape.body, checking),
  };
}

/** What `run` is in expressions. */
const runType: Type = typeOfSchema({
  type: 'object',
  required: ['id', 'batch', 'mode', 'test', 'dryRun'],
  properties: {
    id: { type: 'string' },
    batch: { type: 'string' },
    mode: { enum: ['strict', 'flexible', 'best_effort'] },
    test: { type: 'boolean' },
    dryRun: { type: 'boolean' },
  },
  additionalProperties: false,
});

/** One property per input; those without a default are required. */
function inputSchema(shape: FlowShape, { schemas, contracts, findings }: Checking): Schema {
  const properties: Record<string, Json> = {};
  const required: string[] = [];
  for (const { name, value } of shape.inputs) {
    const schema = schemas.read(value, '');
    properties[name] = schema === undefined ? true : toJson(value);
    const fallback = entryOf(value, 'default');
    if (fallback === undefined) {
      required.push(name);
    } else if (schema !== undefined) {
      for (const issue of contracts.compile(schema)(toJson(fallback.value))) {
        findings.add({
          code: 'wrong_value',
          message: `the default of '${name}' ${issue.message}`,
          span: pieceAt(fallback.value, issue.path).span,
        });
      }
    }
  }
  return schemas.close({ type: 'object', properties, required: required.sort(), additionalProperties: false });
}

/** As a run sees it: defaults have been applied, so every input is there. */
function withDefaults(input: Schema): Schema {
  const { properties = {} } = input as { readonly properties?: JsonObject };
  return { ...(input as JsonObject), required: Object.keys(properties) };
}

/** `required` is a set: it must not carry the order of the definition's keys into the hash. */
function withSortedRequired(schema: Schema): Schema {
  return rebuildSchema(schema, (key, value) =>
    key === 'required' && Array.isArray(value) ? [key, value.toSorted((a, b) => (String(a) < String(b) ? -1 : 1))] : undefined,
  ) as Schema;
}

function scopesByName(body: ScopeShape): ReadonlyMap<string, readonly string[]> {
  const scopes = new Map<string, string[]>();
  const visit = (children: readonly StepShape[], scope: string): void => {
    for (const step of children) {
      scopes.set(step.name, [...(scopes.get(step.name) ?? []), scope]);
      visit(childrenOf(step.body), step.path);
      for (const entry of step.catch) {
        if (entry.do !== undefined) {
          visit(childrenOf(entry.do.body), entry.do.path);
        }
      }
    }
  };
  visit(childrenOf(body), '');
  return scopes;
}
