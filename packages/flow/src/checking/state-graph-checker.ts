/** Tells of states that cannot be reached, that lead nowhere, and of loops without a bound. */

import type { Checking, Where } from './checking.ts';
import type { ScopeShape } from '../reading/shape.ts';
import { endingStates, endlessLoops, reachableStates } from './state-graph.ts';
import type { StateGraph } from './state-graph.ts';
import { areTargetsKnown } from './transition-checker.ts';
import type { Targets } from './transition-checker.ts';

type StatesShape = Extract<ScopeShape, { k: 'states' }>;

/** A target that is wrong or not known has been told; what follows from it for the rest is not. */
export function checkGraph(shape: StatesShape, graph: StateGraph, targets: Targets, where: Where, checking: Checking): void {
  const { states } = shape;
  if (!areTargetsKnown(states, targets)) {
    return;
  }
  const reachable = reachableStates(graph);
  for (const { name, span, path } of states) {
    if (!reachable.has(name)) {
      const fix = `name it in the \`next\`, \`catch\` or \`events\` of another state, or remove it; the first state is '${graph.initial}'`;
      checking.findings.add({ code: 'unreachable_state', message: `no transition leads to '${name}'`, span, path, fix });
    }
  }
  const ending = endingStates(graph);
  checkEnds(shape, graph, ending, where, checking);
  // Of loops that share a state, the first: what bounds it may bound the others too.
  const told = new Set<string>();
  for (const loop of endlessLoops(graph)) {
    if (loop.some((name) => ending.has(name) && reachable.has(name)) && !loop.some((name) => told.has(name))) {
      reportLoop(loop, shape, graph, checking);
      loop.forEach((name) => told.add(name));
    }
  }
}

function checkEnds(
  { states, span }: StatesShape,
  graph: StateGraph,
  ending: ReadonlySet<string>,
  where: Where,
  { findings }: Checking,
): void {
  if (states.length > 0 && graph.finals.size === 0) {
    const fix = 'leave `next` out of the state that the scope is to end with';
    findings.add({ code: 'no_final_state', message: 'every state has a `next`: this never ends', span, path: where.path, fix });
    return;
  }
  const stuck = states.filter(({ name }) => !ending.has(name));
  const [first] = stuck;
  if (first !== undefined) {
    const names = stuck.map(({ name }) => `'${name}'`).join(', ');
    const fix = `let one of them go on to a final state: ${[...graph.finals].join(', ')}`;
    findings.add({ code: 'no_way_out', message: `from ${names} no final state can be reached`, span: first.span, path: first.path, fix });
  }
}

function reportLoop(loop: readonly string[], { states }: StatesShape, { bounded }: StateGraph, { findings }: Checking): void {
  const ring = loop.slice(0, -1);
  const first = states.find(({ name }) => ring.includes(name));
  if (first === undefined) {
    return;
  }
  const start = ring.indexOf(first.name);
  const turned = [...ring.slice(start), ...ring.slice(0, start), first.name].join(' → ');
  const undone = ring.find((name) => bounded.has(name));
  findings.add({
    code: 'endless_loop',
    message:
      undone === undefined
        ? `nothing bounds this loop: ${turned}`
        : `nothing bounds this loop: ${turned}; the \`catch\` of '${undone}' takes loop.exceeded and goes on with it`,
    span: first.span,
    path: first.path,
    fix:
      undone === undefined
        ? `add \`max: 5\` to one of these states, or to all of them`
        : `let the \`catch\` go to a state outside of the loop, or name other errors in it`,
  });
}
