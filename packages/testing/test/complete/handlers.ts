/** What the two complete examples of the language's design call, as contracts; the tests say what they answer. */

import { defineHandler } from '@scriptorium/core';
import type { Handler, JsonObject, Schema } from '@scriptorium/core';

const text: Schema = { type: 'string' };

function object(properties: JsonObject, optional: readonly string[] = []): Schema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', required, properties, additionalProperties: false };
}

function contract(name: string, input: Schema, output: Schema, more: Partial<Pick<Handler, 'effects' | 'errors'>> = {}): Handler {
  return defineHandler({
    name,
    version: '1.0.0',
    doc: `What ${name} takes and gives.`,
    input,
    output,
    effects: 'read',
    run: () => null,
    ...more,
  });
}

/** Settings of the agent and everything that a prompt may refer to; what it gives is for `returns` to say. */
const agent = contract(
  'core/agent',
  {
    type: 'object',
    required: ['model', 'prompt'],
    properties: {
      model: text,
      prompt: text,
      system: text,
      tools: { type: 'array', items: text },
      memory: { enum: ['none', 'scope', 'run'] },
    },
  },
  true,
  { errors: { 'agent.refused': 'The model declined.', 'agent.stalled': 'It makes no progress.' } },
);

const path = object({ path: text });
const issues: Schema = {
  type: 'array',
  items: object({ chapter: text, severity: { enum: ['error', 'warning'] }, text }),
};

export const storyHandlers: readonly Handler[] = [
  agent,
  contract('store/create', object({ title: text }), object({ id: text }), { effects: 'write' }),
  contract('store/delete', object({ id: text }), object({}), { effects: 'write' }),
  contract('store/publish', object({ id: text, chapters: { type: 'array', items: text } }), object({ url: text }), { effects: 'write' }),
];

export const bookHandlers: readonly Handler[] = [
  agent,
  contract('book/check-catalog', object({ catalog: text }), object({ entries: { type: 'integer' } })),
  contract('book/scan', object({ folder: text }), object({ books: { type: 'array', items: object({ id: text, path: text }) } })),
  contract('book/topology', path, object({ kind: text })),
  contract('book/sanity', object({ path: text, catalog: { type: ['string', 'null'] } }), object({ meta: { type: 'object' } }), {
    errors: { not_in_catalog: 'The catalog has no such book.' },
  }),
  contract('book/clean', object({ path: text, shape: { type: 'object' }, meta: { type: 'object' } }), path),
  contract('book/align', path, path),
  contract('book/toc', path, object({ path: text, chapters: { type: 'array', items: text } })),
  contract('book/toc-count', path, object({ issues })),
  contract('book/validate-rules', path, object({ method: { const: 'rules' }, issues })),
  contract('book/report', object({ done: { collection: true }, failed: { collection: true } }), path),
];
