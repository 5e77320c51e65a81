/** A flow whose steps do nothing, so that a measurement shows the engine alone. */

import { defineHandler } from '@scriptorium/core';
import type { Flow, Handler, HandlerModule, RunOptions } from '@scriptorium/core';
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

const each = `
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

const three = `
flow: bench/three
version: "1.0.0"
input: { n: { type: integer } }
steps:
  one: { uses: bench/noop, with: { n: "\${ input.n }" } }
  two: { uses: bench/noop, with: { after: "\${ one }" } }
  three: { uses: bench/noop, with: { after: "\${ two }" } }
output: \${ input.n }
`;

const one = `
flow: bench/one
version: "1.0.0"
input: { n: { type: integer } }
steps:
  one: { uses: bench/noop, with: { n: "\${ input.n }" } }
output: \${ input.n }
`;

/** One step. */
export function compileOne(): Flow {
  return compile(one);
}

/** One run with many items. */
export function compileBench(): Flow {
  return compile(each);
}

/** Three steps, one after another. */
export function compileThree(): Flow {
  return compile(three);
}

/** What the journal holds of one run of it: its start, the entered scope, two events a step, and two ends. */
export const EVENTS_OF_THREE = 10;

export function optionsIn(out: string): RunOptions {
  return { mode: 'flexible', test: false, dryRun: false, limit: null, out, fresh: false, modules: [] };
}

export function compile(source: string, extra: readonly Handler[] = []): Flow {
  const callables = new Map([...handlers, ...extra].map((handler) => [handler.name, handler]));
  const { flow, diagnostics } = compileFlow(source, { file: 'bench.flow.yaml', callables });
  if (flow === null) throw new Error(JSON.stringify(diagnostics));
  return flow;
}
