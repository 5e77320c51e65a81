/** The identity of a flow: the hash of its canonical form. */

import { createHash } from 'node:crypto';
import type { Body, Flow, Json, Node } from '@scriptorium/core';

/** `sha256:<hex>` over the canonical JSON of all but the hash. The order of keys and of steps does not matter. */
export function hashFlow(flow: Omit<Flow, 'hash'>): string {
  const canonical = canonicalJson({ ...flow, root: sortedNode(flow.root) } as unknown as Json);
  return `sha256:${createHash('sha256').update(canonical).digest('hex')}`;
}

/** JSON with the keys of every object in the order of their UTF-16 units (as RFC 8785 has it), without white space. */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) {
    return `[${value.map((item: Json) => canonicalJson(item)).join(',')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const object = value as { readonly [key: string]: Json };
    const entries = Object.keys(object)
      .filter((key) => object[key] !== undefined)
      .sort();
    return `{${entries.map((key) => `${JSON.stringify(key)}:${canonicalJson(object[key] ?? null)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

/** Steps of an AND scope are a set, and so are states but for the first: they are hashed by name. */
function sortedNode(node: Node): Node {
  const entries = node.catch.map((entry) => (entry.do === undefined ? entry : { ...entry, do: sortedNode(entry.do) }));
  return { ...node, needs: [...node.needs].sort(), do: sortedBody(node.do), catch: entries };
}

function sortedBody(body: Body): Body {
  if (body.k === 'or') {
    const [first, ...others] = body.states.map(sortedNode);
    return first === undefined ? body : { ...body, states: [first, ...others.sort(byId)] };
  }
  return body.k === 'and' ? { ...body, steps: body.steps.map(sortedNode).sort(byId) } : body;
}

function byId(a: Node, b: Node): number {
  return a.id < b.id ? -1 : 1;
}
