/** A flow as a Mermaid flowchart: scopes as frames, data as arrows, items as stacked shapes. */

import type { Flow, Node } from '@scriptorium/core';

export function flowGraph(flow: Flow): string {
  const lines = ['flowchart TD', `  accTitle: ${plain(`${flow.name} ${flow.version}`)}`];
  if (flow.root.do.k === 'and') {
    for (const step of flow.root.do.steps) {
      drawStep(step, '  ', lines);
    }
    drawArrows(flow.root, '  ', lines);
  }
  return `${lines.join('\n')}\n`;
}

function drawStep(node: Node, indent: string, lines: string[]): void {
  if (node.do.k === 'and') {
    lines.push(`${indent}subgraph ${idOf(node)}["${label(node)}"]`);
    for (const step of node.do.steps) {
      drawStep(step, `${indent}  `, lines);
    }
    drawArrows(node, `${indent}  `, lines);
    lines.push(`${indent}end`);
  } else if (node.do.k === 'value') {
    lines.push(`${indent}${idOf(node)}(["${label(node)}"])`);
  } else {
    lines.push(node.each === undefined ? `${indent}${idOf(node)}["${label(node)}"]` : `${indent}${idOf(node)}[["${label(node)}"]]`);
  }
  node.catch.forEach((entry, i) => {
    if (entry.do !== undefined) {
      drawStep(entry.do, indent, lines);
      lines.push(`${indent}${idOf(node)} -. "${plain(`catch ${i + 1}: ${entry.errors.join(', ')}`)}" .-> ${idOf(entry.do)}`);
    }
  });
}

/** Arrows stand in the frame of the scope, after all that they join. */
function drawArrows(scope: Node, indent: string, lines: string[]): void {
  const steps = scope.do.k === 'and' ? scope.do.steps : [];
  const from = new Map(steps.map((step) => [nameOf(step), step]));
  for (const step of steps) {
    for (const need of step.needs) {
      const source = from.get(need);
      if (source !== undefined) {
        lines.push(`${indent}${idOf(source)} ${step.if === undefined ? '-->' : '-. "if" .->'} ${idOf(step)}`);
      }
    }
  }
}

function label(node: Node): string {
  const marks = [
    node.do.k === 'call' && node.do.uses !== nameOf(node) ? node.do.uses : '',
    node.each === undefined ? '' : `each ${node.each.as}`,
    node.limit === undefined ? '' : `limit ${node.limit.split('/').at(-1)}`,
  ].filter((mark) => mark !== '');
  const [first = '', ...others] = [nameOf(node), ...marks].map(plain);
  return [`<b>${first}</b>`, ...others].join('<br/>');
}

function nameOf(node: Node): string {
  return node.id.split('/').at(-1) ?? node.id;
}

/** Mermaid reads `end` and some others as keywords: a prefix keeps every id an id. */
function idOf(node: Node): string {
  return `s_${node.id.replaceAll('/', '__').replaceAll('.', '_')}`;
}

function plain(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
