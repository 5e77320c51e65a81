/** Handlers as the compiler sees them, for definitions under test. */

import type { JsonObject, LoanedFlow, Schema } from '@scriptorium/core';
import type { Callable } from '../src/index.ts';

const text: Schema = { type: 'string' };
const issues: Schema = {
  type: 'array',
  items: {
    type: 'object',
    required: ['chapter', 'severity', 'text'],
    properties: { chapter: text, severity: { enum: ['error', 'warning'] }, text },
  },
};

function object(properties: JsonObject, optional: readonly string[] = []): Schema {
  return {
    type: 'object',
    required: Object.keys(properties).filter((name) => !optional.includes(name)),
    properties,
    additionalProperties: false,
  };
}

function callable(name: string, input: Schema, output: Schema, more: Partial<Callable> = {}): Callable {
  return { name, version: '1.2.0', input, output, effects: 'none', errors: [], ...more };
}

const all: readonly Callable[] = [
  callable('book/check-catalog', object({ catalog: text }), object({ entries: { type: 'integer' } })),
  callable(
    'book/scan',
    object({ folder: text }),
    object({ books: { type: 'array', items: object({ id: text, path: text, bytes: { type: 'integer' } }) } }),
  ),
  callable('book/topology', object({ path: text }), object({ kind: { enum: ['prose', 'verse'] }, lines: { type: 'integer' } })),
  callable('book/sanity', object({ path: text, catalog: { type: ['string', 'null'] } }), object({ meta: { type: 'object' } }), {
    errors: { not_in_catalog: 'The catalog has no such book.' },
  }),
  callable('book/clean', object({ path: text, shape: { type: 'object' }, meta: { type: 'object' } }), object({ path: text })),
  callable(
    'book/toc',
    object({ path: text, depth: { type: 'integer', minimum: 1, maximum: 6 } }, ['depth']),
    object({ path: text, chapters: { type: 'array', items: text } }),
  ),
  callable('book/toc-count', object({ path: text }), object({ issues })),
  callable('book/validate-rules', object({ path: text }), object({ method: { const: 'rules' }, issues })),
  callable('book/report', object({ done: { collection: true }, failed: { collection: true } }, ['failed']), object({ path: text })),
  callable('store/publish', object({ id: text, tags: { type: 'array', items: text } }, ['tags']), object({ url: text }), {
    effects: 'write',
    errors: ['taken'],
  }),
  callable('store/withdraw', object({ url: text }), true, { effects: 'write' }),
  callable('core/agent', object({ model: text, system: text, prompt: text }, ['system']), true, {
    cost: () => ({ usd: 0.1, tokens: 1_000 }),
    errors: ['agent.refused', 'agent.stalled'],
  }),
  callable('team/worker', object({ prompt: text, tools: true }, ['prompt']), true, {
    effects: 'read',
    flows: [{ name: 'team/own' }],
    lends: ({ tools }) => ({ effects: 'read', flows: (tools as readonly JsonObject[]).map(lentAs) }),
  }),
  callable('core/send', object({ to: text, payload: true }), true, { effects: 'write' }),
  callable('core/request', object({ to: text, payload: true }), true, { effects: 'write' }),
  callable('core/receive', object({ mailbox: text, accepts: true }, ['accepts']), true, { effects: 'write' }),
  callable('core/emit', object({ event: text, data: true }, ['data']), object({ received: { type: 'boolean' } }), {
    effects: 'write',
    errors: ['signal.refused'],
  }),
  callable('core/fail', object({ error: text, message: text }), false),
];

function lentAs({ flow, depth = 1, raises = [] }: JsonObject, index: number): LoanedFlow {
  return { at: `/tools/${index}`, uses: String(flow), depth: Number(depth), raises: raises as readonly string[] };
}

export const callables: ReadonlyMap<string, Callable> = new Map(all.map((each) => [each.name, each]));
