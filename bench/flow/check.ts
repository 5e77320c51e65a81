/** How long a definition of 500 typed steps takes from source to IR. Run: `node bench/flow/check.ts`. */

import { compileFlow } from '@scriptorium/flow';
import type { Callable } from '@scriptorium/flow';

const STEPS = 500;
const ROUNDS = 20;

const record = {
  type: 'object',
  required: ['path', 'notes'],
  properties: { path: { type: 'string' }, notes: { type: 'array', items: { type: 'string' } } },
};
const work: Callable = {
  name: 'bench/work',
  version: '1.0.0',
  input: {
    type: 'object',
    required: ['path', 'notes', 'depth'],
    properties: { ...record.properties, depth: { type: 'integer' } },
    additionalProperties: false,
  },
  output: record,
  effects: 'none',
  errors: [],
};

const steps = Array.from({ length: STEPS }, (_, i) => {
  const path = i === 0 ? '${ input.folder }' : `\${ s${i - 1}.path + "/" + string(${i}) }`;
  const notes = i < 2 ? '${ ["first"] }' : `\${ s${i - 1}.notes.filter(n, n != "x") + s${i - 2}.notes }`;
  return `  s${i}:\n    uses: bench/work\n    timeout: 2m\n    retry: { max: 2, errors: [io] }\n    with:\n      path: ${path}\n      notes: ${notes}\n      depth: ${i % 7}\n`;
});
const source = `flow: bench/steps\nversion: "1.0.0"\ninput: { folder: { type: string } }\nsteps:\n${steps.join('')}output: \${ s${STEPS - 1}.path }\n`;
const callables = new Map([[work.name, work]]);

const times = Array.from({ length: ROUNDS }, () => {
  const start = performance.now();
  const { flow, diagnostics } = compileFlow(source, { file: 'bench.flow.yaml', callables });
  if (flow === null) {
    throw new Error(diagnostics.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  }
  return performance.now() - start;
});
const sorted = times.toSorted((a, b) => a - b);
const first = times[0] ?? Number.NaN;
const median = sorted[Math.floor(ROUNDS / 2)] ?? Number.NaN;
console.log(
  `${STEPS} typed steps, ${(source.length / 1024).toFixed(0)} KB: first ${first.toFixed(0)} ms, median ${median.toFixed(0)} ms of ${ROUNDS} (to reach: under 200 ms)`,
);
