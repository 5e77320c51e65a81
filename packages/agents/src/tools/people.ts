/** Flows and people as tools: a run of its own, and a question that somebody answers. */

import type { Json } from '@scriptorium/core';
import type { Grant, GrantSource } from './granting.ts';
import { withinText } from './approving.ts';
import type { FlowTool } from './tool.ts';
import { questionFlow } from './tool-flows.ts';
import type { Question } from './tool-flows.ts';

type Named<K extends GrantSource['kind']> = Extract<GrantSource, { kind: K }>;

/** `team/look-up` is `team_look_up` for the model. */
export function flowTool({ name, doc, input }: Named<'flow'>, { effects, trusted }: Grant): FlowTool {
  const [bare = name] = name.split('@');
  return {
    name: bare.replaceAll(/[^A-Za-z0-9]+/g, '_').toLowerCase(),
    doc: doc ?? `Does the work of the flow ${bare}.`,
    input: input ?? { type: 'object' },
    // A flow may do anything, unless the step knows better.
    effects: effects ?? 'write',
    tainted: !trusted,
    reaches: () => [{ kind: 'flow', name }],
    flow: { name, given: (given) => given },
  };
}

const MAX_QUESTION = 10_000;

export function personTool({ role, answer }: Named<'person'>, { withinMs }: Grant): FlowTool {
  const choices = typeof answer === 'string' ? null : answer;
  const kind: Question = typeof answer === 'string' ? answer : 'text';
  return {
    name: `ask_${role.replaceAll('-', '_')}`,
    doc: `Asks the ${role}, a person, who may take up to ${withinText(withinMs)}${choices === null ? '' : ` and answers ${choices.join(' or ')}`}.`,
    input: {
      type: 'object',
      required: ['question'],
      additionalProperties: false,
      properties: { question: { type: 'string', minLength: 1, maxLength: MAX_QUESTION } },
    },
    effects: 'none',
    tainted: false,
    reaches: () => [{ kind: 'person', role }],
    flow: {
      name: questionFlow(kind),
      given: (input) => ({
        ask: `${(input as { readonly question: string }).question}${choices === null ? '' : ` (${choices.join(', ')})`}`,
        to: [role],
        within: withinText(withinMs),
      }),
      gives: (output) => answered((output as { readonly answer: Json }).answer, choices),
    },
  };
}

/** Somebody may answer something else than was offered: the model is told so. */
function answered(answer: Json, choices: readonly string[] | null): Json {
  if (answer === null) return { answered: false };
  if (choices === null || choices.includes(answer as string)) return { answered: true, answer };
  return { answered: true, answer, note: `not one of ${choices.join(', ')}` };
}
