/** A graph as a Mermaid flowchart. */

import type { Graph, GraphEdge, GraphNode } from './model.ts';
import { linesOf } from './model.ts';
import { palette } from './palette.ts';

export function mermaidOf(graph: Graph): string {
  const lines = ['flowchart TD', `  accTitle: ${plain(graph.title)}`];
  drawContents(graph, '  ', lines);
  const stated = allNodes(graph.nodes).filter(({ status }) => status !== null);
  for (const state of new Set(stated.flatMap(({ status }) => status?.state ?? []))) {
    const { fill, line, text } = palette[state].light;
    lines.push(`  classDef ${state} fill:${fill},stroke:${line},color:${text}`);
    lines.push(`  class ${stated.flatMap((node) => (node.status?.state === state ? [idOf(node.id)] : [])).join(',')} ${state}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Arrows stand in the frame of the scope, after all that they join. */
function drawContents({ nodes, edges }: Pick<Graph, 'nodes' | 'edges'>, indent: string, lines: string[]): void {
  for (const node of nodes) drawNode(node, indent, lines);
  for (const edge of edges) lines.push(`${indent}${idOf(edge.from)} ${arrow(edge)} ${idOf(edge.to)}`);
}

function drawNode(node: GraphNode, indent: string, lines: string[]): void {
  const label = [`<b>${plain(node.name)}</b>`, ...linesOf(node).map(plain)].join('<br/>');
  switch (node.shape) {
    case 'scope':
      lines.push(`${indent}subgraph ${idOf(node.id)}["${label}"]`);
      drawContents(node, `${indent}  `, lines);
      lines.push(`${indent}end`);
      break;
    case 'data':
      lines.push(`${indent}${idOf(node.id)}(["${label}"])`);
      break;
    case 'wait':
      lines.push(`${indent}${idOf(node.id)}{{"${label}"}}`);
      break;
    case 'items':
      lines.push(`${indent}${idOf(node.id)}[["${label}"]]`);
      break;
    case 'call':
      lines.push(`${indent}${idOf(node.id)}["${label}"]`);
  }
}

function arrow({ kind, label }: GraphEdge): string {
  if (label === null) return '-->';
  return kind === 'next' ? `-- "${plain(label)}" -->` : `-. "${plain(label)}" .->`;
}

function allNodes(nodes: readonly GraphNode[]): readonly GraphNode[] {
  return nodes.flatMap((node) => [node, ...allNodes(node.nodes)]);
}

/** Mermaid reads `end` and some others as keywords: a prefix keeps every id an id. */
function idOf(id: string): string {
  return `s_${id.replaceAll('/', '__').replaceAll('.', '_')}`;
}

function plain(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\n', ' ');
}
