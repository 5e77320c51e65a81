/** An engine in a process of its own, for tests that kill it. Arguments: a directory, the definition of a flow, its input. */

import { join } from 'node:path';
import { coreHandlers, openEngine } from '@scriptorium/engine';
import { compileFlow, createContracts } from '@scriptorium/flow';
import { handlers } from './handlers.ts';

const [directory = '', source = '', input = '{}'] = process.argv.slice(2);
const engine = await openEngine({
  home: join(directory, 'store'),
  modules: [{ url: new URL('./handlers.ts', import.meta.url).href, handlers }],
  contracts: createContracts(),
  env: { PATH: process.env['PATH'], CANARY: 'canary-of-the-parent' },
});
const [interrupted] = await engine.list({ status: 'interrupted' });
let run = interrupted?.run;
if (run === undefined) {
  const callables = new Map([...coreHandlers, ...handlers].map((handler) => [handler.name, handler]));
  const { flow, diagnostics } = compileFlow(source, { file: 'mis.flow.yaml', callables });
  if (flow === null) throw new Error(JSON.stringify(diagnostics));
  const out = join(directory, 'out');
  const options = { mode: 'best_effort', test: false, dryRun: false, limit: null, out, fresh: false, modules: [] } as const;
  run = await engine.start({ flow, input: JSON.parse(input) as Record<string, never>, options, by: 'test' });
} else await engine.resume(run, 'test');
for await (const { status, output } of engine.watch(run, { everyMs: 50 }))
  if (status === 'succeeded' || status === 'failed') process.stdout.write(`${JSON.stringify({ status, output })}\n`);
// What a handler has left behind has its time.
await new Promise((resolve) => setTimeout(resolve, 100));
process.stdout.write('alive\n');
await engine.stop();
