/** A flow whose steps do nothing, so that a measurement shows the engine alone. */

import { defineHandler } from '@scriptorium/core';
import type { Flow, Handler, HandlerModule } from '@scriptorium/core';
import { compileFlow } from '@scriptorium/flow';

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

export const benchModule: HandlerModule = { url: import.meta.url, handlers };

const source = `
flow: bench/noop
version: "1.0.0"
input: { count: { type: integer }, workers: { type: integer } }
steps:
  list: { uses: bench/list, with: { count: "\${ input.count }" } }
  work:
    each: { in: "\${ list }", as: n, workers: "\${ input.workers }" }
    uses: bench/noop
    with: { n: "\${ n }" }
output: \${ work.ok.size() }
`;

export function compileBench(): Flow {
  const { flow, diagnostics } = compileFlow(source, {
    file: 'bench.flow.yaml',
    callables: new Map(handlers.map((handler) => [handler.name, handler])),
  });
  if (flow === null) throw new Error(JSON.stringify(diagnostics));
  return flow;
}
