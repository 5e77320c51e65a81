/**
 * Agents with a budget whose process is killed by SIGKILL again and again, in the midst of calls of a service over HTTP
 * that keeps its own ledger: what is asked for is charged as soon as it is asked for.
 */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentModule } from '@scriptorium/agents';
import { startModelServer } from '@scriptorium/agents/model-server';
import { coreHandlers, openEngine } from '@scriptorium/engine';
import { compileFlow, createContracts } from '@scriptorium/flow';
import { diceOf } from '../src/chance.ts';

const PRICE = { input: 10, output: 100 };
const USAGE = { input: 50, output: 150 };
/** Of one call, in dollars. */
const CHARGE = (USAGE.input * PRICE.input + USAGE.output * PRICE.output) / 1_000_000;
const BUDGET = 0.6;

const source = `
flow: sim/killed
version: "1.0.0"
budget: { usd: ${BUDGET} }
limits: { model: { concurrent: 4 } }
steps:
  ask:
    each: { in: "\${ [${Array.from({ length: 80 }, (_, n) => n).join(', ')}] }", as: n, workers: 8, tolerate: 80 }
    uses: core/agent
    limit: model
    with: { model: house, prompt: "Say anything of \${ n }.", maxOutputTokens: 200 }
output: { ok: "\${ ask.ok.size() }", failed: "\${ ask.failed.size() }" }
`;

export interface Killed {
  readonly kills: number;
  readonly calls: number;
  readonly ok: number;
  readonly charged: number;
  readonly journaled: number;
  readonly budget: number;
}

const [kind, home = '', url = ''] = process.argv.slice(2);
if (process.send !== undefined && kind === 'work') await work();

/** Works on the run until it has ended, whoever began it. */
async function work(): Promise<void> {
  const agents = agentModule({ env: {}, models: { house: { provider: 'compatible', model: 'm', url, price: PRICE } }, own: [] });
  const callables = new Map([...coreHandlers, ...agents.handlers].map((one) => [one.name, one]));
  const { flow } = compileFlow(source, { file: 'killed.flow.yaml', callables });
  if (flow === null) throw new Error('the flow does not compile');
  const engine = await openEngine({ home: join(home, 'store'), modules: [agents], contracts: createContracts(), env: {} });
  const options = { mode: 'flexible', test: false, dryRun: false, limit: null, out: join(home, 'out'), fresh: true, modules: [] } as const;
  const [known] = await engine.list();
  const run = known?.run ?? (await engine.start({ flow, input: {}, options, by: 'sim' }));
  if (known?.status === 'interrupted') await engine.resume(run, 'sim');
  for await (const { endedAt, output, progress } of engine.watch(run, { everyMs: 20 }))
    if (endedAt !== null) process.send?.({ output, usd: progress.usage.used.usd });
  await engine.stop();
  process.disconnect();
}

/** Kills so often, then lets the run come to its end. */
export async function killedRun(seed: number, kills: number): Promise<Killed> {
  const dice = diceOf(seed);
  const folder = mkdtempSync(join(tmpdir(), 'scriptorium-killed-'));
  let calls = 0;
  const server = await startModelServer(() => {
    calls += 1;
    return { text: 'Anything.', usage: USAGE, delayMs: 20 + dice(60) };
  });
  try {
    for (let round = 0; ; round += 1) {
      const child = fork(import.meta.filename, ['work', folder, server.url]);
      const before = calls;
      let ended: { readonly output: { readonly ok: number }; readonly usd: number } | null = null;
      child.on('message', (message) => void (ended = message as typeof ended));
      // What it told last may come after its end.
      const closed = Promise.all([once(child, 'exit'), once(child, 'disconnect')]);
      if (round < kills) {
        // Only once it has got somewhere: a process that is killed while it starts shows nothing.
        const wanted = before + 1 + dice(5);
        while (calls < wanted && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 2));
        child.kill('SIGKILL');
      }
      await closed;
      const end = ended as { readonly output: { readonly ok: number }; readonly usd: number } | null;
      if (end !== null) return { kills: round, calls, ok: end.output.ok, charged: calls * CHARGE, journaled: end.usd, budget: BUDGET };
      if (round > kills) throw new Error('the run did not come to its end');
    }
  } finally {
    await server.close();
    rmSync(folder, { recursive: true });
  }
}
