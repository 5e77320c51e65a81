/**
 * Checks an OR scope. What a state gives depends on what it reads, and that on where it can be reached from, which again
 * may depend on what states give: all three are computed until they no longer change, and only then told of. A scope is
 * remembered with the types that it read, or scopes in scopes would be looked at a number of times that grows with the
 * power of their depth.
 */

import { any, int, joinTypes, never, nullable, nullType } from '@scriptorium/core';
import type { Next, Node, Tpl, Type } from '@scriptorium/core';
import { namesWith } from './checking.ts';
import type { CheckedStates, Checking, Names, RememberedStates, Where } from './checking.ts';
import { checkData } from './data.ts';
import type { Findings } from '../diagnostic.ts';
import { checkShadow } from './scope-checker.ts';
import type { CheckStep } from './scope-checker.ts';
import type { ScopeShape, StepShape } from '../reading/shape.ts';
import { checkGraph } from './state-graph-checker.ts';
import { givenStates, reachableStates } from './state-graph.ts';
import type { StateGraph } from './state-graph.ts';
import { areTargetsKnown, checkNamedTargets, checkNext, graphOf } from './transition-checker.ts';
import type { Targets } from './transition-checker.ts';

type StatesShape = Extract<ScopeShape, { k: 'states' }>;

/** What is held to be true of the states while they are checked. */
interface Assumed {
  readonly types: Names;
  readonly targets: Targets;
}

interface Pass {
  readonly nodes: readonly Node[];
  readonly found: Assumed;
  readonly findings: Findings;
}

/** So often the types may change, beyond as many times as there are states, before they are given up as `any`. */
const PATIENCE = 3;

export function checkStates(shape: StatesShape, where: Where, checking: Checking, checkStep: CheckStep): CheckedStates {
  const seen = checking.checkedStates.get(shape) ?? new Map<string, RememberedStates>();
  checking.checkedStates.set(shape, seen);
  const reads = [...checking.reads.ofScope(shape).keys()].sort();
  const key = JSON.stringify(reads.map((name) => [name, where.names[name] ?? null]));
  const known = seen.get(key) ?? checkAnew(shape, where, { ...checking, findings: checking.findings.aside() }, checkStep);
  seen.set(key, known);
  checking.findings.addNew(known.findings);
  return known.checked;
}

function checkAnew(shape: StatesShape, where: Where, checking: Checking, checkStep: CheckStep): RememberedStates {
  const { states } = shape;
  for (const state of states) {
    checkShadow(state, where.names, checking);
  }
  let assumed: Assumed = { types: namesWith({}, Object.fromEntries(states.map(({ name }) => [name, never]))), targets: new Map() };
  for (let round = 1; ; round += 1) {
    const pass = checkAll(states, assumed, where, checking, checkStep);
    if (isSame(assumed, pass.found) || round > 2 * (states.length + PATIENCE)) {
      checking.findings.addNew(pass.findings);
      const graph = graphOf(states, pass.found.targets);
      checkGraph(shape, graph, pass.found.targets, where, checking);
      const checked = { states: pass.nodes, ...scopeResult(shape, graph, pass.found, where, checking) };
      return { checked, findings: checking.findings };
    }
    assumed = round > states.length + PATIENCE ? { ...pass.found, types: settled(assumed.types, pass.found.types) } : pass.found;
  }
}

function checkAll(states: readonly StepShape[], assumed: Assumed, where: Where, shared: Checking, checkStep: CheckStep): Pass {
  const checking: Checking = { ...shared, findings: shared.findings.aside() };
  const graph = graphOf(states, assumed.targets);
  const given = givenOn(graph, states, assumed.targets);
  const types = namesWith(assumed.types, {}) as Record<string, Type>;
  const targets = new Map<string, readonly string[] | null>();
  const nodes = new Map<string, Node>();
  // In the order in which they are reached: what a state may rely on has then been looked at before it.
  for (const state of [...states].sort(inOrder(reachableStates(graph)))) {
    const inside: Where = {
      ...where,
      path: state.path,
      names: namesIn(state.name, graph, given?.get(state.name), types, where),
    };
    const { node, type } = checkStep(state, [], inside, checking);
    const after = { ...inside, names: namesWith(inside.names, { [state.name]: type }) };
    const next: Next[] | undefined = state.next === undefined ? undefined : checkNext(state, states, after, checking, targets);
    checkNamedTargets(state, states, checking);
    types[state.name] = type;
    nodes.set(state.name, {
      ...node,
      ...(next === undefined ? {} : { next }),
      ...(state.max === undefined ? {} : { max: state.max }),
      ...(state.events.length === 0 ? {} : { events: Object.fromEntries(state.events.map(({ name, value }) => [name, value.text])) }),
    });
  }
  return { nodes: states.flatMap(({ name }) => nodes.get(name) ?? []), found: { types, targets }, findings: checking.findings };
}

function inOrder(reached: ReadonlySet<string>): (a: StepShape, b: StepShape) => number {
  const rank = new Map([...reached].map((name, i) => [name, i]));
  return (a, b) => (rank.get(a.name) ?? rank.size) - (rank.get(b.name) ?? rank.size);
}

/** What every way to each state has given; undefined where a wrong target leaves the ways unknown, so that nothing follows from it. */
function givenOn(graph: StateGraph, states: readonly StepShape[], targets: Targets): ReadonlyMap<string, ReadonlySet<string>> | undefined {
  return areTargetsKnown(states, targets) ? givenStates(graph) : undefined;
}

/** What a state sees: outputs that not every way to it has given may be null, its own among them. */
function namesIn(name: string, graph: StateGraph, given: ReadonlySet<string> | undefined, types: Names, where: Where): Names {
  const outputs = graph.states.map((state): [string, Type] => [state, readType(types, state, given?.has(state) !== false)]);
  const prev = given === undefined ? any : prevType(name, graph, types);
  return namesWith(where.names, { ...Object.fromEntries(outputs), prev, visits: int });
}

function readType(types: Names, state: string, given: boolean): Type {
  const type = types[state] ?? any;
  return given ? type : nullable(type);
}

/** The outputs of the states before; of one that failed it is that of an earlier visit, if any. */
function prevType(name: string, graph: StateGraph, types: Names): Type {
  const reachable = reachableStates(graph);
  const before = graph.edges.filter(({ from, to }) => to === name && reachable.has(from));
  return joinTypes(
    ...(name === graph.initial || before.length === 0 ? [nullType] : []),
    ...before.map(({ from, via }) => readType(types, from, via === 'next')),
  );
}

/** The `output` of the scope, else what its final states give; one that never gives anything ends no scope. */
function scopeResult(
  { states, output }: StatesShape,
  graph: StateGraph,
  { types, targets }: Assumed,
  where: Where,
  checking: Checking,
): { readonly output?: Tpl; readonly type: Type } {
  const reachable = reachableStates(graph);
  const finals = [...graph.finals].filter((name) => reachable.has(name) && types[name]?.k !== 'never');
  if (output === undefined) {
    return { type: graph.finals.size === 0 ? any : joinTypes(...finals.map((name) => types[name] ?? any)) };
  }
  const passed = givenOn(graph, states, targets);
  const given = passed === undefined ? [] : finals.map((name) => new Set([...(passed.get(name) ?? []), name]));
  const outputs = states.map(({ name }): [string, Type] => [
    name,
    readType(
      types,
      name,
      given.every((set) => set.has(name)),
    ),
  ]);
  const { tpl, type } = checkData(output, { ...where, names: namesWith(where.names, Object.fromEntries(outputs)) }, checking);
  return { output: tpl, type };
}

function isSame(a: Assumed, b: Assumed): boolean {
  return JSON.stringify(a.types) === JSON.stringify(b.types) && JSON.stringify([...a.targets]) === JSON.stringify([...b.targets]);
}

/** A type that goes on growing with every look at it, as that of a list that each visit adds to, is not followed. */
function settled(before: Names, after: Names): Names {
  return namesWith(
    {},
    Object.fromEntries(
      Object.keys(after).map((name) => [name, JSON.stringify(before[name]) === JSON.stringify(after[name]) ? (after[name] ?? any) : any]),
    ),
  );
}
