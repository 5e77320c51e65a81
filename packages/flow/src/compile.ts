/**
 * The compiler: source → pieces → shape → checked IR. All stages go on after a mistake and tell of all that they find;
 * what a mistake makes unknown has the type `any`, so that nothing follows from it.
 */

import { checkExpr, schemaOfType, typeOfSchema } from '@scriptorium/core';
import type { Flow, Json, JsonObject, Limit, Node, Schema, Type } from '@scriptorium/core';
import { checkFlowBudget } from './budget-checker.ts';
import type { Callable, Checking } from './checking.ts';
import { createContracts } from './contracts.ts';
import type { Contracts } from './contracts.ts';
import { Findings } from './diagnostic.ts';
import type { Diagnostic } from './diagnostic.ts';
import { hashFlow } from './digest.ts';
import { extendRoot } from './extends.ts';
import type { DefinitionFile, Extending, ReadDefinition } from './extends.ts';
import { checkRoot, readFlow } from './flow-reader.ts';
import { rebuildSchema } from './keyword.ts';
import { linesOf } from './lines.ts';
import { checkMigrations } from './migrate-checker.ts';
import type { Lines } from './lines.ts';
import { isName } from './name.ts';
import { entryOf, pieceAt, toJson } from './piece.ts';
import type { MapPiece, Piece } from './piece.ts';
import { positionsOf } from './positions.ts';
import type { Positions } from './positions.ts';
import { applyProfile, chooseProfile, profilesOf } from './profile.ts';
import { readsFinder } from './reads.ts';
import { SchemaReader } from './schema-reader.ts';
import { childrenOf } from './shape.ts';
import type { FlowShape, ScopeShape, StepShape } from './shape.ts';
import { readSource } from './source.ts';
import { sourcesOf } from './sources.ts';
import type { Sources } from './sources.ts';
import { checkScopeBody } from './step-checker.ts';
import { readValue } from './value-source.ts';

export interface CompileOptions {
  /** For messages. */
  readonly file: string;
  readonly callables: ReadonlyMap<string, Callable>;
  /** The entry of `profiles` to merge in. */
  readonly profile?: string;
  /** Gives the files that `extends` names; without it there are none. */
  readonly read?: ReadDefinition;
}

export interface Compiled {
  /** Null when there is an error. */
  readonly flow: Flow | null;
  /** Errors and warnings, by position. */
  readonly diagnostics: readonly Diagnostic[];
  readonly positions: Positions;
  /** The files that the definition extends, the nearest first. */
  readonly bases: readonly DefinitionFile[];
}

/**
 * `source` is text, YAML 1.2 or JSON, or the definition itself as a plain value, such as the builder makes. Never
 * throws for what stands in it. Places in a plain value are those of the builder's calls, else those in
 * `JSON.stringify(source, null, 2)`.
 */
export function compileFlow(source: string | JsonObject, options: CompileOptions): Compiled {
  const { sources, findings, written } = typeof source === 'string' ? readText(source, options.file) : readPlain(source, options.file);
  const bases: DefinitionFile[] = [];
  const whole = wholeOf(written, options, { sources, findings, bases });
  if (whole === undefined) {
    return { flow: null, diagnostics: findings.sorted(), positions: {}, bases };
  }
  const root = checkRoot(whole, findings);
  const profiles = profilesOf(root, findings);
  const chosen = chooseProfile(options.profile, profiles, root, findings);
  const base: MapPiece = { ...root, entries: new Map([...root.entries].filter(([key]) => key !== 'profiles' && key !== 'run')) };
  const contracts = createContracts();
  const compileWith = (patch: MapPiece | undefined, into: Findings): CompiledRoot =>
    compileRoot(applyProfile(base, patch), options.callables, contracts, into, sources);
  const { flow, positions } = compileWith(chosen, findings);
  for (const [name, patch] of profiles) {
    if (patch !== chosen) {
      const others = new Findings(options.file, sources);
      compileWith(patch, others);
      findings.addNew(others, ` (in the profile '${name}')`);
    }
  }
  return { flow: findings.errors > 0 ? null : flow, diagnostics: findings.sorted(), positions, bases };
}

interface Written {
  readonly sources: Sources;
  readonly findings: Findings;
  readonly written: Piece | undefined;
}

function readText(source: string, file: string): Written {
  const lines = linesOf(source);
  const sources = sourcesOf(lines);
  const findings = new Findings(file, sources);
  return { sources, findings, written: readSource(source, lines, findings) };
}

function readPlain(definition: JsonObject, file: string): Written {
  const { lines, piece, problems } = readValue(definition);
  const sources = sourcesOf(lines);
  const findings = new Findings(file, sources);
  for (const problem of problems) {
    findings.add(problem);
  }
  return { sources, findings, written: piece };
}

/** The definition over what it extends; undefined when it cannot be checked any further, which has been told. */
function wholeOf(
  written: Piece | undefined,
  { file, read = () => null }: CompileOptions,
  more: Omit<Extending, 'read'>,
): MapPiece | undefined {
  if (written === undefined || written.type === 'map') {
    return written === undefined ? undefined : extendRoot(written, file, { read, ...more });
  }
  const message = 'a definition is a mapping that starts with `flow: team/name`';
  more.findings.add({ code: 'wrong_shape', message, span: written.span });
  return undefined;
}

interface CompiledRoot {
  readonly flow: Flow;
  readonly positions: Positions;
}

function compileRoot(
  root: MapPiece,
  callables: ReadonlyMap<string, Callable>,
  contracts: Contracts,
  findings: Findings,
  lines: Lines,
): CompiledRoot {
  const shape = readFlow(root, findings);
  const schemas = new SchemaReader(shape.schemas, contracts, findings);
  const scopesOf = scopesByName(shape.body);
  const checking: Checking = {
    flow: shape.name,
    callables,
    findings,
    contracts,
    schemas,
    reads: readsFinder((text) => checkExpr(text, {}).reads),
    checkedStates: new Map(),
    declared: new Set(shape.limits.map(({ name }) => name)),
    pools: new Map(shape.limits.map(({ name, value }): [string, Limit] => [name, value])),
    scopesOf,
    misnamed: [...scopesOf.keys(), ...shape.inputs.map(({ name }) => name)].filter((name) => !isName(name)),
  };
  schemas.checkNamed();
  const input = inputSchema(shape, checking);
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
  return { flow: { ...flow, hash: hashFlow(flow) }, positions: positionsOf(childrenOf(shape.body), lines) };
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
