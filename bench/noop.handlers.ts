/** Handlers that do nothing, so that a measurement shows the engine alone. */

import { defineHandler } from '@scriptorium/core';
import type { Handler } from '@scriptorium/core';

export const handlers: readonly Handler[] = [
  defineHandler<{ count: number }>({
    name: 'bench/list',
    version: '1.0.0',
    doc: 'The numbers below `count`.',
    input: { type: 'object', required: ['count'], properties: { count: { type: 'integer' } } },
    output: { type: 'array', items: { type: 'integer' } },
    effects: 'none',
    run: ({ count }) => Array.from({ length: count }, (_, index) => index),
  }),
  defineHandler({
    name: 'bench/noop',
    version: '1.0.0',
    doc: 'Returns null.',
    input: true,
    output: { type: 'null' },
    effects: 'none',
    run: () => null,
  }),
];
