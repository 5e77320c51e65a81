/** The agents of a flow and the models that they ask, as far as both are known before a run begins. */

import { AGENTS } from '@scriptorium/agents';
import { partsOf } from '@scriptorium/core';
import type { Flow, Json, JsonObject, Node, Settings, Tpl } from '@scriptorium/core';

export interface NamedAgent {
  /** As settings name it; null where only the run knows. */
  readonly name: string | null;
  /** Each is for when those before it cannot answer; none where only the run knows. */
  readonly models: readonly string[];
}

/** By what name the agent of a step goes that gives it none. */
const handlers: { readonly [uses: string]: (step: string) => string } = {
  'core/agent': (step) => step,
  'core/judge': (step) => step,
  'core/handoff': () => 'handoff',
};

/** An expression that ends in what an input says is taken at that: `thrift?.model ?? input.model`. */
const INPUT = /^(?:[\w.?]+ \?\? )*input\.(\w+)$/;

/** `input` is null for a flow that others call: what it is given is known when they do. */
export function namedAgents(flow: Flow, input: JsonObject | null, settings: Settings): readonly NamedAgent[] {
  return stepsOf(flow.root).flatMap((node): NamedAgent[] => {
    const { do: body } = node;
    const named = body.k === 'call' ? handlers[body.uses] : undefined;
    if (body.k !== 'call' || named === undefined) return [];
    const { agent = named(node.id.split('/').at(-1) ?? node.id), model = null } = knownParts(body.with, input);
    const name = typeof agent === 'string' ? agent : null;
    const models = [settings[`${AGENTS}.${name ?? ''}.model`] ?? model].flat();
    return [{ name, models: models.filter((one) => typeof one === 'string') }];
  });
}

function stepsOf(node: Node): readonly Node[] {
  return [node, ...partsOf(node).flatMap(stepsOf)];
}

function knownParts(given: Tpl, input: JsonObject | null): JsonObject {
  if ('lit' in given) return given.lit as JsonObject;
  if (!('obj' in given)) return { agent: null };
  return Object.fromEntries(Object.entries(given.obj).map(([name, part]) => [name, knownOf(part, input)]));
}

function knownOf(given: Tpl, input: JsonObject | null): Json {
  if ('lit' in given) return given.lit;
  if ('list' in given) return given.list.map((one) => knownOf(one, input));
  const [, name] = ('expr' in given && INPUT.exec(given.expr.$)) || [];
  return name === undefined ? null : (input?.[name] ?? null);
}
