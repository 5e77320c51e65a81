/** What the steps of a flow call. */

import { calledAs, HostError, partsOf } from '@scriptorium/core';
import type { CalledFlows, Flow, Node } from '@scriptorium/core';

export interface FlowCalls {
  /** As steps name them. */
  readonly handlers: readonly string[];
  /** As {@link calledAs} says. */
  readonly flows: readonly string[];
}

const known = new WeakMap<Flow, FlowCalls>();

/** The same object for the same flow: every start asks for it several times. */
export function callsOf(flow: Flow): FlowCalls {
  const calls = known.get(flow) ?? findCalls(flow);
  known.set(flow, calls);
  return calls;
}

function findCalls(flow: Flow): FlowCalls {
  const handlers = new Set<string>();
  const flows = new Set<string>();
  const visit = (node: Node): void => {
    if (node.do.k === 'call') {
      if (node.do.flow === undefined) handlers.add(node.do.uses);
      else flows.add(calledAs(node.do.uses, node.do.flow));
      for (const { uses, flow: lent } of node.do.lends ?? []) flows.add(calledAs(uses, lent));
    }
    for (const part of partsOf(node)) visit(part);
  };
  visit(flow.root);
  return { handlers: [...handlers], flows: [...flows] };
}

/** Raises `invalid` when the flow calls one that did not come with it. */
export function requireFlows(flow: Flow, called: CalledFlows): void {
  const missing = callsOf(flow).flows.filter((name) => !Object.hasOwn(called, name));
  if (missing.length === 0) return;
  throw new HostError('invalid', `${flow.name} calls ${missing.join(', ')}, which did not come with it`, 'Compile it together with them.');
}
