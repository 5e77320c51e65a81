/** A flow as a graph, whatever it is drawn with: steps in the frames of their scopes, and arrows between siblings. */

import { rolesOf } from '@scriptorium/core';
import type { Catch, Flow, Next, Node } from '@scriptorium/core';

export interface Graph {
  readonly title: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

export interface GraphNode {
  /** The step's path. */
  readonly id: string;
  readonly name: string;
  /** What is worth knowing of it: handler, items, pool. */
  readonly marks: readonly string[];
  /** `scope` has nodes of its own; `items` is one step for each item. */
  readonly shape: 'call' | 'items' | 'data' | 'wait' | 'scope';
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  readonly status: NodeStatus | null;
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** `data`: waits for it; `condition`: and may be skipped; `catch`: stands in when it fails; `compensate`: undoes it; `next`: the state after it. */
  readonly kind: 'data' | 'condition' | 'catch' | 'compensate' | 'next';
  readonly label: string | null;
}

export const nodeStates = ['succeeded', 'failed', 'running', 'waiting', 'skipped', 'cancelled'] as const;

export type NodeState = (typeof nodeStates)[number];

/** How far a step of a run has come. */
export interface NodeStatus {
  readonly state: NodeState;
  /** `9/10`, or what else is to be said; empty for nothing. */
  readonly count: string;
}

export type Statuses = ReadonlyMap<string, NodeStatus>;

const icons: { readonly [state in NodeState]: string } = {
  succeeded: '✓',
  failed: '✗',
  running: '●',
  waiting: '○',
  skipped: '⤼',
  cancelled: '⊘',
};

/** `✓ succeeded 9/10`: readable without its colour. */
export function statusText({ state, count }: NodeStatus): string {
  return `${icons[state]} ${state}${count === '' ? '' : ` ${count}`}`;
}

/** The lines below a node's name. */
export function linesOf({ marks, status }: GraphNode): readonly string[] {
  return status === null ? marks : [...marks, statusText(status)];
}

/** Without `statuses` it is the graph of the definition. */
export function graphOf(flow: Flow, statuses: Statuses = new Map()): Graph {
  const { nodes, edges } = contentsOf(flow.root, statuses);
  return { title: `${flow.name} ${flow.version}`, nodes, edges };
}

type Contents = Pick<GraphNode, 'nodes' | 'edges'>;

/** What stands in the frame of a scope: its steps, and beside each what stands in for it or undoes it. */
function contentsOf(scope: Node, statuses: Statuses): Contents {
  const steps = stepsOf(scope);
  const nodes = steps.flatMap((step) => [nodeOf(step, statuses), ...bodiesOf(step).map(({ body }) => nodeOf(body, statuses))]);
  const besides = steps.flatMap((step) =>
    bodiesOf(step).map(({ body, kind, label }): GraphEdge => ({ from: step.id, to: body.id, kind, label })),
  );
  return { nodes, edges: [...besides, ...(scope.do.k === 'or' ? transitions(steps) : dependencies(steps))] };
}

function stepsOf({ do: body }: Node): readonly Node[] {
  if (body.k === 'and') return body.steps;
  return body.k === 'or' ? body.states : [];
}

function nodeOf(node: Node, statuses: Statuses): GraphNode {
  const { nodes, edges } = contentsOf(node, statuses);
  return {
    id: node.id,
    name: nameOf(node),
    marks: marksOf(node),
    shape: shapeOf(node),
    nodes,
    edges,
    status: statuses.get(node.id) ?? null,
  };
}

function shapeOf(node: Node): GraphNode['shape'] {
  switch (node.do.k) {
    case 'and':
    case 'or':
      return 'scope';
    case 'value':
      return 'data';
    case 'wait':
      return 'wait';
    case 'call':
      return node.each === undefined ? 'call' : 'items';
  }
}

function bodiesOf(node: Node): readonly { readonly body: Node; readonly kind: 'catch' | 'compensate'; readonly label: string }[] {
  const catches = node.catch.flatMap(({ do: body, errors }, index) =>
    body === undefined ? [] : [{ body, kind: 'catch' as const, label: catchLabel(errors, index) }],
  );
  return node.compensate === undefined ? catches : [...catches, { body: node.compensate, kind: 'compensate', label: 'undone by' }];
}

function dependencies(steps: readonly Node[]): readonly GraphEdge[] {
  const named = new Map(steps.map((step) => [nameOf(step), step.id]));
  return steps.flatMap((step) =>
    step.needs.flatMap((need): readonly GraphEdge[] => {
      const from = named.get(need);
      if (from === undefined) return [];
      return [{ from, to: step.id, kind: step.if === undefined ? 'data' : 'condition', label: step.if === undefined ? null : 'if' }];
    }),
  );
}

function transitions(states: readonly Node[]): readonly GraphEdge[] {
  const named = new Map(states.map((state) => [nameOf(state), state.id]));
  return states.flatMap((state) => {
    const nexts = (state.next ?? []).flatMap((next) => targetsOf(next).map((target) => ({ ...target, kind: 'next' as const })));
    const catches = state.catch.flatMap(({ to, errors }, index) =>
      to === undefined ? [] : [{ to, kind: 'catch' as const, label: catchLabel(errors, index) }],
    );
    const events = Object.entries(state.events ?? {}).map(([name, to]) => ({ to, kind: 'next' as const, label: `on ${name}` }));
    return [...nexts, ...catches, ...events].flatMap(({ to, kind, label }): readonly GraphEdge[] => {
      const target = named.get(to);
      return target === undefined ? [] : [{ from: state.id, to: target, kind, label }];
    });
  });
}

/** The states that a transition may lead to, each with its condition. */
function targetsOf({ if: guard, to, among }: Next): readonly { readonly to: string; readonly label: string | null }[] {
  if (typeof to === 'string') return [{ to, label: guard?.$ ?? null }];
  return (among ?? []).map((name) => ({ to: name, label: [...(guard === undefined ? [] : [guard.$]), `${to.$} is ${name}`].join(', ') }));
}

function catchLabel(errors: Catch['errors'], index: number): string {
  return `catch ${index + 1}: ${errors.length === 0 ? 'any' : errors.join(', ')}`;
}

function marksOf(node: Node): readonly string[] {
  return [
    node.do.k === 'call' && node.do.uses !== nameOf(node) ? node.do.uses : '',
    node.do.k === 'wait' ? waitMark(node.do) : '',
    node.each === undefined ? '' : `each ${node.each.as}`,
    (node.do.k === 'and' && node.do.until !== undefined) || node.each?.until !== undefined ? 'until' : '',
    node.max === undefined ? '' : `max ${node.max}`,
    node.limit === undefined ? '' : `limit ${node.limit.split('/').at(-1)}`,
  ].filter((mark) => mark !== '');
}

function waitMark({ event, until }: Extract<Node['do'], { k: 'wait' }>): string {
  const roles = event === undefined ? [] : rolesOf(event);
  if (event !== undefined) return `wait for ${event.name}${roles.length === 0 ? '' : ` from ${roles.join(', ')}`}`;
  return until === undefined ? 'wait' : 'wait until';
}

function nameOf(node: Node): string {
  return node.id.split('/').at(-1) ?? node.id;
}
