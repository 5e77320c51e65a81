/**
 * Every premise of a folder of JSON lines as a story by the offline model, in every length:
 * `node bench/stories.ts [folder]`. Says how many ended as they must, with what, and in how long.
 */

import { readdirSync, readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { agentModule, offlineModel } from '@scriptorium/agents';
import { coreHandlers, openEngine } from '@scriptorium/engine';
import { compileFlow, createContracts } from '@scriptorium/flow';
import { storiesFlow } from '@scriptorium/stories';

const folder = process.argv[2] ?? '../shared/corpus/prompts';
const premises = readdirSync(folder)
  .filter((name) => name.endsWith('.jsonl'))
  .flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n'))
  .map((line) => (JSON.parse(line) as { readonly value: string }).value);

const agents = agentModule({ env: {}, models: {}, own: [offlineModel] });
const callables = new Map([...coreHandlers, ...agents.handlers, ...storiesFlow.module.handlers].map((one) => [one.name, one]));
const read = (path: string): { readonly file: string; readonly source: string } => ({
  file: path,
  source: readFileSync(join(dirname(storiesFlow.file), path), 'utf8'),
});
const { flow } = compileFlow(readFileSync(storiesFlow.file, 'utf8'), { file: 'stories.flow.yaml', callables, read });
if (flow === null) throw new Error('the flow does not compile');

const home = mkdtempSync(join(tmpdir(), 'scriptorium-stories-'));
const engine = await openEngine({
  home: join(home, 'store'),
  modules: [agents, storiesFlow.module],
  contracts: createContracts(),
  env: {},
});
const more = {
  model: ['offline'],
  cheaper: ['offline'],
  approvals: 'none',
  late: 'accept',
  spent: 'degrade',
  target: 8,
  seed: 1,
  chapters: 8,
};
const options = { mode: 'flexible', test: false, dryRun: false, limit: null, out: join(home, 'out'), fresh: false, modules: [] } as const;
const startedAt = performance.now();
let [ended, words, calls, all] = [0, 0, 0, 0];
try {
  for (const length of ['flash', 'short', 'chapters'])
    for (const premise of premises) {
      const run = await engine.start({ flow, input: { ...more, premise, length }, options, by: 'bench' });
      for await (const summary of engine.watch(run, { everyMs: 50 })) {
        if (summary.endedAt === null) continue;
        all += 1;
        ended += summary.status === 'succeeded' ? 1 : 0;
        words += (summary.output as { readonly words?: number } | null)?.words ?? 0;
        calls += summary.progress.usage.used.calls ?? 0;
        if (summary.error !== null) console.error(summary.error.code, summary.error.message);
        break;
      }
    }
} finally {
  await engine.stop();
  rmSync(home, { recursive: true });
}
const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
console.log(`${ended} of ${all} stories ended (${premises.length} premises) · ${words} words · ${calls} calls · ${seconds} s`);
if (ended < all) process.exitCode = 1;
