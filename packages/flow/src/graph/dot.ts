/** A graph in the DOT language of Graphviz; scopes are clusters. */

import type { Graph, GraphEdge, GraphNode } from './model.ts';
import { linesOf } from './model.ts';
import { palette } from './palette.ts';

export function dotOf(graph: Graph): string {
  const lines = [
    `digraph ${quoted(graph.title)} {`,
    `  graph [label=${quoted(graph.title)}, labelloc=t, compound=true, fontname="Helvetica"]`,
    '  node [shape=box, style="rounded,filled", fontname="Helvetica"]',
    '  edge [fontname="Helvetica", fontsize=10]',
  ];
  const anchors = new Map<string, string>();
  drawContents(graph, '  ', lines, anchors);
  return `${[...lines, '}'].join('\n')}\n`;
}

function drawContents(
  { nodes, edges }: Pick<Graph, 'nodes' | 'edges'>,
  indent: string,
  lines: string[],
  anchors: Map<string, string>,
): void {
  for (const node of nodes) drawNode(node, indent, lines, anchors);
  for (const edge of edges) lines.push(`${indent}${edgeText(edge, anchors)}`);
}

function drawNode(node: GraphNode, indent: string, lines: string[], anchors: Map<string, string>): void {
  const label = quoted([node.name, ...linesOf(node)].join('\n'));
  const { fill, line, text } = palette[node.status?.state ?? 'plain'].light;
  const colours = `fillcolor="${fill}", color="${line}", fontcolor="${text}"`;
  if (node.shape !== 'scope') {
    const shape = shapes[node.shape];
    lines.push(`${indent}${quoted(node.id)} [label=${label}${shape}, ${colours}]`);
    return;
  }
  lines.push(`${indent}subgraph ${quoted(clusterOf(node.id))} {`);
  lines.push(`${indent}  graph [label=${label}, style="rounded,filled", ${colours}]`);
  drawContents(node, `${indent}  `, lines, anchors);
  lines.push(`${indent}}`);
  const [first] = node.nodes;
  anchors.set(node.id, first === undefined ? node.id : (anchors.get(first.id) ?? first.id));
}

const shapes: { readonly [shape in Exclude<GraphNode['shape'], 'scope'>]: string } = {
  call: '',
  items: ', peripheries=2',
  data: ', shape=oval, style=filled',
  wait: ', shape=hexagon, style=filled',
};

/** Graphviz joins nodes, not clusters: an arrow goes to a node inside, and is cut at the cluster's border. */
function edgeText({ from, to, kind, label }: GraphEdge, anchors: ReadonlyMap<string, string>): string {
  const [tail, head] = [anchors.get(from), anchors.get(to)];
  const attributes = [
    ...(label === null ? [] : [`label=${quoted(label)}`]),
    ...(kind === 'data' || kind === 'next' ? [] : ['style=dashed']),
    ...(tail === undefined ? [] : [`ltail=${quoted(clusterOf(from))}`]),
    ...(head === undefined ? [] : [`lhead=${quoted(clusterOf(to))}`]),
  ];
  return `${quoted(tail ?? from)} -> ${quoted(head ?? to)}${attributes.length === 0 ? '' : ` [${attributes.join(', ')}]`}`;
}

/** The prefix is what makes Graphviz draw a frame. */
function clusterOf(id: string): string {
  return `cluster_${id}`;
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll(/\r?\n/g, '\\n')}"`;
}
