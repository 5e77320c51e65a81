/**
 * `npm run bench -- cancelling [runs]`: how long it takes from asking for the cancel of a run until the model that is
 * answering it has lost its connection. The goal is 100 ms.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentModule } from '@scriptorium/agents';
import { startModelServer } from '@scriptorium/agents/model-server';
import { coreHandlers, openEngine } from '@scriptorium/engine';
import { compileFlow, createContracts } from '@scriptorium/flow';

const [runs = 200] = process.argv.slice(2).map(Number);
const GOAL_MS = 100;
const FLOW = `flow: bench/cancelling
version: "1.0.0"
steps:
  tell: { uses: core/agent, with: { model: house, prompt: "Tell." } }
`;

const server = await startModelServer(() => ({ text: 'and so on '.repeat(10_000), pieceMs: 20 }));
const home = mkdtempSync(join(tmpdir(), 'scriptorium-cancelling-'));
const models = { house: { provider: 'compatible', model: 'm', url: server.url } } as const;
const modules = [agentModule({ env: {}, models, own: [] })];
const callables = new Map([...coreHandlers, ...modules.flatMap(({ handlers }) => handlers)].map((one) => [one.name, one]));
const { flow } = compileFlow(FLOW, { file: 'cancelling.flow.yaml', callables });
if (flow === null) throw new Error('the flow does not compile');
const engine = await openEngine({ home: join(home, 'store'), modules, contracts: createContracts(), env: {} });
const options = { mode: 'flexible', test: false, dryRun: false, limit: null, out: join(home, 'out'), fresh: false, modules: [] } as const;

try {
  const times: number[] = [];
  for (let count = 1; count <= runs; count += 1) {
    const run = await engine.start({ flow, input: {}, options, by: 'bench' });
    await until(() => server.asked.length === count);
    const from = performance.now();
    await Promise.all([engine.cancel(run, 'bench', 'enough'), until(() => server.abandoned() === count)]);
    times.push(performance.now() - from);
  }
  const at = (share: number): number => times.toSorted((a, b) => a - b)[Math.ceil(share * runs) - 1]!;
  const worst = at(1);
  const [p50, p99] = [at(0.5), at(0.99)].map((ms) => ms.toFixed(1));
  console.log(
    `${runs} runs: p50 ${p50} ms, p99 ${p99} ms, at most ${worst.toFixed(1)} ms (goal ${GOAL_MS}${worst <= GOAL_MS ? '' : ', missed'})`,
  );
} finally {
  await engine.stop();
  await server.close();
  rmSync(home, { recursive: true });
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
